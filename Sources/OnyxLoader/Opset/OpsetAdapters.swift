import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Turns old forms of the standard's operators into the forms of the newest operator sets, so that rules, references and kernels
/// know one form each.
package enum OpsetAdapters {
  /// The graph with every node of the standard's domains in today's form, bodies included; each of them then says
  /// `opset == Catalog.newestOpset(of:)` its domain. Nodes of other domains stay as they are, and so do unknown operators.
  ///
  /// A node is read as a form of its own `opset`; one that says none (0) is read as a form of the version in `opsets`. Throws
  /// `unsupported` for a form that has no counterpart today or for a version of the main domain newer than the catalog's, and
  /// `invalidModel` for one that breaks its own version's rules, each with the node. Complexity: O(nodes).
  package static func upgrade(_ graph: Graph, opsets: [String: Int]) throws(OnyxError) -> Graph {
    try upgrade(graph, opsets, depth: 0)
  }

  private static func upgrade(_ graph: Graph, _ opsets: [String: Int], depth: Int) throws(OnyxError) -> Graph {
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
          node.attributes[name] = try upgrade(bodies: attribute, opsets, depth: depth + 1)
        }
        try adapt(&node, opsets, &editor)
        editor.append(node)
      } catch { throw error.at(node: node.label) }
    }
    return editor.finish()
  }

  private static func upgrade(bodies: Attribute, _ opsets: [String: Int], depth: Int) throws(OnyxError) -> Attribute {
    var upgraded: [Graph] = []
    for body in bodies.graphs { upgraded.append(try upgrade(body, opsets, depth: depth)) }
    if case .graph = bodies, let only = upgraded.first { return .graph(only) }
    return .graphs(upgraded)
  }

  private static func adapt(_ node: inout Node, _ opsets: [String: Int], _ editor: inout NodeEditor) throws(OnyxError) {
    guard let newest = Catalog.newestOpset(of: node.op.domain) else { return }
    let isMain = node.op.domain.isEmpty
    // Domains other than the main one need no import.
    guard let opset = node.opset > 0 ? node.opset : opsets[node.op.domain] ?? (isMain ? nil : 1) else {
      throw .invalid("The model uses the standard operators but imports no version of them.", remedy: "Export the model again.")
    }
    guard opset >= 1 else { throw .invalid("The model imports version \(opset) of the standard operators; versions start at 1.") }
    guard opset <= newest else {
      // Such a model can be looked at; nobody runs it.
      guard isMain else { return }
      throw .unsupported(
        "The model uses version \(opset) of the standard operators; Onyx knows them up to \(newest).",
        remedy: "Export the model with opset \(newest) or older.")
    }
    if let adapter = OpsetAdapter.row(for: node.op, opset: opset) {
      editor.begin(node, opset: opset)
      try adapter.apply(&node, &editor)
    }
    node.opset = newest
  }
}
