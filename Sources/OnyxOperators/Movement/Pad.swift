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
    let axes = try axes(data.shape, pads: try context.input(1).ints(), axes: try context.optional(3)?.ints())
    let strides = data.shape.strides
    let indices = AxisSums(shape) { axis, coordinate in axes[axis].source(of: coordinate).map { $0 * strides[axis] } }
    var fill = try Tensor.blank(data.elementType)
    if let value = context.optional(2) { fill = try value.reshaped(to: .scalar) }
    return [try data.gathering(indices, shape: shape, fill: fill)]
  }

  /// What happens to each axis of a tensor of shape `source`. Throws for pads that are out of range, and for modes that repeat elements
  /// where none are left. ONNX: the inputs `pads` and `axes`.
  package func axes(_ source: Shape, pads: [Int], axes: [Int]?) throws(OnyxError) -> [Axis] {
    let listed = try normalize(axes: axes ?? Array(source.indices), rank: source.rank)
    guard pads.count == 2 * listed.count else {
      throw .invalid("\(pads.count) pads are given for \(listed.count) axes; each axis needs two.")
    }
    var result = source.map { Axis(mode: mode, extent: $0, begin: 0, end: 0) }
    for (position, axis) in listed.enumerated() {
      let (begin, end) = (try Self.bounded(pads[position]), try Self.bounded(pads[listed.count + position]))
      // The shape can be known without the pads: they cancel.
      if mode != .constant { try checkSource(source[axis], begin, end, axis) }
      result[axis] = Axis(mode: mode, extent: source[axis], begin: begin, end: end)
    }
    return result
  }

  /// One axis: the elements that are added before and after those of the source, or cut off where the number is negative.
  package struct Axis: Sendable {
    package let mode: Mode
    package let extent: Int
    package let begin, end: Int

    /// The source coordinate of a result coordinate; nil for the constant.
    package func source(of coordinate: Int) -> Int? {
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

    /// The result from a coordinate on, as far as it comes from neighbours.
    package func piece(at coordinate: Int) -> SourcePiece {
      let position = coordinate - begin
      let rest = extent + begin + end - coordinate
      if mode == .constant { return SourcePiece(position, of: extent, rest: rest) }
      let first = max(-begin, 0)
      let count = extent - first - max(-end, 0)
      let offset = position - first
      if count == 1 { return SourcePiece(source: first, step: 0, count: rest) }
      switch mode {
      case .constant: return SourcePiece(source: nil, step: 1, count: rest)
      case .edge:
        if offset < 0 { return SourcePiece(source: first, step: 0, count: min(-offset, rest)) }
        if offset >= count { return SourcePiece(source: first + count - 1, step: 0, count: rest) }
        return SourcePiece(source: first + offset, step: 1, count: min(count - offset, rest))
      case .wrap:
        let place = Self.modulo(offset, count)
        return SourcePiece(source: first + place, step: 1, count: min(count - place, rest))
      case .reflect:
        let period = 2 * (count - 1)
        let place = Self.modulo(offset, period)
        if place < count - 1 { return SourcePiece(source: first + place, step: 1, count: min(count - place, rest)) }
        return SourcePiece(source: first + period - place, step: -1, count: min(period - place, rest))
      }
    }

    private static func modulo(_ value: Int, _ divisor: Int) -> Int {
      let remainder = value % divisor
      return remainder < 0 ? remainder + divisor : remainder
    }
  }
}

/// Results along an axis that come from neighbours of the source.
package struct SourcePiece: Sendable, Equatable {
  /// The source coordinate of the first one; nil for results that are filled.
  package let source: Int?
  /// How far apart the source coordinates are: 1, 0 or −1.
  package let step: Int
  /// How many results they are, at least one.
  package let count: Int
}

extension SourcePiece {
  /// What lies from `position` on, where the source has `extent` elements from 0 on and nothing around them; at most `rest` results.
  init(_ position: Int, of extent: Int, rest: Int) {
    if position < 0 {
      self.init(source: nil, step: 1, count: min(-position, rest))
    } else if position < extent {
      self.init(source: position, step: 1, count: min(extent - position, rest))
    } else {
      self.init(source: nil, step: 1, count: rest)
    }
  }
}
