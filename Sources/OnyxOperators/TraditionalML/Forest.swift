import OnyxTensor

/// Trees as attributes describe them, in one form for every operator; nothing is checked but what the operator's own form needs.
struct Forest {
  /// Where a branch leads to.
  enum Child {
    case branch(Int)
    case leaf(Int)
  }

  struct Branch {
    let mode: TreeTable.Mode
    /// For a membership the number of its set.
    let threshold: Double
    let feature: Int
    let missingIsTrue: Bool
    let whenTrue: Child
    let whenFalse: Child
  }

  /// A vote of a leaf, in the order of the file.
  struct LeafVote {
    let leaf: Int
    let target: Int
    let weight: Double
  }

  var branches: [Branch] = []
  var roots: [Child] = []
  var leafCount = 0
  var votes: [LeafVote] = []
  var members: [Set<Double>] = []
  var targets = 1

  /// The votes leaf by leaf, in the order of the file within a leaf. Throws `invalidModel` for a target out of range.
  func grouped() throws(OnyxError) -> (starts: [Int32], votes: [TreeTable.Vote]) {
    var starts = [Int32](repeating: 0, count: leafCount + 1)
    for vote in votes {
      guard vote.target >= 0, vote.target < targets, vote.target <= Int32.max else {
        throw .invalid("A leaf votes for the target \(vote.target); there are \(targets).")
      }
      starts[vote.leaf + 1] += 1
    }
    for leaf in 0..<leafCount { starts[leaf + 1] += starts[leaf] }
    var places = starts
    var grouped = [TreeTable.Vote](repeating: TreeTable.Vote(target: 0, weight: 0), count: votes.count)
    for vote in votes {
      grouped[Int(places[vote.leaf])] = TreeTable.Vote(target: Int32(vote.target), weight: vote.weight)
      places[vote.leaf] += 1
    }
    return (starts, grouped)
  }
}

/// The layout of a forest as it grows, tree by tree and level by level.
struct Layout {
  private let forest: Forest
  private(set) var nodes: [TreeTable.Node] = []
  private(set) var rules: [TreeTable.Rule] = []
  private(set) var roots: [Int32] = []
  private(set) var isReached: [Bool]

  init(_ forest: Forest) {
    self.forest = forest
    isReached = [Bool](repeating: false, count: forest.branches.count)
    nodes.reserveCapacity(2 * forest.branches.count + forest.roots.count)
    rules.reserveCapacity(2 * forest.branches.count + forest.roots.count)
  }

  /// Appends a tree. Throws `invalidModel` for an index out of range and for a branch that is reached a second time.
  mutating func place(_ root: Forest.Child) throws(OnyxError) {
    var level = [root]
    roots.append(Int32(nodes.count))
    while !level.isEmpty {
      // The children of this level follow it, in the order of their parents.
      var next = nodes.count + level.count
      var children: [Forest.Child] = []
      for child in level {
        switch child {
        case .leaf(let leaf): try append(leaf: leaf)
        case .branch(let index):
          let branch = try take(index)
          nodes.append(TreeTable.Node(threshold: branch.threshold, feature: Int32(branch.feature), next: Int32(next)))
          rules.append(TreeTable.Rule(mode: branch.mode, missingIsTrue: branch.missingIsTrue))
          children.append(branch.whenTrue)
          children.append(branch.whenFalse)
          next += 2
        }
      }
      level = children
    }
  }

  private mutating func append(leaf: Int) throws(OnyxError) {
    guard leaf >= 0, leaf < forest.leafCount else { throw .invalid("A node leads to the leaf \(leaf) of \(forest.leafCount).") }
    nodes.append(TreeTable.Node(threshold: 0, feature: -1, next: Int32(leaf)))
    rules.append(TreeTable.Rule(mode: .lessOrEqual, missingIsTrue: false))
  }

  private mutating func take(_ index: Int) throws(OnyxError) -> Forest.Branch {
    guard index >= 0, index < forest.branches.count else {
      throw .invalid("A node leads to the node \(index) of \(forest.branches.count).")
    }
    guard !isReached[index] else { throw .invalid("The node \(index) is reached on two ways; the nodes must be trees.") }
    isReached[index] = true
    let branch = forest.branches[index]
    guard branch.feature >= 0, branch.feature < Int32.max else { throw .invalid("The node \(index) reads the feature \(branch.feature).") }
    return branch
  }
}
