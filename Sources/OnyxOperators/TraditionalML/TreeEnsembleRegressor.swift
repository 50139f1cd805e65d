import OnyxGraph
import OnyxTensor

/// The aggregated votes of decision trees for each target. ONNX: TreeEnsembleRegressor (ai.onnx.ml 1, 3; deprecated in 5, where
/// TreeEnsemble takes its place, but written by all converters).
///
/// [N,F] → [N,targets], or [F] as one row. A missing feature (NaN) takes the branch that `nodes_missing_value_tracks_true` says, also
/// where the mode is BRANCH_NEQ, unlike in ONNX Runtime.
package struct TreeEnsembleRegressor: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "TreeEnsembleRegressor", domain: TraditionalML.domain, versions: [1, 3], inputs: [.required("X", "T")],
      outputs: [.required("Y", "float32")], types: ["T": .features]), TreeEnsembleRegressor.init)

  /// The checked trees.
  package let trees: TreeTable
  /// How the votes for a target are joined.
  package let aggregation: TreeAggregation
  /// Added to each target after that; empty for 0.
  package let base: [Double]
  /// What becomes of the sums.
  package let transform: PostTransform

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let nodes = try TreeNodes(&attributes, votesFor: "target")
    let targets = try attributes.int("n_targets") ?? 1
    aggregation = try attributes.choice("aggregate_function", default: .sum)
    transform = try attributes.choice("post_transform", default: .none)
    base = nodes.base
    guard targets >= 1 else { throw .invalid("The attribute 'n_targets' is \(targets).") }
    guard base.isEmpty || base.count == targets else { throw .invalid("There are \(base.count) base values for \(targets) targets.") }
    var forest = nodes.forest
    forest.targets = targets
    trees = try TreeTable(forest)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try trees.check(context)
    return [Inferred(.float32, try [FeatureMatrix.rows(context), Dimension(trees.targets)].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    var scores = try trees.scores(of: x, aggregation, base: base)
    transform.apply(&scores, rowsOf: trees.targets)
    return [try .float32(scores, context.shape())]
  }
}

extension TreeTable {
  /// Throws `invalidModel` when the samples are known to have too few features.
  func check(_ context: InferenceContext) throws(OnyxError) {
    if let count = try context.shape(0)?.last?.known { try check(features: count) }
  }
}
