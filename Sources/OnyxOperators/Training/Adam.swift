import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One update by the running mean of the gradients over the root of that of their squares. ONNX: Adam (ai.onnx.preview.training 1).
///
/// Inputs: rate, number of updates, tensors, gradients, means, means of squares; outputs: tensors, means, means of squares. Kingma, Ba:
/// Adam: A Method for Stochastic Optimization (2014).
package struct Adam: TensorOperator {
  static let definition = OperatorDefinition(TrainingInputs.signature("Adam"), Adam.init)

  private let alpha, beta, epsilon, norm, normAfter: Double

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    alpha = Double(try attributes.float("alpha", default: 0.9))
    beta = Double(try attributes.float("beta", default: 0.999))
    epsilon = Double(try attributes.float("epsilon", default: 1e-6))
    norm = Double(try attributes.float("norm_coefficient", default: 0))
    normAfter = Double(try attributes.float("norm_coefficient_post", default: 0))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { try TrainingInputs.infer(context, states: 2) }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    try TrainingInputs.update(context, states: 2) { rate, updates in
      let adjusted = updates > 0 ? rate * (1 - pow(beta, updates)).squareRoot() / (1 - pow(alpha, updates)) : rate
      return { element in
        let gradient = norm * element.x + element.gradient
        element.first = alpha * element.first + (1 - alpha) * gradient
        element.second = beta * element.second + (1 - beta) * gradient * gradient
        element.x = (1 - normAfter) * (element.x - adjusted * element.first / (element.second.squareRoot() + epsilon))
      }
    }
  }
}
