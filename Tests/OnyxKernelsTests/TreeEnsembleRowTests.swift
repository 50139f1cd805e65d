import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// The rows of tree ensembles give the references' numbers to the bit: both add the votes of a sample in the order of the trees.
@Suite("Tree ensemble rows equal the reference")
struct TreeEnsembleRowTests {
  /// Random trees in both of ONNX's forms. Thresholds and features are small halves, so that many are equal.
  struct Trees {
    var generator: SeededGenerator
    let features: Int
    let targets: Int
    /// Of ONNX `nodes_modes` by number, from which branches draw.
    let modes: [Int]
    let tracksMissing: Bool
    var treeIDs: [Int64] = []
    var nodeIDs: [Int64] = []
    var featureIDs: [Int64] = []
    var modeIDs: [Int] = []
    var values: [Float] = []
    var whenTrue: [Int64] = []
    var whenFalse: [Int64] = []
    var missing: [Int64] = []
    var leaves: [(tree: Int64, node: Int64)] = []

    init(_ seed: UInt64, trees: Int, depth: Int, features: Int, targets: Int, modes: [Int], tracksMissing: Bool) {
      generator = SeededGenerator(seed: seed)
      (self.features, self.targets, self.modes, self.tracksMissing) = (features, targets, modes, tracksMissing)
      for tree in 0..<trees { grow(Int64(tree), depth: tree % 5 == 0 ? 2 * depth : depth) }
    }

    mutating func below(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }

    private mutating func grow(_ tree: Int64, depth: Int) {
      var next: Int64 = 1
      var queue: [(id: Int64, level: Int)] = [(0, 0)]
      while !queue.isEmpty {
        let (id, level) = queue.removeFirst()
        let isLeaf = level >= depth || (level > 0 && below(4) == 0)
        treeIDs.append(tree)
        nodeIDs.append(id)
        featureIDs.append(isLeaf ? 0 : Int64(below(features)))
        modeIDs.append(isLeaf ? -1 : modes[below(modes.count)])
        values.append(isLeaf ? 0 : Float(below(13) - 6) / 2)
        missing.append(!isLeaf && tracksMissing ? Int64(below(2)) : 0)
        whenTrue.append(isLeaf ? 0 : next)
        whenFalse.append(isLeaf ? 0 : next + 1)
        if isLeaf {
          leaves.append((tree, id))
        } else {
          queue.append((next, level + 1))
          queue.append((next + 1, level + 1))
          next += 2
        }
      }
    }

    /// The form of TreeEnsembleClassifier ("class") and TreeEnsembleRegressor ("target"), with as many votes a leaf as `votes` draws.
    mutating func named(_ kind: String, votes: (inout Trees) -> [(target: Int, weight: Float)]) -> [String: Attribute] {
      let names = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
      var (trees, nodes, targets, weights): ([Int64], [Int64], [Int64], [Float]) = ([], [], [], [])
      for leaf in leaves {
        for vote in votes(&self) {
          trees.append(leaf.tree)
          nodes.append(leaf.node)
          targets.append(Int64(vote.target))
          weights.append(vote.weight)
        }
      }
      return [
        "nodes_treeids": .ints(treeIDs), "nodes_nodeids": .ints(nodeIDs), "nodes_featureids": .ints(featureIDs),
        "nodes_modes": .strings(modeIDs.map { Array(($0 < 0 ? "LEAF" : names[$0]).utf8) }), "nodes_values": .floats(values),
        "nodes_truenodeids": .ints(whenTrue), "nodes_falsenodeids": .ints(whenFalse), "nodes_missing_value_tracks_true": .ints(missing),
        "\(kind)_treeids": .ints(trees), "\(kind)_nodeids": .ints(nodes), "\(kind)_ids": .ints(targets),
        "\(kind)_weights": .floats(weights),
      ]
    }

    /// The form of TreeEnsemble, in the element type of its input.
    mutating func numbered(_ type: ElementType) throws -> [String: Attribute] {
      var attributes: [String: Attribute] = [:]
      // Branches and leaves are numbered apart, each in the order of the nodes.
      var (branchNumbers, leafNumbers): ([Int: Int], [Int: Int]) = ([:], [:])
      for index in modeIDs.indices {
        if modeIDs[index] < 0 { leafNumbers[index] = leafNumbers.count } else { branchNumbers[index] = branchNumbers.count }
      }
      var firstOfTree: [Int64: Int] = [:]
      for index in treeIDs.indices where firstOfTree[treeIDs[index]] == nil { firstOfTree[treeIDs[index]] = index }
      var roots: [Int64] = []
      var columns: [String: [Int64]] = [:]
      var (splits, members): ([Double], [Double]) = ([], [])
      for index in modeIDs.indices where modeIDs[index] >= 0 {
        let first = firstOfTree[treeIDs[index]] ?? 0
        if nodeIDs[index] == 0 { roots.append(Int64(branchNumbers[index] ?? 0)) }
        for (name, child) in [("true", whenTrue[index]), ("false", whenFalse[index])] {
          let place = first + Int(child)
          columns["nodes_\(name)nodeids", default: []].append(Int64(leafNumbers[place] ?? branchNumbers[place] ?? 0))
          columns["nodes_\(name)leafs", default: []].append(leafNumbers[place] == nil ? 0 : 1)
        }
        columns["nodes_featureids", default: []].append(featureIDs[index])
        columns["nodes_missing_value_tracks_true", default: []].append(missing[index])
        splits.append(Double(values[index]))
        guard modeIDs[index] == 6 else { continue }
        for _ in 0..<below(6) { members.append(Double(below(13) - 6) / 2) }
        members.append(.nan)
      }
      for (name, column) in columns { attributes[name] = .ints(column) }
      attributes["tree_roots"] = .ints(roots)
      attributes["nodes_splits"] = .tensor(try Tensor(floating: splits, as: type, shape: [splits.count]))
      let modes = modeIDs.filter { $0 >= 0 }.map { UInt8($0) }
      attributes["nodes_modes"] = .tensor(try Tensor(modes, shape: [modes.count]))
      if !members.isEmpty { attributes["membership_values"] = .tensor(try Tensor(floating: members, as: type, shape: [members.count])) }
      attributes["leaf_targetids"] = .ints(leaves.indices.map { Int64($0 % targets) })
      let weights = leaves.indices.map { _ in generator.uniform(in: -1...1) }
      attributes["leaf_weights"] = .tensor(try Tensor(floating: weights, as: type, shape: [weights.count]))
      attributes["n_targets"] = .int(Int64(targets))
      return attributes
    }
  }

  /// Samples of halves, with what compares in its own way among them.
  static func samples(_ type: ElementType, _ rows: Int, _ features: Int) throws -> NodeCase.Input {
    var generator = SeededGenerator(seed: 3)
    let values = (0..<rows * features).map { index -> Double in
      if type.isFloating, index % 7 == 0 { return [.nan, .infinity, -.infinity, -0.0][index / 7 % 4] }
      return generator.uniform(in: -7...7).rounded() / (type.isFloating ? 2 : 1)
    }
    let shape = try Shape([rows, features])
    if type.isFloating { return .given(try Tensor(floating: values, as: type, shape: shape)) }
    return .given(try Tensor(integral: values.map { Int64($0) }, as: type, shape: shape))
  }

  /// Every instruction set and 1, 2 and 3 threads give the reference's bits.
  static func expectBits(_ test: NodeCase, _ what: String) throws {
    let expected = try test.run(.referenceOnly).results.map { bits(try $0.doubles()) }
    for isa in ISA.tiers {
      for threads in [1, 2, 3] {
        let actual = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(actual.rows != ["reference"], "no row serves \(what)")
        for (a, e) in zip(actual.results, expected) {
          #expect(bits(try a.doubles()) == e, "\(what), \(isa.name), \(threads) threads")
        }
      }
    }
  }

  /// One pattern for all NaNs.
  private static func bits(_ values: [Double]) -> [UInt64] { values.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern } }

  /// The modes of branches: those of one form of nodes each, and all.
  static let modes: [[Int]] = [[0], [1], [0, 1], [2, 3], [4], [5], [0, 1, 2, 3, 4, 5]]

  @Test(arguments: modes) func regressors(_ modes: [Int]) throws {
    for (round, type) in [ElementType.float32, .float64, .int32, .int64].enumerated() {
      for tracksMissing in [false, true] {
        var trees = Trees(UInt64(round), trees: 19, depth: 5, features: 6, targets: 3, modes: modes, tracksMissing: tracksMissing)
        var one = trees.named("target") { [(0, Float($0.generator.uniform(in: -1...1)))] }
        one["base_values"] = .floats([0.3])
        var many = trees.named("target") { trees in
          (0..<trees.below(4)).map { _ in (trees.below(3), Float(trees.generator.uniform(in: -1...1))) }
        }
        many["n_targets"] = .int(3)
        many["base_values"] = .floats([0.25, -1, 0])
        for rows in [1, 5, 8, 37, 700] {
          let x = try Self.samples(type, rows, 6)
          let what = "\(modes) \(type) \(rows)"
          try Self.expectBits(NodeCase("TreeEnsembleRegressor", [x], one, domain: "ai.onnx.ml"), what)
          for aggregation in ["SUM", "AVERAGE", "MIN", "MAX"] where rows <= 37 {
            many["aggregate_function"] = .text(aggregation)
            try Self.expectBits(NodeCase("TreeEnsembleRegressor", [x], many, domain: "ai.onnx.ml"), "\(aggregation) \(what)")
          }
        }
      }
    }
  }

  @Test(arguments: ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"]) func classifiers(_ transform: String) throws {
    for rows in [1, 9, 50] {
      let x = try Self.samples(.float32, rows, 4)
      for (classes, voted, sign) in [(3, 3, 0), (2, 2, 0), (2, 1, 0), (2, 1, 1), (2, -1, 0), (2, -1, 1)] {
        var trees = Trees(9, trees: 6, depth: 4, features: 4, targets: classes, modes: [0], tracksMissing: false)
        var attributes = trees.named("class") { trees in
          let weights = (0..<classes).map { _ in Float(trees.generator.uniform(in: (sign == 0 ? 0 : -1)...1)) / 8 }
          return voted == 1 ? [(1, weights[1])] : voted == -1 ? [(0, weights[0])] : weights.enumerated().map { ($0.offset, $0.element) }
        }
        attributes["classlabels_int64s"] = .ints((0..<classes).map { Int64(10 - $0) })
        attributes["post_transform"] = .text(transform)
        try Self.expectBits(
          NodeCase("TreeEnsembleClassifier", [x], attributes, domain: "ai.onnx.ml", outputs: 2), "\(transform) \(classes) \(voted)")
      }
    }
  }

  @Test(arguments: [[0], [6], [0, 1, 2, 3, 4, 5, 6]]) func ensembles(_ modes: [Int]) throws {
    for type in [ElementType.float32, .float64, .float16] {
      for tracksMissing in [false, true] {
        var trees = Trees(4, trees: 7, depth: 6, features: 5, targets: 2, modes: modes, tracksMissing: tracksMissing)
        let attributes = try trees.numbered(type)
        for rows in [2, 33] {
          try Self.expectBits(
            NodeCase("TreeEnsemble", [try Self.samples(type, rows, 5)], attributes, domain: "ai.onnx.ml"), "\(modes) \(type) \(rows)")
        }
      }
    }
  }

  @Test func stringsAreLeftToTheReference() throws {
    var trees = Trees(1, trees: 2, depth: 2, features: 2, targets: 2, modes: [0], tracksMissing: false)
    var attributes = trees.named("class") { _ in [(0, 1)] }
    attributes["classlabels_strings"] = .strings([Array("a".utf8), Array("b".utf8)])
    let test = NodeCase("TreeEnsembleClassifier", [try Self.samples(.float32, 3, 2)], attributes, domain: "ai.onnx.ml", outputs: 2)
    #expect(try test.run(KernelTable()).rows == ["reference"])
  }
}
