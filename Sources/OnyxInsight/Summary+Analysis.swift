import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Summary {
  /// The facts of an analysis, and a plan for the peak of the activations.
  package init(_ analysis: GraphAnalysis) {
    let (model, graph, symbolic) = (analysis.model, analysis.graph, analysis.symbolic)
    irVersion = model.irVersion
    opsets = model.opsetsByDomain
    producer = model.producerVersion.isEmpty ? model.producerName : "\(model.producerName) \(model.producerVersion)"
    inputs = graph.requiredInputs.map { Self.specification($0, graph, symbolic) }
    outputs = graph.outputs.map { Self.specification($0, graph, symbolic) }
    dimensions = analysis.sizes
    let rows = analysis.order.map { Self.node($0, analysis) }
    nodes = rows
    modules = Self.modules(analysis.structure.modules, rows, order: analysis.order)
    attention = analysis.blocks.map(\.facts)
    uncounted = analysis.uncounted
    unsupported = analysis.unsupported
    totals = Totals(
      nodes: rows.count, bodyNodes: graph.bodies.reduce(0) { $0 + $1.nodes.count }, params: rows.reduce(0) { $0 &+ $1.params },
      macs: rows.reduce(0) { $0 &+ $1.macs },
      weightsBytes: ([graph] + graph.bodies).reduce(0) { $1.initializers.values.reduce($0) { $0 &+ $1.byteCount } },
      peakActivationBytes: unsupported.isEmpty ? try? graph.activationByteCount(sizes: analysis.sizes) : nil)
  }

  /// An input or output with the type that inference found for it, or else the declared one.
  private static func specification(_ id: ValueID, _ graph: Graph, _ inference: GraphInference) -> TensorSpecification {
    TensorSpecification(graph[id].name, inference[id]?.type ?? graph[id].type)
  }

  /// The facts of node `index` of the graph.
  private static func node(_ index: Int, _ analysis: GraphAnalysis) -> Node {
    let (graph, structure) = (analysis.graph, analysis.structure)
    let node = graph.nodes[index]
    return Node(
      name: node.name, op: node.op.name, domain: node.op.domain.isEmpty ? "ai.onnx" : node.op.domain,
      inputs: node.inputs.map { $0.map { graph[$0].name } ?? "" }, outputs: node.outputs.map { $0.map { graph[$0].name } ?? "" },
      shape: node.outputs.first?.flatMap { analysis.symbolic[$0]?.shape?.map { Extent($0) } }, macs: analysis.macs[index],
      params: analysis.params[index],
      bytes: node.outputs.reduce(0) { $0 &+ ($1.flatMap { analysis.concrete?[$0]?.type.byteCount } ?? 0) },
      module: structure.modules.ofNode[index].map { structure.modules.modules[$0].name },
      block: structure.blockOfNode[index].map { structure.blockNames[$0] })
  }

  /// One for each module, outer ones before inner ones.
  private static func modules(_ tree: ModuleTree, _ rows: [Node], order: [Int]) -> [Module] {
    var modules = tree.modules.map { Module(name: $0.name, type: $0.type, depth: $0.depth) }
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
    var sorted: [Module] = []
    var pending = Array(roots.reversed())
    while let next = pending.popLast() {
      sorted.append(modules[next])
      pending += children[next].reversed()
    }
    return sorted
  }
}

extension ModelGraph {
  /// Versions of the operator sets by domain, "ai.onnx" for the standard.
  package var opsetsByDomain: [String: Int] {
    Dictionary(opsets.map { ($0.key.isEmpty ? "ai.onnx" : $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }
}
