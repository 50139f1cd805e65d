import OnyxGraph

/// Asks where paths of a graph lead.
struct GraphPaths {
  private let successors: [[Int]]
  private let rank: [Int]
  private var mark: [Int]
  private var round = 0
  /// Steps that all questions together may take, so that a graph of many boxes is not searched for minutes.
  private var steps = 20_000_000

  init(_ graph: Graph, order: [Int]) {
    let uses = Uses(graph)
    successors = graph.nodes.map { node in node.outputs.compactMap { $0 }.flatMap { uses.readers(of: $0) } }
    var rank = Array(repeating: 0, count: graph.nodes.count)
    for (position, node) in order.enumerated() { rank[node] = position }
    self.rank = rank
    mark = Array(repeating: 0, count: graph.nodes.count)
  }

  /// Whether no path from one of the nodes to another leads over a node outside. Also false when the steps are used up.
  mutating func areConvex(_ members: [Int]) -> Bool {
    let (inside, seen) = (round + 1, round + 2)
    round += 2
    for node in members { mark[node] = inside }
    let last = members.reduce(0) { max($0, rank[$1]) }
    var pending: [Int] = []
    for node in members { pending += successors[node].filter { mark[$0] != inside && rank[$0] < last } }
    while let node = pending.popLast() {
      steps -= 1
      guard steps > 0 else { return false }
      guard mark[node] != seen else { continue }
      mark[node] = seen
      for next in successors[node] {
        if mark[next] == inside { return false }
        if mark[next] != seen, rank[next] < last { pending.append(next) }
      }
    }
    return true
  }
}
