import OnyxAttention
import OnyxGraph
import OnyxInsight
import OnyxOperators
import OnyxTensor

/// Chooses what of a graph is drawn: which nodes, inside which boxes, and what each box that is closed stands for.
struct GraphScene {
  private(set) var nodes: [GraphPicture.Node] = []
  private(set) var edges: [GraphPicture.Edge] = []
  private(set) var groups: [GraphPicture.Group] = []
  private(set) var isFolded = false

  private let analysis: GraphAnalysis
  private let graph: Graph
  private let options: GraphPicture.Options
  private let tree: GroupTree
  /// Boxes that are drawn as one node, with that node.
  private var closed: [Int: Int] = [:]
  /// Boxes that are drawn as boxes, with their place in `groups`.
  private var open: [Int: Int] = [:]
  /// What stands for each node of the graph; nil for constants, which are not drawn.
  private var drawn: [Int?]

  init(_ analysis: GraphAnalysis, _ options: GraphPicture.Options) {
    self.analysis = analysis
    self.options = options
    graph = analysis.graph
    let isDrawn = graph.nodes.map { node in !node.outputs.allSatisfy { $0.map { analysis.symbolic[$0]?.constant != nil } ?? true } }
    tree = GroupTree(analysis.structure, graph, order: analysis.order, isDrawn: isDrawn)
    drawn = Array(repeating: nil, count: graph.nodes.count)
    let folded = tree.folded(
      depth: options.depth, foldsAttention: options.foldsAttention,
      nodeLimit: options.nodeLimit.map { $0 - graph.inputs.count - graph.outputs.count })
    isFolded = !folded.isEmpty
    for id in graph.inputs where graph.initializers[id] == nil { addPort(id, .input) }
    let inputs = Dictionary(
      zip(graph.inputs.filter { graph.initializers[$0] == nil }, nodes.indices), uniquingKeysWith: { first, _ in first })
    for index in analysis.order where isDrawn[index] { addNode(index, folded) }
    connect(inputs)
  }

  private mutating func addNode(_ index: Int, _ folded: Set<Int>) {
    let path = tree.path(ofNode: index)
    if let outer = path.first(where: folded.contains) {
      if closed[outer] == nil {
        closed[outer] = nodes.count
        var node = closedNode(outer)
        node.group = openGroup(tree.groups[outer].parent)
        nodes.append(node)
      }
      drawn[index] = closed[outer]
      return
    }
    drawn[index] = nodes.count
    nodes.append(operation(index, group: openGroup(path.last)))
  }

  /// The place of a box among the drawn ones; it and those around it are added when they are new.
  private mutating func openGroup(_ group: Int?) -> Int? {
    guard let group else { return nil }
    if let known = open[group] { return known }
    let parent = openGroup(tree.groups[group].parent)
    let cost = cost(of: tree.groups[group].members)
    open[group] = groups.count
    groups.append(
      GraphPicture.Group(
        title: tree.groups[group].title, parent: parent, block: tree.groups[group].block, nodeCount: tree.groups[group].members.count,
        macs: cost.macs, milliseconds: cost.milliseconds))
    return groups.count - 1
  }

  private func cost(of members: [Int]) -> (macs: Int, params: Int, milliseconds: Double?) {
    var (macs, params) = (0, 0)
    for node in members {
      macs &+= analysis.macs[node]
      params &+= analysis.params[node]
    }
    return (macs, params, options.milliseconds.map { times in members.reduce(0) { $0 + times[$1] } })
  }

  private func details(_ rows: [(String, String?)], macs: Int, params: Int, milliseconds: Double?) -> [GraphPicture.Detail] {
    var rows = rows
    if params > 0 { rows.append(("Parameters", Quantity.short(params))) }
    if macs > 0 { rows.append(("MACs", "\(Quantity.short(macs)) (\(Quantity.share(macs, of: analysis.macs.reduce(0, &+))))")) }
    if let milliseconds {
      let whole = options.milliseconds?.reduce(0, +) ?? 0
      rows.append(
        (
          "Time",
          "\(Quantity.decimal(milliseconds, digits: 3)) ms"
            + (whole > 0 ? " (\(Quantity.decimal(100 * milliseconds / whole, digits: 1)) %)" : "")
        ))
    }
    return rows.compactMap { name, text in text.flatMap { $0.isEmpty ? nil : GraphPicture.Detail(name: name, text: $0) } }
  }
}

extension GraphScene {
  private func operation(_ index: Int, group: Int?) -> GraphPicture.Node {
    let node = graph.nodes[index]
    let cost = cost(of: [index])
    let module = analysis.structure.modules.ofNode[index].map { analysis.structure.modules.modules[$0] }
    var drawn = GraphPicture.Node(
      kind: .operation, title: node.op.description, subtitle: subtitle(node), group: group, family: OperatorFamily(node.op),
      macs: cost.macs,
      milliseconds: cost.milliseconds)
    func typed(_ id: ValueID) -> String { "\(graph[id].name): \(analysis.symbolic[id]?.type.description ?? "unknown")" }
    drawn.details = details(
      [
        ("Name", node.name), ("Module", module.map { $0.type.isEmpty ? $0.name : "\($0.name) (\($0.type))" }),
        ("Block", analysis.structure.blockOfNode[index].map { analysis.structure.title(ofBlock: $0) }),
        ("Inputs", node.inputs.compactMap { $0.map(typed) }.joined(separator: "\n")),
        ("Outputs", node.outputs.compactMap { $0.map(typed) }.joined(separator: "\n")),
        (
          "Attributes",
          node.attributes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.text.prefix(120))" }.joined(separator: "\n")
        ),
      ], macs: cost.macs, params: cost.params, milliseconds: cost.milliseconds)
    return drawn
  }

  private func closedNode(_ group: Int) -> GraphPicture.Node {
    let box = tree.groups[group]
    let cost = cost(of: box.members)
    var drawn = GraphPicture.Node(
      kind: .closed, title: box.title,
      subtitle: Quantity.count(box.members.count, "node") + (cost.macs > 0 ? ", \(Quantity.short(cost.macs)) MACs" : ""),
      group: nil, family: box.block == nil ? .movement : .attention, macs: cost.macs, milliseconds: cost.milliseconds)
    drawn.details = details(
      [("Box", box.title), ("Nodes", "\(box.members.count)")], macs: cost.macs, params: cost.params, milliseconds: cost.milliseconds)
    return drawn
  }

  private mutating func addPort(_ id: ValueID, _ kind: GraphPicture.Node.Kind) {
    let type = analysis.symbolic[id]?.type ?? graph[id].type
    var node = GraphPicture.Node(kind: kind, title: graph[id].name, subtitle: "", group: nil, family: .port)
    node.details = details(
      [(kind == .input ? "Input" : "Output", graph[id].name), ("Type", type?.description)], macs: 0, params: 0, milliseconds: nil)
    nodes.append(node)
  }

  /// "3×3, 64" for a convolution, "2048 → 1000" for a product with a matrix.
  private func subtitle(_ node: Node) -> String {
    guard node.inputs.count > 1, let id = node.inputs[1], let weights = graph.initializers[id]?.shape else { return "" }
    switch node.op.name {
    case "Conv" where weights.rank > 2:
      let strides = (node.ints("strides") ?? []).filter { $0 != 1 }
      let group = node.int("group", default: 1)
      return weights.dimensions[2...].map(String.init).joined(separator: "×") + ", \(weights[0])"
        + (strides.first.map { ", stride \($0)" } ?? "")
        + (group > 1 ? ", \(group) groups" : "")
    case "Gemm" where weights.rank == 2:
      return node.int("transB", default: 0) == 1 ? "\(weights[1]) → \(weights[0])" : "\(weights[0]) → \(weights[1])"
    case "MatMul" where weights.rank == 2: return "\(weights[0]) → \(weights[1])"
    default: return ""
    }
  }

  private mutating func connect(_ inputs: [ValueID: Int]) {
    let uses = Uses(graph)
    var seen: Set<GraphPicture.Edge> = []
    var added: [GraphPicture.Edge] = []
    func source(_ value: ValueID) -> Int? { inputs[value] ?? uses.producer(of: value).flatMap { drawn[$0] } }
    func add(_ value: ValueID, to target: Int) {
      guard let from = source(value), from != target else { return }
      let edge = GraphPicture.Edge(from: from, to: target, name: graph[value].name, label: shape(value))
      if seen.insert(edge).inserted { added.append(edge) }
    }
    for index in analysis.order {
      guard let target = drawn[index] else { continue }
      for value in graph.nodes[index].reads { add(value, to: target) }
    }
    for id in graph.outputs where source(id) != nil {
      addPort(id, .output)
      add(id, to: nodes.count - 1)
    }
    edges = added
  }

  /// "1×64×56×56"; a long expression is cut.
  private func shape(_ value: ValueID) -> String {
    guard let shape = analysis.symbolic[value]?.shape else { return "" }
    let text = shape.isEmpty ? "scalar" : shape.map(\.description).joined(separator: "×")
    return Markup.cut(text, to: 24)
  }
}
