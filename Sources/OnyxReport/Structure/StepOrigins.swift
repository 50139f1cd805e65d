import OnyxGraph
import OnyxInsight
import OnyxKernels
import OnyxRuntime
import OnyxThreads

/// Which nodes of the file each step of a plan stands for.
///
/// A rewrite keeps the value that its last node makes, or names what it makes after the node it began with; the nodes between
/// two such anchors were fused into the step that follows them, or into the one before for what a layout change hid.
struct StepOrigins: Sendable {
  /// The node that a step was made from; nil for one that no node of the file explains.
  let anchors: [Int?]
  /// All nodes of a step, the anchor included, in the order of the file.
  let nodes: [[Int]]

  /// Complexity: O(nodes + edges).
  init(_ plan: Plan, of graph: Graph, order: [Int]) {
    let uses = Uses(graph)
    let names = Self.nodesByName(graph)
    var owners = [Int?](repeating: nil, count: graph.nodes.count)
    var isHidden = Array(repeating: false, count: plan.steps.count)
    anchors = plan.steps.indices.map { position in
      let step = plan.steps[position]
      for value in step.outputs where value >= 0 && value < graph.values.count {
        guard let node = uses.producer(of: ValueID(value)) else { continue }
        owners[node] = position
        return node
      }
      let node = names[plan.program.graph.nodes[step.node].name] ?? nil
      isHidden[position] = true
      if let node, owners[node] == nil { owners[node] = position }
      return node
    }
    for node in order where owners[node] == nil {
      owners[node] = Self.producers(of: node, graph, uses).lazy.filter { uses.readers(of: $0.value) == [node] }
        .compactMap { owners[$0.node] }.first { isHidden[$0] }
    }
    for node in order.reversed() where owners[node] == nil {
      owners[node] = graph.nodes[node].outputs.lazy.compactMap { $0 }.flatMap { uses.readers(of: $0) }.compactMap { owners[$0] }.first
    }
    var nodes = anchors.map { $0.map { [$0] } ?? [] }
    for (node, owner) in owners.enumerated() {
      if let owner, anchors[owner] != node { nodes[owner].append(node) }
    }
    self.nodes = nodes.map { $0.sorted() }
  }

  /// nil stands for a name that several nodes have. A node without one goes by what it makes first.
  private static func nodesByName(_ graph: Graph) -> [String: Int?] {
    var found: [String: Int?] = [:]
    for index in graph.nodes.indices {
      let name = graph.title(ofNode: index)
      found[name] = found[name] == nil ? .some(index) : .some(nil)
    }
    return found
  }

  private static func producers(of node: Int, _ graph: Graph, _ uses: Uses) -> [(node: Int, value: ValueID)] {
    graph.nodes[node].inputs.compactMap { input in input.flatMap { value in uses.producer(of: value).map { ($0, value) } } }
  }

  /// What nodes of the file cost when each step's cost is spread over its nodes by their weights in it, evenly where all weigh
  /// nothing.
  func spread(_ costs: [Double], nodeCount: Int, weight: (_ step: Int, _ node: Int) -> Double) -> [Double] {
    var result = Array(repeating: 0.0, count: nodeCount)
    for (step, (cost, members)) in zip(costs, nodes).enumerated() where !members.isEmpty {
      let whole = members.reduce(0) { $0 + weight(step, $1) }
      for node in members { result[node] += cost * (whole > 0 ? weight(step, node) / whole : 1 / Double(members.count)) }
    }
    return result
  }
}
