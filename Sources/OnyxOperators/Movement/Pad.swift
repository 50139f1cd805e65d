import OnyxGraph
import OnyxTensor

/// Adds elements around a tensor, or removes them where a pad is negative. ONNX: Pad (1, 2, 11, 13, 18, 19, 21, 23, 24, 25).
///
/// Negative pads crop first; what is reflected, repeated or wrapped is the cropped tensor.
package struct Pad: TensorOperator {
  /// The attribute `mode`.
  package enum Mode: String, CaseIterable, Sendable { case constant, reflect, edge, wrap }

  static let definition = OperatorDefinition(
    Signature(
      "Pad", versions: [1, 2, 11, 13, 18, 19, 21, 23, 24, 25],
      inputs: [.required("data", "T"), .required("pads", "int64"), .optional("constant_value", "T"), .optional("axes", "Tind")],
      outputs: [.required("output", "T")], types: ["T": .all, "Tind": .indices]), Pad.init)

  /// What the added elements are.
  package let mode: Mode

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    mode = try attributes.choice("mode", default: .constant)
  }

  /// Larger pads than this are no pads but mistakes; it keeps sums of pads and coordinates inside 64 bits.
  private static let largest = 1 << 60

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    if let value = context.optional(2)?.shape, let count = try value.product().known, count != 1 {
      throw .invalid("The input 'constant_value' has \(count) elements; it must have one.")
    }
    let length = try context.length(1, "pads")
    guard let shape = try context.shape(0) else { return [Inferred(element, nil)] }
    var axes = Array(shape.indices)
    if context.has(3) {
      guard let given = try context.ints(3) else { return [Inferred(element, context.unknowns(shape.count))] }
      axes = try normalize(axes: given, rank: shape.count)
    }
    if let length, length != 2 * axes.count { throw .invalid("\(length) pads are given for \(axes.count) axes; each axis needs two.") }
    guard let pads = try context.elements(1) else {
      return [Inferred(element, shape.indices.map { axes.contains($0) ? context.unknown("\($0)") : shape[$0] })]
    }
    var result = shape
    for (position, axis) in axes.enumerated() {
      let begin = pads[position]
      let end = pads[axes.count + position]
      result[axis] = try shape[axis] + begin + end
      if mode != .constant, let extent = shape[axis].known, let begin = begin.known, let end = end.known {
        try checkSource(extent, try Self.bounded(begin), try Self.bounded(end), axis)
      }
    }
    return [Inferred(element, try result.checked())]
  }

  private static func bounded(_ pad: Int) throws(OnyxError) -> Int {
    guard pad.magnitude <= largest else { throw .invalid("A pad of \(pad) elements is out of range.") }
    return pad
  }

  /// Modes that repeat elements need one that is left after cropping.
  private func checkSource(_ extent: Int, _ begin: Int, _ end: Int, _ axis: Int) throws(OnyxError) {
    if extent + begin + end > 0 && extent + min(begin, 0) + min(end, 0) < 1 {
      throw .invalid("Axis \(axis) has no elements left to pad with in the mode '\(mode)'.")
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let shape = try context.shape()
    let source = data.shape
    let pads = try context.input(1).ints()
    let axes = try normalize(axes: try context.optional(3)?.ints() ?? Array(source.indices), rank: source.rank)
    var begin = [Int](repeating: 0, count: source.rank)
    var end = begin
    for (position, axis) in axes.enumerated() {
      begin[axis] = try Self.bounded(pads[position])
      end[axis] = try Self.bounded(pads[axes.count + position])
      // The shape can be known without the pads: they cancel.
      if mode != .constant { try checkSource(source[axis], begin[axis], end[axis], axis) }
    }
    let strides = source.strides
    let indices = try IndexMap.sums(shape) { axis, coordinate in
      self.coordinate(coordinate, extent: source[axis], begin[axis], end[axis]).map { $0 * strides[axis] }
    }
    var fill = try Tensor.blank(data.elementType)
    if let value = context.optional(2) { fill = try value.reshaped(to: .scalar) }
    return [try data.gathering(indices, shape: shape, fill: fill)]
  }

  /// The source coordinate of a result coordinate; nil for the constant.
  private func coordinate(_ coordinate: Int, extent: Int, _ begin: Int, _ end: Int) -> Int? {
    let position = coordinate - begin
    if mode == .constant { return position >= 0 && position < extent ? position : nil }
    let first = max(-begin, 0)
    let count = extent - first - max(-end, 0)
    let offset = position - first
    switch mode {
    case .constant: return nil
    case .edge: return first + min(max(offset, 0), count - 1)
    case .wrap: return first + Self.modulo(offset, count)
    case .reflect:
      let period = max(2 * (count - 1), 1)
      let folded = Self.modulo(offset, period)
      return first + (folded < count ? folded : period - folded)
    }
  }

  private static func modulo(_ value: Int, _ divisor: Int) -> Int {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}
