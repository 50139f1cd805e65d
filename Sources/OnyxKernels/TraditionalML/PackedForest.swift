import CKernels
import OnyxOperators
import OnyxTensor

/// The trees of an ensemble as walks read them, made once for a session.
///
/// SAFETY: never written after `init`; nodes hold numbers only.
@safe final class PackedForest<Value: ForestValue>: @unchecked Sendable {
  /// What leaves vote.
  enum Votes {
    /// Every leaf votes at most once, and all for `target`: the weight at each place of a node, 0 where there is none.
    case single(target: Int, weights: [Value])
    /// The weights of each leaf for all targets.
    case dense([Value])
    /// As in the table: any number of votes, or extremes instead of sums.
    case sparse(weights: [Value])
  }

  /// Nodes whose comparison is an upper bound; empty when others are needed.
  let branches: [Value.Branch]
  /// Nodes of any comparison; empty when `branches` are not.
  let rules: [Value.Rule]
  /// The leaf of the table at each place.
  let leaves: [UInt32]
  let roots: [UInt32]
  /// The most steps of a walk through each tree.
  let levels: [Int64]
  /// The most steps of a walk from the roots of sixteen trees that follow each other.
  let groupLevels: [Int64]
  /// The features that branches read, in ascending order.
  let features: [Int32]
  let votes: Votes
  /// The votes of the table.
  let table: TreeTable

  init(_ table: TreeTable, _ aggregation: TreeAggregation) {
    self.table = table
    var used = Set(table.nodes.lazy.filter { !$0.isLeaf }.map(\.feature)).sorted()
    if used.isEmpty { used = [0] }
    features = used
    let layout = ForestLayout<Value>(table, used: used)
    leaves = layout.leaves
    roots = layout.roots
    levels = layout.levels
    groupLevels = stride(from: 0, to: levels.count, by: Int(ONYX_FOREST_LANES)).map { start in
      layout.levels[start..<min(start + Int(ONYX_FOREST_LANES), layout.levels.count)].max() ?? 0
    }
    // A leaf fails every upper bound.
    let isPlain = layout.nodes.allSatisfy { $0.upperBound != nil }
    branches = isPlain ? layout.nodes.map(Value.branch) : []
    rules = isPlain ? [] : layout.nodes.map(Value.rule)
    votes = Self.votes(table, aggregation, layout)
  }

  private static func votes(_ table: TreeTable, _ aggregation: TreeAggregation, _ layout: ForestLayout<Value>) -> Votes {
    let sparse = Votes.sparse(weights: table.votes.map { Value($0.weight) })
    guard aggregation == .sum || aggregation == .average else { return sparse }
    let leafCount = table.voteStarts.count - 1
    let votes = (0..<leafCount).map { table.votes[Int(table.voteStarts[$0])..<Int(table.voteStarts[$0 + 1])] }
    let target = table.votes.first?.target ?? 0
    if votes.allSatisfy({ $0.count <= 1 }), table.votes.allSatisfy({ $0.target == target }) {
      let weights = layout.nodes.indices.map { place -> Value in
        layout.nodes[place].child == place ? votes[Int(layout.leaves[place])].first.map { Value($0.weight) } ?? 0 : 0
      }
      return .single(target: Int(target), weights: weights)
    }
    // A leaf that votes twice for a target adds twice.
    guard table.targets <= 4 * table.votes.count / max(leafCount, 1) + 4,
      votes.allSatisfy({ Set($0.map(\.target)).count == $0.count })
    else { return sparse }
    var dense = [Value](repeating: 0, count: leafCount * table.targets)
    for (leaf, votes) in votes.enumerated() {
      for vote in votes { dense[leaf * table.targets + Int(vote.target)] = Value(vote.weight) }
    }
    return .dense(dense)
  }
}
