import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Turns old forms of the standard operators into the form of `Catalog.newestOpset`, so that rules, references and kernels
/// know one form each.
package enum OpsetAdapters {
  /// The graph with every node of the standard domain in today's form, bodies included; each of them then says
  /// `opset == Catalog.newestOpset`. Nodes of other domains stay as they are, and so do unknown operators.
  ///
  /// A node is read as a form of its own `opset`; one that says none (0) is read as a form of `opsets[""]`. Throws
  /// `unsupported` for a form that has no counterpart today or for a version newer than the catalog's, and `invalidModel`
  /// for one that breaks its own version's rules, each with the node. Complexity: O(nodes).
  package static func upgrade(_ graph: Graph, opsets: [String: Int]) throws(OnyxError) -> Graph {
    try upgrade(graph, imported: opsets[""], depth: 0)
  }

  private static func upgrade(_ graph: Graph, imported: Int?, depth: Int) throws(OnyxError) -> Graph {
    guard depth <= Graph.deepestBody else {
      throw .invalid(
        "The bodies of the graph are nested more than \(Graph.deepestBody) deep.",
        remedy: "Export the model with fewer nested loops and branches.")
    }
    var editor = NodeEditor(graph)
    for node in graph.nodes {
      do throws(OnyxError) {
        var node = node
        for (name, attribute) in node.attributes where !attribute.graphs.isEmpty {
          node.attributes[name] = try upgrade(bodies: attribute, imported: imported, depth: depth + 1)
        }
        if node.op.domain.isEmpty { try adapt(&node, imported: imported, &editor) }
        editor.append(node)
      } catch { throw error.at(node: node.label) }
    }
    return editor.finish()
  }

  private static func upgrade(bodies: Attribute, imported: Int?, depth: Int) throws(OnyxError) -> Attribute {
    var upgraded: [Graph] = []
    for body in bodies.graphs { upgraded.append(try upgrade(body, imported: imported, depth: depth)) }
    if case .graph = bodies, let only = upgraded.first { return .graph(only) }
    return .graphs(upgraded)
  }

  private static func adapt(_ node: inout Node, imported: Int?, _ editor: inout NodeEditor) throws(OnyxError) {
    guard let opset = node.opset > 0 ? node.opset : imported else {
      throw .invalid("The model uses the standard operators but imports no version of them.", remedy: "Export the model again.")
    }
    guard opset >= 1 else { throw .invalid("The model imports version \(opset) of the standard operators; versions start at 1.") }
    guard opset <= Catalog.newestOpset else {
      throw .unsupported(
        "The model uses version \(opset) of the standard operators; Onyx knows them up to \(Catalog.newestOpset).",
        remedy: "Export the model with opset \(Catalog.newestOpset) or older.")
    }
    if let adapter = OpsetAdapter.row(for: node.op.name, opset: opset) {
      editor.begin(node, opset: opset)
      try adapter.apply(&node, &editor)
    }
    node.opset = Catalog.newestOpset
  }
}
