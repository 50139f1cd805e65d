import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The embedding layer of BERT: rows of three tables are added and normalized.
enum EmbedNormalization {
  static func floating(_ t: inout Translation) throws(OnyxError) {
    let type = try t.attributes.int("mask_index_type", default: 0)
    guard (0...1).contains(type) else { throw .invalid("The attribute 'mask_index_type' is \(type); it must be 0 or 1.") }
    guard (t.optional(1) == nil) == (t.optional(4) == nil) else {
      throw .invalid("Segment ids and the segment embedding must be given together.")
    }
    let ids = try t.input(0)
    let word = try t.value("Gather", [t.input(2), ids], "word")
    let position: ValueID
    if let positions = t.optional(8) {
      position = try t.value("Gather", [t.input(3), positions], "position")
    } else {
      position = try firstRows(of: t.input(3), ids, &t)
    }
    var segment: ValueID?
    if let segments = t.optional(1), let table = t.optional(4) { segment = try t.value("Gather", [table, segments], "segment") }
    try normalize([word, position, segment], scale: t.input(5), bias: t.input(6), sumOutput: 2, &t)
    try maskIndex(ids, mask: t.optional(7), &t)
  }

  /// Tables and parameters are bytes with one scale and zero point each.
  static func quantized(_ t: inout Translation) throws(OnyxError) {
    guard [1, 4, 10, 15].allSatisfy({ (t.optional($0) == nil) == (t.optional(1) == nil) }) else {
      throw .invalid("Segment ids and everything of the segment embedding must be given together.")
    }
    let ids = try t.input(0)
    let word = try dequantized(t.value("Gather", [t.input(2), ids], "word_bytes"), scale: 8, zeroPoint: 13, "word", &t)
    let position = try dequantized(firstRows(of: t.input(3), ids, &t), scale: 9, zeroPoint: 14, "position", &t)
    var segment: ValueID?
    if let segments = t.optional(1), let table = t.optional(4) {
      segment = try dequantized(t.value("Gather", [table, segments], "segment_bytes"), scale: 10, zeroPoint: 15, "segment", &t)
    }
    let scale = try dequantized(t.input(5), scale: 11, zeroPoint: 16, "gamma", &t)
    let bias = try dequantized(t.input(6), scale: 12, zeroPoint: 17, "beta", &t)
    try normalize([word, position, segment], scale: scale, bias: bias, sumOutput: nil, &t)
    try maskIndex(ids, mask: t.optional(7), &t)
  }

  private static func dequantized(
    _ bytes: ValueID, scale: Int, zeroPoint: Int, _ role: String, _ t: inout Translation
  ) throws(OnyxError) -> ValueID {
    try t.value("DequantizeLinear", [bytes, t.input(scale), t.input(zeroPoint)], role)
  }

  /// The rows of the positions 0, 1, … of a sequence.
  private static func firstRows(of table: ValueID, _ ids: ValueID, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let length = try t.value("Shape", [ids], "length", ["start": .int(1), "end": .int(2)])
    let bounds = (try t.constant([0], "start"), try t.constant([0], "axis"))
    return try t.value("Slice", [table, bounds.0, length, bounds.1], "positions")
  }

  private static func normalize(
    _ parts: [ValueID?], scale: ValueID, bias: ValueID, sumOutput: Int?, _ t: inout Translation
  ) throws(OnyxError) {
    let epsilon = try t.attributes.float("epsilon", default: 1e-12)
    let asked = sumOutput.flatMap { t.asked($0) == nil ? nil : $0 }
    let parts = parts.compactMap { $0 }
    var sum = parts[0]
    for (index, part) in parts.enumerated().dropFirst() {
      if let asked, index == parts.count - 1 {
        sum = try t.result(asked, "Add", [sum, part])
      } else {
        sum = try t.value("Add", [sum, part], "sum_\(index)")
      }
    }
    try t.result("LayerNormalization", [sum, scale, bias], ["axis": .int(-1), "epsilon": .float(epsilon)])
  }

  /// Output 1: how many tokens of each sequence the mask lets through; 0 without a mask.
  private static func maskIndex(_ ids: ValueID, mask: ValueID?, _ t: inout Translation) throws(OnyxError) {
    guard t.asked(1) != nil else { return }
    if let mask {
      let one = t.constant(try Tensor(scalar: Int32(1)), "one")
      let kept = try t.value("Equal", [mask, one], "kept")
      let counted = try t.value("Cast", [kept], "counted", ["to": .int(Int64(ElementType.int32.rawValue))])
      try t.result(1, "ReduceSum", [counted, t.constant([1], "mask_axis")], ["keepdims": .int(0)])
    } else {
      let batch = try t.value("Shape", [ids], "batch", ["start": .int(0), "end": .int(1)])
      try t.result(1, "ConstantOfShape", [batch], ["value": .tensor(try Tensor([Int32(0)], shape: [1]))])
    }
  }
}
