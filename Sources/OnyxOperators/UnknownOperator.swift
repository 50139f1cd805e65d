import OnyxGraph
import OnyxTensor

/// What stands for an operator that Onyx lacks in a graph that is only looked at. It costs nothing and tells nothing.
struct UnknownOperator: TensorOperator {
  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { throw .bug("The types of an unknown operator were asked for.") }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] { throw .bug("An unknown operator was run.") }
}

extension Catalog {
  /// The operator of a node as `make` gives it; `unsupported` also for a node of a newer standard than the catalog's, whose rules
  /// nobody here knows.
  static func makeCurrent(_ node: Node) throws(OnyxError) -> any Operator {
    if let newest = newestOpset(of: node.op.domain), node.opset > newest {
      throw OnyxError.unsupported("The operator \(node.op) follows opset \(node.opset); Onyx knows those up to \(newest).").at(
        node: node.label)
    }
    return try make(node)
  }
}
