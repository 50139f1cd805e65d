import OnyxGraph
import OnyxTensor

/// What inference needs of a graph whatever its inputs are, found once for many of them.
package final class GraphRules: Sendable {
  /// What a node asks of inference. A class, so that passing one on counts one reference.
  final class Node: Sendable {
    let inputs: [ValueID?]
    let outputs: [ValueID?]
    /// Inputs, and what bodies capture.
    let reads: [ValueID]
    /// Names of values are unique, names of nodes need not be: two nodes must not share symbols.
    let symbolPrefix: String
    let hasBodies: Bool

    init(_ node: OnyxGraph.Node, _ graph: Graph) {
      inputs = node.inputs
      outputs = node.outputs
      reads = node.reads
      symbolPrefix = node.outputs.lazy.compactMap { $0 }.first.map { graph[$0].name } ?? "unk"
      hasBodies = !node.bodies.isEmpty
    }
  }

  package let graph: Graph
  package let operators: [any Operator]
  package let order: [Int]
  let nodes: [Node]
  /// What the graph itself says of its values, constants included.
  let values: [Inferred?]

  /// `operators` are those of the nodes. Throws `invalidModel` for a graph with a cycle.
  package init(_ graph: Graph, operators: [any Operator]) throws(OnyxError) {
    self.graph = graph
    self.operators = operators
    order = try graph.topologicalOrder()
    nodes = graph.nodes.map { Node($0, graph) }
    values = Self.values(graph)
  }

  /// What is known of the values of a graph before any rule.
  static func values(_ graph: Graph) -> [Inferred?] {
    // What a model says of the extents inside sequences and optionals is checked by nobody.
    var values = graph.values.map { $0.type.map { Inferred($0.elementType == nil ? ValueType($0.kind) : $0) } }
    let isInput = Set(graph.inputs)
    for (id, tensor) in graph.initializers where !isInput.contains(id) { values[id.index] = Inferred(constant: tensor) }
    return values
  }
}
