import OnyxAttention
import OnyxGraph
import OnyxOperators

/// The parts that people see in a graph: modules of the exporter's program, and attention blocks.
package struct GraphStructure: Sendable {
  package let modules: ModuleTree
  package let blocks: [AttentionMatch]
  /// Index of the block that a node belongs to.
  package let blockOfNode: [Int?]
  /// The innermost module around each block.
  package let moduleOfBlock: [Int?]
  /// "layer1.0.se", or what the block makes when no module holds it.
  package let blockNames: [String]

  package init(_ graph: Graph, _ inference: GraphInference) {
    let modules = ModuleTree(graph)
    let blocks = AttentionRecogniser(InferredGraph(graph, inference)).matches()
    var blockOfNode = [Int?](repeating: nil, count: graph.nodes.count)
    for (index, block) in blocks.enumerated() {
      for node in block.nodes { blockOfNode[node] = index }
    }
    let around = blocks.map { modules.common($0.nodes) }
    self.modules = modules
    self.blocks = blocks
    self.blockOfNode = blockOfNode
    moduleOfBlock = around
    blockNames = zip(blocks, around).map { block, module in module.map { modules.modules[$0].name } ?? graph[block.output].name }
  }
}
