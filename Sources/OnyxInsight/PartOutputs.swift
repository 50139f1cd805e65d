import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The tensors that leave the modules and attention blocks of a graph: what nodes outside read, and outputs of the graph.
package struct PartOutputs: Sendable {
  /// Names of tensors in the order of the nodes, by the name of a module, the name of a block, or a block's title: "SE layer1.0.se".
  package let byName: [String: [String]]

  /// Throws what inference throws for an invalid graph. Complexity: O(edges · depth of the modules).
  package init(_ graph: Graph) throws(OnyxError) {
    let structure = GraphStructure(InferredGraph(graph, try GraphInference(graph, passesUnsupported: true)))
    let (tree, uses) = (structure.modules, Uses(graph))
    var found: [String: [String]] = [:]
    func add(_ value: ValueID, to part: String) {
      let name = graph[value].name
      if !name.isEmpty, !found[part, default: []].contains(name) { found[part, default: []].append(name) }
    }
    for index in graph.nodes.indices {
      let path = tree.path(ofNode: index)
      for case let output? in graph.nodes[index].outputs where !path.isEmpty {
        let around = uses.readers(of: output).map { Set(tree.path(ofNode: $0)) }
        for module in path where uses.isOutput(output) || around.contains(where: { !$0.contains(module) }) {
          add(output, to: tree.modules[module].name)
        }
      }
    }
    for (index, block) in structure.blocks.enumerated() {
      add(block.output, to: structure.blockNames[index])
      let title = structure.title(ofBlock: index)
      if title != structure.blockNames[index] { add(block.output, to: title) }
    }
    byName = found
  }
}
