import OnyxTensor

/// The trees of an ensemble in flat arrays, checked once: the evaluation follows indices that cannot leave the arrays and ends.
///
/// The two children of a node lie beside each other, the one of the true branch first, and the nodes of a tree lie in the order of their
/// depth, so that a step reads one node and the top levels share cache lines.
package struct TreeTable: Sendable {
  /// A branch, or a leaf when `feature` is negative.
  package struct Node: Sendable {
    /// What the feature is compared with; for a membership the number of its set.
    package let threshold: Double
    package let feature: Int32
    /// A branch: the child on the true branch, which the one on the false branch follows. A leaf: its number.
    package let next: Int32

    package var isLeaf: Bool { feature < 0 }
  }

  /// When a sample takes the true branch: ONNX `nodes_modes`, in the numbers of TreeEnsemble.
  package enum Mode: UInt8, Sendable {
    case lessOrEqual, less, greaterOrEqual, greater, equal, notEqual, member
  }

  /// How a missing feature (NaN) and the others choose a branch, beside the node at the same place.
  package struct Rule: Sendable {
    package let mode: Mode
    package let missingIsTrue: Bool

    /// The rule of nearly all models, which NaN follows by itself.
    package var isPlain: Bool { mode == .lessOrEqual && !missingIsTrue }
  }

  package let nodes: [Node]
  package let rules: [Rule]
  /// Whether every branch has the plain rule, so that `rules` need not be read.
  package let isPlain: Bool
  /// The first node of each tree.
  package let roots: [Int32]
  /// The votes of leaf i are `votes[voteStarts[i]..<voteStarts[i + 1]]`.
  package let voteStarts: [Int32]
  package let votes: [Vote]
  /// The sets of memberships.
  package let members: [Set<Double>]
  /// The number of targets that votes are for.
  package let targets: Int
  /// The number of features that a sample must have at least.
  package let leastFeatures: Int

  /// What a leaf adds to a target.
  package struct Vote: Sendable {
    package let target: Int32
    package let weight: Double
  }

  /// Lays a forest out. Throws `invalidModel` for an index out of range, for no tree, and for a branch that is reached twice or not at
  /// all: a table with a cycle has one or the other.
  init(_ forest: Forest) throws(OnyxError) {
    // Every branch is reached at most once, so there are at most two children for each and a root for each tree.
    guard forest.branches.count + forest.roots.count < Int(Int32.max) / 2, max(forest.votes.count, forest.leafCount) < Int(Int32.max)
    else { throw .invalid("The ensemble has \(forest.branches.count) nodes, more than a table can hold.") }
    guard !forest.roots.isEmpty else { throw .invalid("The ensemble has no trees.") }
    var layout = Layout(forest)
    for root in forest.roots { try layout.place(root) }
    if let lost = layout.isReached.firstIndex(of: false) { throw .invalid("The node \(lost) belongs to no tree.") }
    nodes = layout.nodes
    rules = layout.rules
    roots = layout.roots
    isPlain = layout.rules.allSatisfy(\.isPlain)
    members = forest.members
    targets = forest.targets
    leastFeatures = (forest.branches.map(\.feature).max() ?? -1) + 1
    (voteStarts, votes) = try forest.grouped()
  }

  /// The leaf of a tree that the sample starting at `base` reaches.
  @inline(__always)
  private func leaf<Feature: BinaryFloatingPoint>(_ root: Int32, _ features: [Feature], _ base: Int) -> Int {
    var place = Int(root)
    var node = nodes[place]
    while !node.isLeaf {
      let value = Double(features[base + Int(node.feature)])
      let isTrue = isPlain ? value <= node.threshold : holds(rules[place], value, node.threshold)
      place = Int(node.next) + (isTrue ? 0 : 1)
      node = nodes[place]
    }
    return Int(node.next)
  }

  private func holds(_ rule: Rule, _ value: Double, _ threshold: Double) -> Bool {
    if value.isNaN { return rule.missingIsTrue }
    return switch rule.mode {
    case .lessOrEqual: value <= threshold
    case .less: value < threshold
    case .greaterOrEqual: value >= threshold
    case .greater: value > threshold
    case .equal: value == threshold
    case .notEqual: value != threshold
    case .member: members[Int(threshold)].contains(value)
    }
  }

  /// The aggregated votes of the samples `rows`, `targets` for each. `features` holds whole samples of `width` features, at least
  /// `leastFeatures`. Votes are added in the order of the trees, in the precision of `Score`; a target without votes gets 0.
  private func aggregate<Feature: BinaryFloatingPoint, Score: BinaryFloatingPoint>(
    _ function: TreeAggregation, _ rows: Range<Int>, _ features: [Feature], width: Int, into scores: inout [Score]
  ) {
    // A tree stays in the cache while a block of samples walks through it.
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
      for root in roots {
        for row in start..<min(start + Self.blockRows, rows.upperBound) {
          let leaf = leaf(root, features, row * width)
          let base = (row - rows.lowerBound) * targets
          for place in Int(voteStarts[leaf])..<Int(voteStarts[leaf + 1]) {
            let vote = votes[place]
            function.combine(&scores[base + Int(vote.target)], Score(vote.weight))
          }
        }
      }
    }
    function.finish(&scores, trees: roots.count)
  }

  private static let blockRows = 64

  /// The aggregated votes of the samples `rows` in float32; see `predict(_:_:width:_:)` for float64.
  package func predict(_ rows: Range<Int>, _ features: [Float], width: Int, _ function: TreeAggregation) -> [Float] {
    var scores = [Float](repeating: function.start(), count: rows.count * targets)
    aggregate(function, rows, features, width: width, into: &scores)
    return scores
  }

  /// The aggregated votes of the samples `rows`: `targets` for each, in the order of the rows.
  ///
  /// `features` holds the samples end to end, `width` numbers each, at least `leastFeatures`. Complexity: O(rows · trees · depth).
  package func predict(_ rows: Range<Int>, _ features: [Double], width: Int, _ function: TreeAggregation) -> [Double] {
    var scores = [Double](repeating: function.start(), count: rows.count * targets)
    aggregate(function, rows, features, width: width, into: &scores)
    return scores
  }
}

extension TreeTable {
  /// The scores of the samples of a tensor, with a base for each target that is added last ([]: 0). float32 is summed in float32 and in
  /// the order of the trees, as ONNX Runtime does: a label decided at exactly 0.5 is the same then.
  ///
  /// Throws `invalidModel` for a tensor that is no matrix or has too few features, `budgetExceeded` for too many targets.
  func scores(of x: Tensor, _ function: TreeAggregation, base: [Double]) throws(OnyxError) -> [Double] {
    let matrix = try FeatureMatrix(x.shape)
    try check(features: matrix.features)
    try ReferenceMemory.check(try Shape([matrix.rows, targets]).elementCount)
    let rows = 0..<matrix.rows
    if x.elementType == .float32 {
      var scores = predict(rows, try x.elements(as: Float.self), width: matrix.features, function)
      add(base.map { Float($0) }, to: &scores)
      return scores.map { Double($0) }
    }
    var scores = predict(rows, try x.doubles(), width: matrix.features, function)
    add(base, to: &scores)
    return scores
  }

  /// Throws `invalidModel` when a node reads a feature past `count`.
  func check(features count: Int) throws(OnyxError) {
    guard count >= leastFeatures else {
      throw .invalid("The input has \(count) features; the trees read the feature \(leastFeatures - 1).")
    }
  }

  private func add<Score: BinaryFloatingPoint>(_ base: [Score], to scores: inout [Score]) {
    guard !base.isEmpty else { return }
    for index in scores.indices { scores[index] += base[index % targets] }
  }
}

/// How the votes for a target become its score.
package enum TreeAggregation: String, CaseIterable, Sendable {
  case average = "AVERAGE"
  case sum = "SUM"
  case min = "MIN"
  case max = "MAX"

  /// The score before any vote: NaN stands for none.
  func start<Score: BinaryFloatingPoint>() -> Score { self == .sum || self == .average ? 0 : .nan }

  @inline(__always)
  func combine<Score: BinaryFloatingPoint>(_ score: inout Score, _ weight: Score) {
    switch self {
    case .sum, .average: score += weight
    case .min: if !(score <= weight) { score = weight }
    case .max: if !(score >= weight) { score = weight }
    }
  }

  func finish<Score: BinaryFloatingPoint>(_ scores: inout [Score], trees: Int) {
    switch self {
    case .sum: return
    case .average: for index in scores.indices { scores[index] /= Score(trees) }
    case .min, .max: for index in scores.indices where scores[index].isNaN { scores[index] = 0 }
    }
  }
}
