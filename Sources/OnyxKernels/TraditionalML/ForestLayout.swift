import OnyxOperators

/// The nodes of a `TreeTable` in the order that walks read: pairs of children, tree by tree and level by level.
///
/// A membership becomes a search tree over its members, so that every node makes one comparison. Its ends lead to the same two subtrees,
/// whose topmost nodes are repeated; what lies below is shared.
struct ForestLayout<Value: ForestValue> {
  private let table: TreeTable
  private(set) var nodes: [ForestNode<Value>] = []
  /// The leaf of the table at each place; 0 for a branch.
  private(set) var leaves: [UInt32] = []
  private(set) var roots: [UInt32] = []
  /// The most steps from the root of each tree to a leaf.
  private(set) var levels: [Int64] = []
  private var columns: [Int32: Int32] = [:]
  private var sorted: [Int: [Double]] = [:]

  /// What is still to be placed, and where.
  private struct Item {
    enum Source {
      case node(Int)
      /// The search among these members of the node.
      case search(Int, Range<Int>)
    }
    let source: Source
    let place: Int
    let level: Int64
  }

  /// `used` lists the features that branches read; nodes get their numbers in that list.
  init(_ table: TreeTable, used: [Int32]) {
    self.table = table
    for (column, feature) in used.enumerated() { columns[feature] = Int32(column) }
    nodes.reserveCapacity(table.nodes.count)
    leaves.reserveCapacity(table.nodes.count)
    for root in table.roots { place(tree: Int(root)) }
  }

  private mutating func place(tree root: Int) {
    var queue = [Item(source: .node(root), place: newPlace(), level: 0)]
    roots.append(UInt32(queue[0].place))
    var firstPlaces: [Int: Int] = [:]
    var copies: [(to: Int, from: Int)] = []
    var deepest: Int64 = 0
    var next = 0
    while next < queue.count {
      let item = queue[next]
      next += 1
      deepest = max(deepest, item.level)
      guard let (whenFalse, whenTrue) = fill(item) else { continue }
      let child = newPlace()
      _ = newPlace()
      nodes[item.place].child = UInt32(child)
      for (source, place) in [(whenFalse, child), (whenTrue, child + 1)] {
        if case .search = item.source, case .node(let index) = source {
          if let first = firstPlaces[index] {
            copies.append((place, first))
            continue
          }
          firstPlaces[index] = place
        }
        queue.append(Item(source: source, place: place, level: item.level + 1))
      }
    }
    for copy in copies {
      nodes[copy.to] = nodes[copy.from]
      leaves[copy.to] = leaves[copy.from]
      if nodes[copy.from].child == copy.from { nodes[copy.to].child = UInt32(copy.to) }
    }
    // Below a copy lies a subtree whose depth was counted from elsewhere: walks end by themselves.
    levels.append(copies.isEmpty ? deepest : .max)
  }

  private mutating func newPlace() -> Int {
    nodes.append(.leaf(at: nodes.count))
    leaves.append(0)
    return nodes.count - 1
  }

  /// Writes the node of an item, but for its children, which are the result; nil for a leaf.
  private mutating func fill(_ item: Item) -> (whenFalse: Item.Source, whenTrue: Item.Source)? {
    let (index, part): (Int, Range<Int>?) =
      switch item.source {
      case .node(let index): (index, nil)
      case .search(let index, let part): (index, part)
      }
    let node = table.nodes[index]
    guard !node.isLeaf else {
      leaves[item.place] = UInt32(node.next)
      return nil
    }
    let rule = table.rules[index]
    let feature = columns[node.feature] ?? 0
    guard rule.mode == .member else {
      nodes[item.place] = ForestNode(rule.mode, missingIsTrue: rule.missingIsTrue, node.threshold, feature: feature)
      return (.node(Int(node.next) + 1), .node(Int(node.next)))
    }
    let set = Int(node.threshold)
    let members = sorted[set] ?? table.members[set].sorted()
    sorted[set] = members
    let range = part ?? members.indices
    guard range.count > 1 else {
      // A set without members holds nothing, as a threshold that is no number.
      let only = range.first.map { members[$0] } ?? .nan
      nodes[item.place] = ForestNode(.equal, missingIsTrue: rule.missingIsTrue, only, feature: feature)
      return (.node(Int(node.next) + 1), .node(Int(node.next)))
    }
    let middle = range.lowerBound + range.count / 2
    nodes[item.place] = ForestNode(.less, missingIsTrue: false, members[middle], feature: feature)
    return (.search(index, middle..<range.upperBound), .search(index, range.lowerBound..<middle))
  }
}
