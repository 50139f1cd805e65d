import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Holds the nodes of a loaded model against the catalog: whether it can be run.
package enum OperatorSupport {
  /// Throws `unsupported` for a newer operator set than the catalog knows, or with every operator that the catalog
  /// lacks.
  package static func check(_ model: ModelGraph) throws(OnyxError) {
    for (domain, known) in StandardOperators.newestOpsets.sorted(by: { $0.key < $1.key }) {
      let needed = model.newestOpset(of: domain)
      guard needed <= known else {
        let name = domain.isEmpty ? "" : " of \(domain)"
        throw .unsupported(
          "The model needs the operator set \(needed)\(name); Onyx knows those up to \(known).",
          remedy: "Export the model with opset \(known)\(name) or older.")
      }
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
        pending += node.bodies
      }
    }
  }
}
