import OnyxGraph
import OnyxTensor

/// activation(Conv(X, W, B) + Z). Made by the optimizer only; domain `onyx`, version 1.
package struct FusedConv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "FusedConv", domain: "onyx", versions: [1],
      inputs: [.required("X", "T"), .required("W", "T"), .optional("B", "T"), .optional("Z", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), FusedConv.init)

  /// Applied last.
  package let activation: FusedActivation
  /// The convolution without activation.
  package let conv: Conv

  package init(activation: FusedActivation, conv: Conv) {
    self.activation = activation
    self.conv = conv
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    activation = try FusedActivation(&attributes)
    conv = try Conv(&attributes)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { try context.inferFused(conv) }
  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] { try context.evaluateFused(conv, activation) }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    conv.multiplyAccumulates(inputs: Array(inputs.prefix(3)), outputs: outputs)
  }
}
