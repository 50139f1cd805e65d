import OnyxGraph
import OnyxTensor

/// The number of elements of a tensor. ONNX: Size (1, 13, 19, 21, 23, 24, 25).
package struct SizeOf: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Size", versions: [1, 13, 19, 21, 23, 24, 25], inputs: [.required("data", "T")], outputs: [.required("size", "T1")],
      types: ["T": .all, "T1": [.int64]]), SizeOf())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    _ = try context.elementType(0)
    guard let shape = try context.shape(0) else { return [Inferred(.int64, [])] }
    return [Inferred(.tensor(.int64, shape: []), value: .dimensions([try shape.product()]))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try Tensor(scalar: Int64(context.input(0).elementCount))]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? { inputs[0].flatMap { try? Tensor(scalar: Int64($0.elementCount)) } }
}
