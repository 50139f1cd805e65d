import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Holds the nodes of a loaded model against the catalog: whether it can be run.
package enum OperatorSupport {
  /// Throws `unsupported` for a newer operator set than the catalog knows, or one such error that lists every operator the catalog
  /// lacks, and `invalidModel` for a node whose inputs or outputs do not fit its operator.
  package static func check(_ model: ModelGraph) throws(OnyxError) {
    guard model.newestStandardOpset <= Catalog.newestOpset else {
      throw .unsupported(
        "The model needs the operator set \(model.newestStandardOpset); Onyx knows those up to \(Catalog.newestOpset).",
        remedy: "Export the model with opset \(Catalog.newestOpset) or older.")
    }
    var missing: Set<OperatorName> = []
    var uses: [OperatorName: OperatorCount] = [:]
    forEachNode(of: model.graph) { node in
      guard Catalog.definition(of: node.op) == nil else { return }
      missing.insert(node.op)
      let count = (uses[node.op]?.count ?? 0) + 1
      uses[node.op] = OperatorCount(op: node.op, opset: node.opset, count: count, example: uses[node.op]?.example ?? node.name)
    }
    guard missing.isEmpty else { throw unsupported(model, missing, uses) }
    try checkArity(model.graph, isMain: true)
  }

  private static func unsupported(_ model: ModelGraph, _ missing: Set<OperatorName>, _ uses: [OperatorName: OperatorCount]) -> OnyxError {
    // The census counts what the file says; the graph counts what inlining made of it.
    let counted = model.census.filter { missing.contains($0.op) }
    let rest = missing.subtracting(counted.map(\.op)).compactMap { uses[$0] }.sorted { $0.op.description < $1.op.description }
    let lines = (counted + rest).map { row in
      let example = row.example.isEmpty ? "" : ", for example node \(row.example)"
      return "\n    \(row.op) (opset \(row.opset)): \(row.count) \(row.count == 1 ? "node" : "nodes")\(example)"
    }
    return .unsupported(
      "The model uses \(missing.count) \(missing.count == 1 ? "operator" : "operators") that Onyx does not have:" + lines.joined(),
      remedy: "Export the model with standard operators, or ask for these to be added.")
  }

  private static func forEachNode(of graph: Graph, _ visit: (Node) -> Void) {
    var pending = [graph]
    while let next = pending.popLast() {
      for node in next.nodes {
        visit(node)
        pending += node.attributes.values.flatMap(\.graphs)
      }
    }
  }

  /// Types are checked where the file cannot be wrong about them: at initializers and at the inputs of the main graph.
  /// Converters leave stale types on the values in between.
  private static func checkArity(_ graph: Graph, isMain: Bool) throws(OnyxError) {
    let inputs = Set(isMain ? graph.inputs : [])
    func certain(_ id: ValueID?) -> ValueType? {
      guard let id else { return nil }
      if let tensor = graph.initializers[id] { return .tensor(tensor.elementType, tensor.shape) }
      return inputs.contains(id) ? graph[id].type : nil
    }
    for node in graph.nodes {
      do throws(OnyxError) {
        try Catalog.definition(of: node.op)?.signature.check(
          inputs: node.inputs.map(certain), isPresent: node.inputs.map { $0 != nil }, outputCount: node.outputs.count)
        for body in node.attributes.values.flatMap(\.graphs) { try checkArity(body, isMain: false) }
      } catch {
        throw error.at(node: node.label, inputTypes: node.inputs.map { certain($0).map { "\($0)" } ?? "-" })
      }
    }
  }
}
