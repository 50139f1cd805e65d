import OnyxGraph
import OnyxTensor

/// Sums of features times coefficients, for each target. ONNX: LinearRegressor (ai.onnx.ml 1).
///
/// [N,F] → [N,targets]; [F] counts as one row. Computed in `Double` and rounded once.
package struct LinearRegressor: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "LinearRegressor", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "float32")],
      types: ["T": .features]), LinearRegressor.init)

  /// The number of results for each sample.
  package let targets: Int
  /// The coefficients.
  package let model: LinearModel
  /// What becomes of the sums.
  package let transform: PostTransform

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    model = LinearModel(try attributes.floats("coefficients") ?? [], try attributes.floats("intercepts") ?? [])
    targets = try attributes.int("targets", default: 1)
    transform = try attributes.choice("post_transform", default: .none)
    guard targets >= 1 else { throw .invalid("The attribute 'targets' is \(targets).") }
    guard model.intercepts.isEmpty || model.intercepts.count == targets else {
      throw .invalid("There are \(model.intercepts.count) intercepts for \(targets) targets.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [Inferred(.float32, try [FeatureMatrix.rows(context), Dimension(targets)].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    var scores = try model.scores(context.input(0), outputs: targets)
    transform.apply(&scores, rowsOf: targets)
    return [try .float32(scores, context.shape())]
  }
}
