import OnyxGraph
import OnyxTensor

/// A matrix of the input's shape with ones on diagonal `k`. ONNX: EyeLike (9, 22).
package struct EyeLike: TensorOperator {
  private static let elementTypes = Set<ElementType>.numbers.union([.bool])

  static let definition = OperatorDefinition(
    Signature(
      "EyeLike", versions: [9, 22], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
      types: ["T1": elementTypes, "T2": elementTypes]), EyeLike.init)

  /// Element type of the result; nil: that of the input.
  package let type: ElementType?
  /// The diagonal of ones: 0 is the main one, positive ones lie above.
  package let diagonal: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let type = try attributes.elementType("dtype")
    if let type, !Self.elementTypes.contains(type) {
      throw .invalid("The attribute 'dtype' is \(type), which the operator does not allow.")
    }
    self.type = type
    diagonal = try attributes.int("k", default: 0)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    if let shape, shape.count != 2 { throw .invalid("The input has rank \(shape.count); EyeLike needs rank 2.") }
    let element = try context.elementType(0)
    return [Inferred(type ?? element, shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    try ReferenceMemory.check(shape.elementCount)
    let type = type ?? input.elementType
    let parts: Tensor =
      type.isFloating ? try Tensor(floating: [0, 1], as: type, shape: [2]) : try Tensor(integral: [0, 1], as: type, shape: [2])
    let indices = (0..<shape.elementCount).lazy.map { $0 % shape[1] - $0 / shape[1] == diagonal ? 1 : 0 }
    return [try parts.gathering(indices, shape: shape)]
  }
}
