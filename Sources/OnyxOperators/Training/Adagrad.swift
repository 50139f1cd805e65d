import OnyxGraph
import OnyxTensor

/// One update by the gradient over the root of the summed squares of all gradients. ONNX: Adagrad (ai.onnx.preview.training 1).
///
/// Inputs: rate, number of updates, tensors, gradients, sums of squares; outputs: tensors, sums. Duchi, Hazan, Singer: Adaptive Subgradient
/// Methods for Online Learning and Stochastic Optimization, JMLR 12 (2011).
package struct Adagrad: TensorOperator {
  static let definition = OperatorDefinition(TrainingInputs.signature("Adagrad"), Adagrad.init)

  private let decay, epsilon, norm: Double

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    decay = Double(try attributes.float("decay_factor", default: 0))
    epsilon = Double(try attributes.float("epsilon", default: 1e-6))
    norm = Double(try attributes.float("norm_coefficient", default: 0))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { try TrainingInputs.infer(context, states: 1) }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    try TrainingInputs.update(context, states: 1) { rate, updates in
      let adjusted = rate / (1 + updates * decay)
      return { element in
        let gradient = norm * element.x + element.gradient
        element.first += gradient * gradient
        element.x -= adjusted * gradient / (element.first.squareRoot() + epsilon)
      }
    }
  }
}
