import OnyxGraph
import OnyxOperators
import OnyxTensor

/// How other operators say what one operator of ONNX Runtime's domain `com.microsoft` means. What they are, facts of their schemas
/// included, is told by ONNX Runtime's ContribOperators.md.
struct ContribOperator: Sendable {
  let op: OperatorName
  /// How many inputs a node may have, omitted ones in between included.
  let inputs: ClosedRange<Int>
  let outputs: ClosedRange<Int>
  /// Emits the nodes that stand for the current one; each of its outputs that is asked for is made once.
  let apply: @Sendable (inout Translation) throws(OnyxError) -> Void

  init(
    _ name: String, domain: String = "com.microsoft", inputs: ClosedRange<Int>, outputs: ClosedRange<Int> = 1...1,
    _ apply: @escaping @Sendable (inout Translation) throws(OnyxError) -> Void
  ) {
    op = OperatorName(name, domain: domain)
    self.inputs = inputs
    self.outputs = outputs
    self.apply = apply
  }

  /// The row of an operator; nil when it needs none.
  static func row(for op: OperatorName) -> ContribOperator? { byName[op] }

  private static let byName = Dictionary(table.map { ($0.op, $0) }, uniquingKeysWith: { first, _ in first })

  /// Throws `invalidModel` for a node with too few or too many inputs or outputs.
  func checkCounts(_ node: Node) throws(OnyxError) {
    for (count, allowed, what) in [(node.inputs.count, inputs, "inputs"), (node.outputs.count, outputs, "outputs")]
    where !allowed.contains(count) {
      let range = allowed.count == 1 ? "\(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
      throw .invalid("The node has \(count) \(what); the operator takes \(range).")
    }
  }
}

/// The translation of a whole graph.
package enum ContribOperators {
  /// The operators that the loader translates.
  package static let names = ContribOperator.table.map(\.op)

  /// The graph without the operators of `names`, bodies included; standard nodes must have today's form. Other nodes stay as they are,
  /// and so does a graph that has none of these.
  ///
  /// Throws `invalidModel` for a node that breaks its operator's rules, `unsupported` for a form that Onyx lacks and `budgetExceeded`
  /// when derivatives make too many nodes, each with the node. Complexity: O(nodes), those that are made included.
  package static func translate(
    _ graph: Graph, budget: ExpansionBudget = ExpansionBudget(LoadOptions())
  ) throws(OnyxError) -> Graph {
    needsTranslation(graph) ? try translate(graph, captured: [:], depth: 0, budget) : graph
  }

  private static func needsTranslation(_ graph: Graph) -> Bool {
    graph.nodes.contains { node in
      ContribOperator.row(for: node.op) != nil || node.attributes.values.contains { $0.graphs.contains(where: needsTranslation) }
    }
  }

  /// `captured` is what is known of the values of the enclosing graph that the graph reads.
  private static func translate(
    _ graph: Graph, captured: [ValueID: Inferred], depth: Int, _ budget: ExpansionBudget
  ) throws(OnyxError) -> Graph {
    var translation = try Translation(graph, captured: captured, depth: depth, budget: budget)
    for index in translation.order {
      var node = graph.nodes[index]
      do throws(OnyxError) {
        for (name, attribute) in node.attributes where !attribute.graphs.isEmpty {
          node.attributes[name] = try translate(bodies: attribute, translation, budget)
        }
        if let row = ContribOperator.row(for: node.op) {
          try row.checkCounts(node)
          translation.begin(node)
          try row.apply(&translation)
          try translation.attributes.finish()
        } else {
          translation.pass(node)
        }
      } catch { throw error.at(node: node.label) }
    }
    return translation.finish()
  }

  private static func translate(
    bodies: Attribute, _ outer: Translation, _ budget: ExpansionBudget
  ) throws(OnyxError) -> Attribute {
    var translated: [Graph] = []
    for body in bodies.graphs {
      var captured: [ValueID: Inferred] = [:]
      for capture in body.captures { captured[capture.inner] = outer.inferred(capture.outer)?.seenFromBody }
      translated.append(try translate(body, captured: captured, depth: outer.depth + 1, budget))
    }
    if case .graph = bodies, let only = translated.first { return .graph(only) }
    return .graphs(translated)
  }
}
