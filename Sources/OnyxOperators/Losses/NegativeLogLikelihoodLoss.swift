import OnyxGraph
import OnyxTensor

/// The loss of labels for logarithms of probabilities. ONNX: NegativeLogLikelihoodLoss (12, 13, 22).
///
/// A label outside the classes is an error unless it is the ignored one.
package struct NegativeLogLikelihoodLoss: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "NegativeLogLikelihoodLoss", versions: [12, 13, 22],
      inputs: [.required("input", "T"), .required("target", "Tind"), .optional("weight", "T")], outputs: [.required("loss", "T")],
      types: ["T": .floats, "Tind": .indices]), NegativeLogLikelihoodLoss.init)

  /// Reduction and ignored label.
  package let loss: ClassLoss

  init(_ attributes: inout AttributeReader) throws(OnyxError) { loss = try ClassLoss(&attributes) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [try context.tensor(0).resized(try loss.shape(context))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try loss.evaluate(context.input(0).doubles(), context)]
  }
}
