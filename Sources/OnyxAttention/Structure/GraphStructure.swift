import OnyxGraph

/// The parts that people see in a graph: modules of the exporter's program, and attention blocks.
package struct GraphStructure: Sendable {
  package let modules: ModuleTree
  package let blocks: [AttentionMatch]
  /// Index of the block that a node belongs to.
  package let blockOfNode: [Int?]
  /// The innermost module around each block.
  package let moduleOfBlock: [Int?]
  /// That module where it is a part of the network and not the whole: what labels the block.
  package let labels: [ModuleTree.Module?]
  /// Unique: the label's name, "layer1.0.se", or kind and number, "SE 1".
  package let blockNames: [String]

  package init(_ view: InferredGraph) {
    let modules = ModuleTree(view.graph)
    let blocks = AttentionRecogniser(view).matches()
    var blockOfNode = [Int?](repeating: nil, count: view.graph.nodes.count)
    for (index, block) in blocks.enumerated() {
      for node in block.nodes { blockOfNode[node] = index }
    }
    let around = blocks.map { modules.common($0.nodes) }
    let whole = Set(modules.path(to: modules.common(view.graph.nodes.indices)))
    let labels = around.map { module in module.flatMap { whole.contains($0) ? nil : modules.modules[$0] } }
    self.modules = modules
    self.blocks = blocks
    self.blockOfNode = blockOfNode
    moduleOfBlock = around
    self.labels = labels
    blockNames = Self.names(blocks, labels)
  }

  /// "SE layer1.0.se"; "SE 1" for a block without a label.
  package func title(ofBlock block: Int, separator: String = " ") -> String {
    labels[block] == nil ? blockNames[block] : blocks[block].kind.rawValue + separator + blockNames[block]
  }

  /// The second block of a module is "layer1.0 (2)".
  private static func names(_ blocks: [AttentionMatch], _ labels: [ModuleTree.Module?]) -> [String] {
    var counts: [String: Int] = [:]
    return zip(blocks, labels).map { block, label in
      let stem = label?.name ?? block.kind.rawValue
      let number = counts[stem, default: 0] + 1
      counts[stem] = number
      if label == nil { return "\(stem) \(number)" }
      return number == 1 ? stem : "\(stem) (\(number))"
    }
  }
}
