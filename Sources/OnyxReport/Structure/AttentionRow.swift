import OnyxAttention
import OnyxGraph
import OnyxOperators

extension Summary {
  /// An attention block of the graph.
  package struct AttentionRow: Encodable, Sendable {
    /// "SE", "CBAM", "self-attention".
    package let kind: String
    package let name: String
    package let input: String
    package let output: String
    package let channels: Extent?
    package let reduction: Double?
    package let kernel: [Int]?
    /// The tensors with the gates of the channels and the map over the pixels.
    package let gate, map: String?
    /// Names of the nodes; what one without a name makes.
    package let nodes: [String]
    package let macs: Int
    package let params: Int

    enum CodingKeys: String, CodingKey { case kind, name, input, output, channels, reduction, kernel, gate, map, nodes, macs, params }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(kind, forKey: .kind)
      try container.encode(name, forKey: .name)
      try container.encode(input, forKey: .input)
      try container.encode(output, forKey: .output)
      try container.encode(channels, forKey: .channels)
      try container.encode(reduction, forKey: .reduction)
      try container.encode(kernel, forKey: .kernel)
      try container.encode(gate, forKey: .gate)
      try container.encode(map, forKey: .map)
      try container.encode(nodes, forKey: .nodes)
      try container.encode(macs, forKey: .macs)
      try container.encode(params, forKey: .params)
    }

    /// `members` are the rows of the block's nodes.
    init(_ block: AttentionMatch, name: String, _ members: [Row], _ graph: Graph, _ inference: GraphInference) {
      kind = block.kind.rawValue
      self.name = name
      input = block.inputs.first.map { graph[$0].name } ?? ""
      output = graph[block.output].name
      channels = block.channels.map { Extent($0) }
      reduction = block.reduction
      kernel = block.kernel.isEmpty ? nil : block.kernel
      gate = block.gates.first.map { graph[$0].name }
      map = block.maps.first.map { graph[$0].name }
      nodes = members.map { $0.name.isEmpty ? $0.outputs.first ?? "" : $0.name }
      macs = members.reduce(0) { $0 &+ $1.macs }
      params = block.parameterCount(inference)
    }
  }

  /// What stands in a module of the exporter's program, inner modules included.
  package struct ModuleRow: Encodable, Sendable {
    package let name: String
    /// "Bottleneck"; empty where the exporter does not say it.
    package let type: String
    package let depth: Int
    package fileprivate(set) var nodes = 0
    package fileprivate(set) var params = 0
    package fileprivate(set) var macs = 0
    package fileprivate(set) var bytes = 0
  }

  static func attentionRows(_ structure: GraphStructure, _ rows: [Row], _ graph: Graph, _ inference: GraphInference) -> [AttentionRow] {
    var members = Array(repeating: [Row](), count: structure.blocks.count)
    for (node, row) in zip(inference.order, rows) {
      if let block = structure.blockOfNode[node] { members[block].append(row) }
    }
    return structure.blocks.indices.map {
      AttentionRow(structure.blocks[$0], name: structure.blockNames[$0], members[$0], graph, inference)
    }
  }

  /// One row for each module, outer ones before inner ones.
  static func moduleRows(_ tree: ModuleTree, _ rows: [Row], order: [Int]) -> [ModuleRow] {
    var modules = tree.modules.map { ModuleRow(name: $0.name, type: $0.type, depth: $0.depth) }
    var children = Array(repeating: [Int](), count: modules.count)
    var roots: [Int] = []
    for (index, module) in tree.modules.enumerated() {
      if let parent = module.parent { children[parent].append(index) } else { roots.append(index) }
    }
    for (node, row) in zip(order, rows) {
      for module in tree.path(ofNode: node) {
        modules[module].nodes += 1
        modules[module].params &+= row.params
        modules[module].macs &+= row.macs
        modules[module].bytes &+= row.bytes
      }
    }
    var sorted: [ModuleRow] = []
    var pending = Array(roots.reversed())
    while let next = pending.popLast() {
      sorted.append(modules[next])
      pending += children[next].reversed()
    }
    return sorted
  }
}
