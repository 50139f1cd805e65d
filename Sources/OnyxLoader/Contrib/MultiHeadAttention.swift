import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention of queries, keys and values that are projected already but for their bias.
enum MultiHeadAttention {
  /// Queries, keys and values: [batch, sequence, heads · features], or [batch, heads, sequence, features] of all three.
  private struct Operands {
    var parts: [ValueID]
    let isHeadMajor: Bool
  }

  static func apply(_ t: inout Translation) throws(OnyxError) {
    try t.refuse(input: 8, "past_sequence_length")
    try t.refuse(input: 9, "cache_indirection")
    let heads = try t.attributes.required("num_heads", t.attributes.int("num_heads"))
    guard heads > 0 else { throw .invalid("The number of heads is \(heads); it must be at least 1.") }
    let fill = try t.attributes.float("mask_filter_value", default: -10000)
    let attributes = try t.attentionAttributes(heads: heads)
    let query = try t.input(0)
    let operands = try operands(heads: heads, &t)
    let keys = try t.keyCount(operands.parts[1], axis: operands.isHeadMajor ? 2 : 1, past: t.optional(6))
    let mask = try AttentionMask(indices: t.optional(4), bias: t.optional(5), fill: fill).value(
      batch: t.shape(of: query)?.first, keys: keys, like: query, &t)
    var outputs: [ValueID?] = [t.node.outputs.first ?? nil, t.asked(1), t.asked(2), t.asked(3)]
    if operands.isHeadMajor { outputs[0] = t.intermediate("heads") }
    try t.emit(
      OperatorName("Attention"), operands.parts + [mask, t.optional(6), t.optional(7)], making: outputs,
      operands.isHeadMajor ? "attention" : "", attributes.merging(t.asked(3) == nil ? [:] : scoreAttributes) { $1 })
    guard operands.isHeadMajor, let result = outputs[0] else { return }
    let rows = try t.value("Transpose", [result], "rows", ["perm": .ints([0, 2, 1, 3])])
    try t.result("Reshape", [rows, t.constant([0, 0, -1], "joined")])
  }

  private static let scoreAttributes: [String: Attribute] = ["qk_matmul_output_mode": .int(0)]

  private static func operands(heads: Int, _ t: inout Translation) throws(OnyxError) -> Operands {
    let query = try t.input(0)
    guard let key = t.optional(1) else {
      let parts = try unpacked(query, into: 3, "query", &t)
      return Operands(parts: try biased(parts, &t), isHeadMajor: false)
    }
    guard let value = t.optional(2) else {
      let parts = try unpacked(key, into: 2, "key", &t)
      return Operands(parts: try biased([query] + parts, &t), isHeadMajor: false)
    }
    guard try t.rank(of: key) == 4 else { return Operands(parts: try biased([query, key, value], &t), isHeadMajor: false) }
    guard t.optional(3) == nil else {
      throw .unsupported("A bias together with keys of rank 4 is not supported by \(t.node.op).")
    }
    let split = try t.value("Reshape", [query, t.constant([0, 0, heads, -1], "split")], "query_heads")
    return Operands(
      parts: [try t.value("Transpose", [split], "query", ["perm": .ints([0, 2, 1, 3])]), key, value], isHeadMajor: true)
  }

  /// [batch, sequence, heads, count, features] as `count` tensors [batch, sequence, heads · features].
  private static func unpacked(_ packed: ValueID, into count: Int, _ role: String, _ t: inout Translation) throws(OnyxError) -> [ValueID] {
    guard try t.rank(of: packed) == 5 else {
      throw .invalid("The \(role) has rank \(try t.rank(of: packed)); without a value it must be packed in rank 5.")
    }
    let parts = try t.values("Split", [packed], count: count, "\(role)_part", ["axis": .int(3), "num_outputs": .int(Int64(count))])
    let joined = try t.constant([0, 0, -1], "\(role)_shape")
    var result: [ValueID] = []
    for (index, part) in parts.enumerated() { result.append(try t.value("Reshape", [part, joined], "\(role)_\(index)")) }
    return result
  }

  /// The bias holds one vector for each of the three, of their lengths.
  private static func biased(_ parts: [ValueID], _ t: inout Translation) throws(OnyxError) -> [ValueID] {
    guard let bias = t.optional(3) else { return parts }
    let widths = parts.compactMap { t.shape(of: $0)?.last?.known }
    var pieces: [ValueID]
    if widths.count == 3 {
      pieces = try t.values("Split", [bias, t.constant(widths, "widths")], count: 3, "bias", ["axis": .int(0)])
    } else {
      pieces = try t.values("Split", [bias], count: 3, "bias", ["axis": .int(0), "num_outputs": .int(3)])
    }
    for (index, part) in parts.enumerated() { pieces[index] = try t.value("Add", [part, pieces[index]], "projection_\(index)") }
    return pieces
  }
}
