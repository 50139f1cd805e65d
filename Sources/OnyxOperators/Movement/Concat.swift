import OnyxGraph
import OnyxTensor

/// Joins tensors along `axis`. ONNX: Concat (1, 4, 11, 13).
package struct Concat: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Concat", versions: [1, 4, 11, 13], inputs: [.variadic("inputs", "T")], outputs: [.required("concat_result", "T")],
      types: ["T": .unpacked]), Concat.init)

  /// The axis along which the inputs follow each other; may count from the end.
  package let axis: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.required("axis", try attributes.int("axis"))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let shapes = context.allShapes() else { return [Inferred(element, nil)] }
    let axis = try Shape.normalize(axis: axis, rank: shapes[0].count)
    var result = shapes[0]
    for shape in shapes.dropFirst() {
      guard shape.count == result.count else { throw .invalid("The inputs of Concat have different ranks.") }
      for index in shape.indices where index != axis {
        try requireEqual(shape[index], result[index], "The inputs differ in axis \(index)")
        if result[index].known == nil && shape[index].known != nil { result[index] = shape[index] }
      }
      result[axis] = try result[axis] + shape[axis]
    }
    let type = ValueType.tensor(element, shape: try result.checked())
    return [Inferred(type, value: try value(context.inputs.compactMap { $0 }, type))]
  }

  /// Vectors of known elements give a vector of known elements; small constants of any type are joined too.
  private func value(_ inputs: [Inferred], _ type: ValueType) throws(OnyxError) -> KnownValue? {
    guard let shape = type.knownShape, shape.rank == 1, shape.elementCount <= KnownValue.largestElementCount else { return nil }
    let parts = inputs.compactMap(\.dimensions)
    if parts.count == inputs.count { return KnownValue(parts.flatMap { $0 }, of: type) }
    let constants = inputs.compactMap(\.constant)
    return constants.count == inputs.count ? .tensor(try Tensor.joined(constants)) : nil
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try .concatenated(context.given, axis: try Shape.normalize(axis: axis, rank: try context.shape().rank))]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? { .joinedSmall(&inputs, axis: axis) }
}
