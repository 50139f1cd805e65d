import OnyxGraph
import OnyxTensor

/// Cuts a tensor into parts along `axis`. ONNX: Split (1, 2, 11, 13, 18).
///
/// Without the input `split` the parts are equal, the last one smaller when `num_outputs` does not divide the extent.
package struct Split: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Split", versions: [1, 2, 11, 13, 18], inputs: [.required("input", "T"), .optional("split", "int64")],
      outputs: [.variadic("outputs", "T")], types: ["T": .unpacked]), Split.init)

  /// The axis that is cut; may count from the end.
  package let axis: Int
  /// Number of equal parts; nil: as many as there are outputs.
  package let parts: Int?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let parts = try attributes.int("num_outputs")
    if let parts, parts < 1 || parts < attributes.outputCount {
      throw .invalid("The attribute 'num_outputs' is \(parts), and the node has \(attributes.outputCount) outputs.")
    }
    axis = try attributes.int("axis", default: 0)
    self.parts = parts
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.tensor(0)
    let length = try context.has(1) ? context.length(1, "split") : nil
    if context.has(1) && parts != nil { throw .invalid("Split has both the input 'split' and the attribute 'num_outputs'.") }
    if let length, length < context.outputCount { throw .invalid("Split has \(context.outputCount) outputs and \(length) sizes.") }
    guard let shape = input.shape else {
      return [Inferred](repeating: input.resized(nil), count: context.outputCount)
    }
    let axis = try Shape.normalize(axis: axis, rank: shape.count)
    var offset = Dimension(0)
    var results: [Inferred] = []
    let sizes = try sizes(context, extent: shape[axis])
    for index in 0..<context.outputCount {
      var part = shape
      part[axis] = sizes?[index] ?? context.unknown("\(index)")
      if let start = offset.known {
        results.append(try input.moved(to: part) { (source, result) throws(OnyxError) in Self.indices(source, result, axis, start) })
      } else {
        results.append(input.resized(try part.checked()))
      }
      offset = try offset + part[axis]
    }
    return results
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let axis = try Shape.normalize(axis: axis, rank: input.shape.rank)
    var results: [Tensor] = []
    var start = 0
    for index in context.outputs.indices {
      let shape = try context.shape(index)
      results.append(try input.gathering(Self.indices(input.shape, shape, axis, start), shape: shape))
      start += shape[axis]
    }
    return results
  }

  private static func indices(_ source: Shape, _ result: Shape, _ axis: Int, _ start: Int) -> AxisSums {
    let strides = source.strides
    return AxisSums(result) { ($0 == axis ? $1 + start : $1) * strides[$0] }
  }

  /// One size for each part, at least as many as outputs; nil when unknown.
  private func sizes(_ context: InferenceContext, extent: Dimension) throws(OnyxError) -> [Dimension]? {
    if context.has(1) {
      guard let sizes = try context.elements(1) else { return nil }
      guard sizes.count >= context.outputCount else { throw .invalid("Split has \(context.outputCount) outputs and \(sizes.count) sizes.") }
      var sum = Dimension(0)
      for size in sizes {
        if let size = size.known, size < 0 { throw .invalid("A size of Split is negative: \(sizes).") }
        sum = try sum + size
      }
      try requireEqual(sum, extent, "The sizes of Split do not add up to the extent of the axis")
      return sizes
    }
    let count = parts ?? context.outputCount
    let size = try extent.dividedUp(by: Dimension(count))
    let last = try extent - (size * Dimension(count - 1))
    if let last = last.known, last < 0 { throw .invalid("An axis of \(extent) elements cannot be split into \(count) parts of \(size).") }
    if parts == nil { try requireEqual(last, size, "The axis of \(extent) elements cannot be split into \(count) equal parts") }
    return (0..<context.outputCount).map { $0 == count - 1 ? last : size }
  }
}
