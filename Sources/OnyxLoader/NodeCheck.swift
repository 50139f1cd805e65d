import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Holds the inputs and outputs of a loaded graph's nodes against their operators.
enum NodeCheck {
  /// Throws `invalidModel` for a node whose inputs or outputs do not fit its operator. What the catalog does not know is passed over.
  static func check(_ graph: Graph) throws(OnyxError) { try check(graph, isMain: true) }

  /// Types are checked where the file cannot be wrong about them: at initializers and at the inputs of the main graph.
  /// Converters leave stale types on the values in between.
  private static func check(_ graph: Graph, isMain: Bool) throws(OnyxError) {
    let inputs = Set(isMain ? graph.inputs : [])
    func certain(_ id: ValueID?) -> ValueType? {
      guard let id else { return nil }
      if let tensor = graph.initializers[id] { return .tensor(tensor.elementType, tensor.shape) }
      return inputs.contains(id) ? graph[id].type : nil
    }
    for node in graph.nodes where node.opset <= Catalog.newestOpset(of: node.op.domain) ?? .max {
      do throws(OnyxError) {
        try Catalog.definition(of: node.op)?.signature.check(
          inputs: node.inputs.map(certain), isPresent: node.inputs.map { $0 != nil }, outputCount: node.outputs.count)
        for body in node.bodies { try check(body, isMain: false) }
      } catch {
        throw error.at(node: node.label, inputTypes: node.inputs.map { certain($0).map { "\($0)" } ?? "-" })
      }
    }
  }
}
