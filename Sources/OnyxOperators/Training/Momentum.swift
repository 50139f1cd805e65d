import OnyxGraph
import OnyxTensor

/// One update by the gradient with momentum, the standard one or Nesterov's. ONNX: Momentum (ai.onnx.preview.training 1).
///
/// Inputs: rate, number of updates, tensors, gradients, momenta; outputs: tensors, momenta.
package struct Momentum: TensorOperator {
  static let definition = OperatorDefinition(TrainingInputs.signature("Momentum"), Momentum.init)

  /// Which momentum.
  package enum Mode: String, CaseIterable, Sendable { case standard, nesterov }

  /// Which momentum.
  package let mode: Mode
  private let alpha, beta, norm: Double

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    alpha = Double(try attributes.required("alpha", try attributes.float("alpha")))
    beta = Double(try attributes.required("beta", try attributes.float("beta")))
    mode = try attributes.choice("mode")
    norm = Double(try attributes.required("norm_coefficient", try attributes.float("norm_coefficient")))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { try TrainingInputs.infer(context, states: 1) }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    try TrainingInputs.update(context, states: 1) { rate, updates in
      // The first update takes the whole gradient.
      let adjusted = updates > 0 ? beta : 1
      return { element in
        let gradient = norm * element.x + element.gradient
        element.first = alpha * element.first + adjusted * gradient
        element.x -= rate * (mode == .nesterov ? gradient + alpha * element.first : element.first)
      }
    }
  }
}
