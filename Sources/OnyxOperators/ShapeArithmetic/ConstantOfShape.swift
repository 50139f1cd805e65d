import OnyxGraph
import OnyxTensor

/// A tensor of a given shape with one value everywhere. ONNX: ConstantOfShape (9, 20, 21, 23, 24, 25).
package struct ConstantOfShape: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ConstantOfShape", versions: [9, 20, 21, 23, 24, 25], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
      types: ["T1": [.int64], "T2": elementTypes]), ConstantOfShape.init)

  private static let elementTypes = Set<ElementType>.all.subtracting(.complexes).subtracting([.string])

  /// The one element of the result.
  package let value: Tensor

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    if let given = try attributes.tensor("value") { value = given } else { value = try Tensor(scalar: Float(0)) }
    guard value.elementCount == 1 else { throw .invalid("The attribute 'value' has \(value.elementCount) elements; it must have one.") }
    guard Self.elementTypes.contains(value.elementType) else {
      throw .invalid("The attribute 'value' is \(value.elementType), which the operator does not allow.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let rank = try context.length(0, "input")
    guard let dimensions = try context.elements(0) else { return [Inferred(value.elementType, rank.flatMap(context.unknowns))] }
    let type = ValueType.tensor(value.elementType, shape: try dimensions.checked())
    guard let shape = type.knownShape, shape.elementCount <= KnownValue.largestElementCount else { return [Inferred(type)] }
    return [Inferred(type, value: .tensor(try value.filling(shape)))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try value.filling(try context.shape())]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? {
    guard let extents = inputs[0]?.smallInts, inputs[0]?.shape.rank == 1, let shape = try? Shape(extents),
      shape.elementCount <= SmallResult.largestElementCount
    else { return nil }
    return try? value.filling(shape)
  }
}
