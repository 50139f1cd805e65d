import OnyxGraph
import OnyxTensor

/// The attributes that TreeEnsembleClassifier and TreeEnsembleRegressor share: nodes named by tree and number, and votes of leaves.
struct TreeNodes {
  /// The trees.
  private(set) var forest = Forest()
  /// What is added to the scores.
  let base: [Double]

  /// Reads the nodes, the base values and the votes, whose attributes begin with `kind`: "class" or "target".
  ///
  /// Throws `invalidModel` for lists of different lengths, a node that comes twice or is missing, and a tree that has not one root.
  init(_ attributes: inout AttributeReader, votesFor kind: String) throws(OnyxError) {
    base = try attributes.numbers("base_values") ?? []
    _ = try attributes.numbers("nodes_hitrates")
    let modes = try attributes.texts("nodes_modes") ?? []
    let columns = try NodeColumns(&attributes, count: modes.count)
    let votes = try VoteColumns(&attributes, kind)
    let places = try Self.places(columns, modes)
    var isChild = [Bool](repeating: false, count: modes.count)
    for index in modes.indices where modes[index] != Self.leafMode {
      let branch = try Self.branch(index, columns, modes[index], places)
      for child in [branch.whenTrue, branch.whenFalse] { isChild[places.nodes(child)] = true }
      forest.branches.append(branch)
    }
    forest.leafCount = modes.count - forest.branches.count
    try addRoots(columns, places, isChild)
    try addVotes(votes, places)
  }

  /// Where the nodes are: by name, and as what.
  private struct Places {
    var byName: [NodeName: Int] = [:]
    /// For each node its number among the branches or among the leaves.
    var children: [Forest.Child] = []
    private(set) var branches: [Int] = []
    private(set) var leaves: [Int] = []

    mutating func append(isLeaf: Bool) {
      if isLeaf {
        children.append(.leaf(leaves.count))
        leaves.append(children.count - 1)
      } else {
        children.append(.branch(branches.count))
        branches.append(children.count - 1)
      }
    }

    func nodes(_ child: Forest.Child) -> Int {
      switch child {
      case .branch(let index): branches[index]
      case .leaf(let index): leaves[index]
      }
    }

    func child(_ name: NodeName) throws(OnyxError) -> Forest.Child {
      guard let place = byName[name] else { throw .invalid("The tree \(name.tree) has no node \(name.node).") }
      return children[place]
    }
  }

  private struct NodeName: Hashable {
    let tree: Int
    let node: Int
  }

  private static let leafMode = "LEAF"
  private static let modes: [String: TreeTable.Mode] = [
    "BRANCH_LEQ": .lessOrEqual, "BRANCH_LT": .less, "BRANCH_GTE": .greaterOrEqual, "BRANCH_GT": .greater, "BRANCH_EQ": .equal,
    "BRANCH_NEQ": .notEqual,
  ]

  private static func places(_ columns: NodeColumns, _ modes: [String]) throws(OnyxError) -> Places {
    var places = Places()
    places.byName.reserveCapacity(modes.count)
    for index in modes.indices {
      let name = NodeName(tree: columns.trees[index], node: columns.nodes[index])
      guard places.byName.updateValue(index, forKey: name) == nil else {
        throw .invalid("The node \(name.node) of the tree \(name.tree) comes twice.")
      }
      places.append(isLeaf: modes[index] == leafMode)
    }
    return places
  }

  private static func branch(_ index: Int, _ columns: NodeColumns, _ mode: String, _ places: Places) throws(OnyxError) -> Forest.Branch {
    guard let known = modes[mode] else {
      throw .invalid("A node has the mode '\(mode)'.", remedy: "Valid modes: \(modes.keys.sorted().joined(separator: ", ")), LEAF.")
    }
    let tree = columns.trees[index]
    return Forest.Branch(
      mode: known, threshold: columns.values[index], feature: columns.features[index], missingIsTrue: columns.missing[index] != 0,
      whenTrue: try places.child(NodeName(tree: tree, node: columns.whenTrue[index])),
      whenFalse: try places.child(NodeName(tree: tree, node: columns.whenFalse[index])))
  }

  /// The root of a tree is its one node that is no child; trees keep the order of their first nodes.
  private mutating func addRoots(_ columns: NodeColumns, _ places: Places, _ isChild: [Bool]) throws(OnyxError) {
    var seen: Set<Int> = []
    for (index, tree) in columns.trees.enumerated() where !isChild[index] {
      guard seen.insert(tree).inserted else {
        throw .invalid("The nodes of the tree \(tree) are not connected: the node \(columns.nodes[index]) is no child of another one.")
      }
      forest.roots.append(places.children[index])
    }
  }

  /// Votes of branches count for nothing, as in ONNX Runtime.
  private mutating func addVotes(_ votes: VoteColumns, _ places: Places) throws(OnyxError) {
    for index in votes.ids.indices {
      if case .leaf(let leaf) = try places.child(NodeName(tree: votes.trees[index], node: votes.nodes[index])) {
        forest.votes.append(Forest.LeafVote(leaf: leaf, target: votes.ids[index], weight: votes.weights[index]))
      }
    }
  }

  /// The attributes with a number for each node.
  private struct NodeColumns {
    let trees, nodes, features, whenTrue, whenFalse, missing: [Int]
    let values: [Double]

    init(_ attributes: inout AttributeReader, count: Int) throws(OnyxError) {
      trees = try attributes.ints("nodes_treeids") ?? []
      nodes = try attributes.ints("nodes_nodeids") ?? []
      features = try attributes.ints("nodes_featureids") ?? []
      whenTrue = try attributes.ints("nodes_truenodeids") ?? []
      whenFalse = try attributes.ints("nodes_falsenodeids") ?? []
      let tracks = try attributes.ints("nodes_missing_value_tracks_true") ?? []
      missing = tracks.isEmpty ? [Int](repeating: 0, count: count) : tracks
      values = try attributes.numbers("nodes_values") ?? []
      guard [trees, nodes, features, whenTrue, whenFalse, missing].allSatisfy({ $0.count == count }), values.count == count else {
        throw .invalid("The attributes 'nodes_…' have different lengths; they must describe \(count) nodes each.")
      }
    }
  }

  /// The attributes with a number for each vote.
  private struct VoteColumns {
    let trees, nodes, ids: [Int]
    let weights: [Double]

    init(_ attributes: inout AttributeReader, _ kind: String) throws(OnyxError) {
      trees = try attributes.ints("\(kind)_treeids") ?? []
      nodes = try attributes.ints("\(kind)_nodeids") ?? []
      ids = try attributes.ints("\(kind)_ids") ?? []
      weights = try attributes.numbers("\(kind)_weights") ?? []
      guard [trees, nodes].allSatisfy({ $0.count == ids.count }), weights.count == ids.count else {
        throw .invalid("The attributes '\(kind)_…' have different lengths.")
      }
    }
  }
}

extension AttributeReader {
  /// Numbers given as floats or, by the name with the suffix "_as_tensor", as a tensor of rank 1 of a floating type; nil when absent.
  fileprivate mutating func numbers(_ name: String) throws(OnyxError) -> [Double]? {
    let floats = try floats(name)
    guard let tensor = try tensor("\(name)_as_tensor") else { return floats.map { $0.map(Double.init) } }
    guard floats == nil else { throw .invalid("The attributes '\(name)' and '\(name)_as_tensor' exclude each other.") }
    guard tensor.elementType.isFloating, tensor.shape.rank == 1 else {
      throw .invalid("The attribute '\(name)_as_tensor' is \(tensor.typeDescription); it must be a list of floats.")
    }
    return try tensor.doubles()
  }
}
