import OnyxGraph
import OnyxTensor

/// The input itself: a tensor, sequence or optional. ONNX: Identity (1, 13, 14, 16, 19, 21, 23, 24, 25).
package struct Identity: TensorOperator, ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Identity", versions: [1, 13, 14, 16, 19, 21, 23, 24, 25], inputs: [.required("input", "V")], outputs: [.required("output", "V")],
      types: ["V": .all],
      others: [
        "V": .identityOthers
      ]), Identity())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [try context.input(0)] }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] { [try context.input(0)] }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] { [try context.input(0)] }
}
