import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention with one projection for queries, keys and values, of floats or of bytes.
enum PackedAttention {
  static func floating(_ t: inout Translation) throws(OnyxError) {
    try t.refuse(input: 6, "past_sequence_length")
    let sizes = try t.attributes.ints("qkv_hidden_sizes", default: [])
    _ = try t.attributes.int("rotary_embedding_dim", default: 0)
    let x = try t.input(0)
    var projection = try t.value("MatMul", [x, t.input(1)], "product")
    if let bias = t.optional(2) { projection = try t.value("Add", [projection, bias], "projection") }
    try attend(projection, of: x, sizes: sizes, mask: t.optional(3), past: t.optional(4), bias: t.optional(5), &t)
  }

  static func quantized(_ t: inout Translation) throws(OnyxError) {
    let x = try t.input(0)
    let product = try QuantizedProducts.scaled(
      x, t.input(1), scales: (t.input(3), t.input(4)), zeroPoints: (t.optional(6), t.optional(7)), &t)
    let projection = try t.value("Add", [product, t.input(2)], "projection")
    try attend(projection, of: x, sizes: [], mask: t.optional(5), past: t.optional(8), bias: nil, &t)
  }

  private static func attend(
    _ projection: ValueID, of x: ValueID, sizes: [Int], mask indices: ValueID?, past: ValueID?, bias: ValueID?, _ t: inout Translation
  ) throws(OnyxError) {
    let heads = try t.attributes.required("num_heads", t.attributes.int("num_heads"))
    try t.refuseFlag("do_rotary")
    try t.refuseFlag("past_present_share_buffer")
    let fill = try t.attributes.float("mask_filter_value", default: -10000)
    let attributes = try t.attentionAttributes(heads: heads)
    var parts: [ValueID]
    if sizes.isEmpty {
      parts = try t.values("Split", [projection], count: 3, "part", ["axis": .int(-1), "num_outputs": .int(3)])
    } else {
      parts = try t.values("Split", [projection, t.constant(sizes, "sizes")], count: 3, "part", ["axis": .int(-1)])
    }
    var caches: [ValueID?] = [nil, nil]
    if let past {
      for index in 0..<2 {
        let position = t.constant(try Tensor(scalar: Int64(index)), "half_\(index)")
        caches[index] = try t.value("Gather", [past, position], index == 0 ? "past_key" : "past_value", ["axis": .int(0)])
      }
    }
    let keys = try t.keyCount(x, past: caches[0])
    let mask = try AttentionMask(indices: indices, bias: bias, fill: fill).value(
      batch: t.shape(of: x)?.first, keys: keys, like: projection, &t)
    let hasPresent = t.asked(1) != nil
    let present = hasPresent ? [t.intermediate("present_key"), t.intermediate("present_value")] : []
    try t.emit(
      OperatorName("Attention"), parts + [mask] + caches, making: [t.node.outputs.first ?? nil] + present, "", attributes)
    guard hasPresent else { return }
    let axis = try t.constant([0], "pair_axis")
    var halves: [ValueID] = []
    for (index, half) in present.enumerated() { halves.append(try t.value("Unsqueeze", [half, axis], "present_\(index)")) }
    try t.result(1, "Concat", halves, ["axis": .int(0)])
  }
}

extension Translation {
  /// The attributes of the standard Attention; reads `scale` and `unidirectional`.
  mutating func attentionAttributes(heads: Int) throws(OnyxError) -> [String: Attribute] {
    var result: [String: Attribute] = ["q_num_heads": .int(Int64(heads)), "kv_num_heads": .int(Int64(heads))]
    let scale = try attributes.float("scale", default: 0)
    if scale != 0 { result["scale"] = .float(scale) }
    if try attributes.flag("unidirectional", default: false) { result["is_causal"] = .int(1) }
    return result
  }

  /// The number of keys as an int64 vector of one element: axis 1 of `x` and axis 2 of the cache.
  mutating func keyCount(_ x: ValueID, axis: Int = 1, past: ValueID?) throws(OnyxError) -> ValueID {
    let new = try value("Shape", [x], "new_keys", ["start": .int(Int64(axis)), "end": .int(Int64(axis + 1))])
    guard let past else { return new }
    let old = try value("Shape", [past], "old_keys", ["start": .int(2), "end": .int(3)])
    return try value("Add", [old, new], "all_keys")
  }
}
