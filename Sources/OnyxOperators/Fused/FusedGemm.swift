import OnyxGraph
import OnyxTensor

/// activation(Gemm(A, B, C) + Z). Made by the optimizer only; domain `onyx`, version 1.
package struct FusedGemm: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "FusedGemm", domain: "onyx", versions: [1],
      inputs: [.required("A", "T"), .required("B", "T"), .optional("C", "T"), .optional("Z", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), FusedGemm.init)

  /// Applied last.
  package let activation: FusedActivation
  /// The product without activation.
  package let gemm: Gemm

  package init(activation: FusedActivation, gemm: Gemm) {
    self.activation = activation
    self.gemm = gemm
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    activation = try FusedActivation(&attributes)
    gemm = try Gemm(&attributes)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { try context.inferFused(gemm) }
  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] { try context.evaluateFused(gemm, activation) }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    gemm.multiplyAccumulates(inputs: Array(inputs.prefix(3)), outputs: outputs)
  }
}
