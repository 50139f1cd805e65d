import OnyxTensor

extension Graph {
  /// Node indices in an order in which every value is made before it is read. Stable: among the nodes that are ready,
  /// the one that stands first in `nodes` comes first. Throws `invalidModel` naming the nodes of a cycle.
  /// Complexity: O((nodes + edges) log nodes).
  package func topologicalOrder() throws(OnyxError) -> [Int] {
    let uses = Uses(self)
    var missing = Array(repeating: 0, count: nodes.count)
    for value in values.indices where uses.producer(of: ValueID(value)) != nil {
      for reader in uses.readers(of: ValueID(value)) { missing[reader] += 1 }
    }
    var ready = MinHeap(nodes.indices.filter { missing[$0] == 0 })
    var order: [Int] = []
    while let next = ready.popFirst() {
      order.append(next)
      for case let output? in nodes[next].outputs {
        for reader in uses.readers(of: output) {
          missing[reader] -= 1
          if missing[reader] == 0 { ready.insert(reader) }
        }
      }
    }
    guard order.count == nodes.count else { throw cycleError(blocked: nodes.indices.filter { missing[$0] > 0 }, uses) }
    return order
  }

  /// Walks producers inside the blocked part until a node comes twice: that walk is a cycle.
  private func cycleError(blocked: [Int], _ uses: Uses) -> OnyxError {
    let isBlocked = Set(blocked)
    var path: [Int] = []
    var seen: [Int: Int] = [:]
    var node = blocked[0]
    while seen[node] == nil {
      seen[node] = path.count
      path.append(node)
      guard let next = nodes[node].reads.compactMap({ uses.producer(of: $0) }).first(where: isBlocked.contains) else { break }
      node = next
    }
    let cycle = path[(seen[node] ?? 0)...].reversed().prefix(8).map { nodes[$0].label }
    return .invalid(
      "The graph has a cycle: \(cycle.joined(separator: " → ")) → …", remedy: "An ONNX graph must be acyclic; export the model again.")
  }
}

/// A binary min-heap of node indices.
struct MinHeap {
  private var items: [Int] = []

  init(_ sorted: [Int]) { items = sorted }

  mutating func insert(_ item: Int) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[child] < items[(child - 1) / 2] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> Int? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    if items.isEmpty { return first }
    items[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child] < items[least] { least = child }
      if least == parent { return first }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
