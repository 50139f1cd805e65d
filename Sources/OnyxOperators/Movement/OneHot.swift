import OnyxGraph
import OnyxTensor

/// A new axis of extent `depth` with the on-value where the index says, the off-value elsewhere. ONNX: OneHot (9, 11, 28).
package struct OneHot: TensorOperator {
  private static let numbers = Set<ElementType>.numbers.subtracting([.bfloat16])

  static let definition = OperatorDefinition(
    Signature(
      "OneHot", versions: [9, 11, 28], inputs: [.required("indices", "T1"), .required("depth", "T2"), .required("values", "T3")],
      outputs: [.required("output", "T3")], types: ["T1": numbers, "T2": numbers, "T3": .unpacked]), OneHot.init)

  /// Where the new axis stands in the result; may count from the end.
  package let axis: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: -1)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(2)
    if let count = try context.length(1, "depth"), count != 1 {
      throw .invalid("The input 'depth' has \(count) elements; it must have one.")
    }
    if let count = try context.length(2, "values"), count != 2 {
      throw .invalid("The input 'values' has \(count) elements; it must have two.")
    }
    guard let shape = try context.shape(0) else { return [Inferred(element, nil)] }
    let axis = try Shape.normalize(axis: axis, rank: shape.count + 1)
    let depth = try depth(context)
    if let depth = depth.known, depth < 0 { throw .invalid("The depth \(depth) is negative.") }
    return [Inferred(element, try (shape[..<axis] + [depth] + shape[axis...]).map { $0 }.checked())]
  }

  private func depth(_ context: InferenceContext) throws(OnyxError) -> Dimension {
    if let depth = try context.input(1).dimensions?.first { return depth }
    guard let constant = try context.input(1).constant else { return context.unknown("depth") }
    guard let depth = try Self.integers(constant).first, let depth else { throw .invalid("The depth is no integer of 64 bits.") }
    return Dimension(depth)
  }

  /// The elements as integers, floats truncated; nil for those that do not fit.
  private static func integers(_ tensor: Tensor) throws(OnyxError) -> [Int?] {
    if tensor.elementType.isFloating { return try tensor.doubles().map { Int(exactly: $0.rounded(.towardZero)) } }
    let isUnsigned = tensor.elementType == .uint64
    return try tensor.integers().map { isUnsigned && $0 < 0 ? nil : Int($0) }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    let values = try context.input(2)
    guard shape.elementCount > 0 else { return [try .empty(values.elementType, shape)] }
    let indices = try Self.integers(try context.input(0))
    let axis = try Shape.normalize(axis: axis, rank: shape.rank)
    let depth = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, *)
    try ReferenceMemory.check(shape.elementCount)
    let picks = (0..<shape.elementCount).lazy.map { position in
      let index = indices[position / (depth * inner) * inner + position % inner]
      let coordinate = position / inner % depth
      return index == coordinate || index == coordinate - depth ? 1 : 0
    }
    return [try values.gathering(picks, shape: shape)]
  }
}
