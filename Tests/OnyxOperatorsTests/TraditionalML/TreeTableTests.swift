import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// What the tables of trees accept and mean. Expected numbers: by hand from the standard's text.
struct TreeTableTests {
  @Test(arguments: cases) func gives(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  /// One branch at 0.5 whose leaves vote 1 and 2.
  static func stump(mode: String = "BRANCH_LEQ", _ changes: [String: Attribute] = [:]) -> [String: Attribute] {
    let plain: [String: Attribute] = [
      "nodes_treeids": .ints([0, 0, 0]), "nodes_nodeids": .ints([0, 1, 2]), "nodes_featureids": .ints([0, 0, 0]),
      "nodes_modes": texts([mode, "LEAF", "LEAF"]), "nodes_values": .floats([0.5, 0, 0]), "nodes_truenodeids": .ints([1, 0, 0]),
      "nodes_falsenodeids": .ints([2, 0, 0]), "target_treeids": .ints([0, 0]), "target_nodeids": .ints([1, 2]),
      "target_ids": .ints([0, 0]), "target_weights": .floats([1, 2]), "n_targets": .int(1),
    ]
    return plain.merging(changes) { $1 }
  }

  /// The same stump as a classifier of the labels 10 and 20 with these votes: (leaf, class, weight).
  static func classifier(_ votes: [(Int64, Int64, Float)], _ changes: [String: Attribute] = [:]) -> [String: Attribute] {
    var attributes = stump().filter { $0.key.hasPrefix("nodes") }
    attributes["class_treeids"] = .ints(votes.map { _ in 0 })
    attributes["class_nodeids"] = .ints(votes.map(\.0))
    attributes["class_ids"] = .ints(votes.map(\.1))
    attributes["class_weights"] = .floats(votes.map(\.2))
    attributes["classlabels_int64s"] = .ints([10, 20])
    return attributes.merging(changes) { $1 }
  }

  /// One branch of TreeEnsemble on the first feature with the split 2.
  static func branch(_ mode: Int64, _ changes: [String: Attribute] = [:]) -> [String: Attribute] {
    let plain: [String: Attribute] = [
      "nodes_featureids": .ints([0]), "nodes_modes": .tensor(ints(.uint8, [mode])), "nodes_splits": .tensor(f32([2])),
      "nodes_truenodeids": .ints([0]), "nodes_trueleafs": .ints([1]), "nodes_falsenodeids": .ints([1]), "nodes_falseleafs": .ints([1]),
      "leaf_targetids": .ints([0, 0]), "leaf_weights": .tensor(f32([1, -1])), "tree_roots": .ints([0]), "n_targets": .int(1),
    ]
    return plain.merging(changes) { $1 }
  }

  static let samples = f32([1, 2, 3, .nan], [4, 1])
  static let doubled: [String: Attribute] = [
    "membership_values": .tensor(f32([3, 1, .nan])), "nodes_missing_value_tracks_true": .ints([1]),
  ]

  static let cases: [OperatorCase] = [
    OperatorCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0), gives: f32([1, 1, -1, -1], [4, 1]), note: "LEQ"),
    OperatorCase("ai.onnx.ml.TreeEnsemble", [samples], branch(1), gives: f32([1, -1, -1, -1], [4, 1]), note: "LT"),
    OperatorCase("ai.onnx.ml.TreeEnsemble", [samples], branch(2), gives: f32([-1, 1, 1, -1], [4, 1]), note: "GTE"),
    OperatorCase("ai.onnx.ml.TreeEnsemble", [samples], branch(3), gives: f32([-1, -1, 1, -1], [4, 1]), note: "GT"),
    OperatorCase("ai.onnx.ml.TreeEnsemble", [samples], branch(4), gives: f32([-1, 1, -1, -1], [4, 1]), note: "EQ"),
    OperatorCase("ai.onnx.ml.TreeEnsemble", [samples], branch(5), gives: f32([1, -1, 1, -1], [4, 1]), note: "NEQ, missing is false"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble", [samples], branch(6, doubled), gives: f32([1, -1, 1, 1], [4, 1]), note: "MEMBER, missing is true"),
    OperatorCase("ai.onnx.ml.TreeEnsemble", [f16([2, 3], [2, 1])], branch(0), gives: f16([1, -1], [2, 1])),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble", [f64([2, 3], [2, 1])], branch(0, ["post_transform": .int(2)]),
      gives: f64([0.731058578630005, 0.268941421369995], [2, 1]), note: "2 is LOGISTIC, which ONNX Runtime swaps with SOFTMAX"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble", [f32([5], [1, 1])],
      branch(0, ["nodes_falsenodeids": .ints([0]), "leaf_targetids": .ints([0]), "leaf_weights": .tensor(f32([4]))]),
      gives: f32([4], [1, 1]), note: "a tree of one leaf"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble", [f32([], [0, 1])], branch(0, ["aggregate_function": .int(2)]), gives: f32([], [0, 1]), note: "no rows"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [i64([0, 1], [2, 1])], stump(["base_values": .floats([0.25])]),
      gives: f32([1.25, 2.25], [2, 1])),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [f32([0])],
      stump(["n_targets": .int(2), "aggregate_function": .text("MIN"), "base_values": .floats([10, 20])]),
      gives: f32([11, 20], [1, 2]), note: "a target without votes"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [f64([0.1], [1, 1])],
      stump(["nodes_values": .floats([]), "nodes_values_as_tensor": .tensor(f64([0.1, 0, 0]))].merging(stump()) { a, _ in a })
        .filter { $0.key != "nodes_values" },
      gives: f32([1], [1, 1]), note: "0.1 as a double"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [f32([7], [1, 1])],
      [
        "nodes_treeids": .ints([3]), "nodes_nodeids": .ints([0]), "nodes_featureids": .ints([0]), "nodes_modes": texts(["LEAF"]),
        "nodes_values": .floats([0]), "nodes_truenodeids": .ints([0]), "nodes_falsenodeids": .ints([0]), "target_treeids": .ints([3]),
        "target_nodeids": .ints([0]), "target_ids": .ints([0]), "target_weights": .floats([5]), "n_targets": .int(1),
      ], gives: f32([5], [1, 1]), note: "a tree of one leaf"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [f32([0, 1], [2, 1])], classifier([(1, 0, 0.3), (1, 1, 0.7), (2, 0, 0.9), (2, 1, 0.2)]),
      gives: i64([20, 10]), f32([0.3, 0.7, 0.9, 0.2], [2, 2]), note: "votes for both classes; ONNX Runtime gives the labels 1, 1"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [f32([0, 1], [2, 1])], classifier([(1, 0, 0.3), (2, 0, 0.8)]),
      gives: i64([10, 20]), f32([0.7, 0.3, 0.2, 0.8], [2, 2]), tolerance: 1e-6, note: "one probability, as ONNX Runtime"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [f32([0, 1], [2, 1])], classifier([(1, 0, -0.3), (2, 0, 0.8)]),
      gives: i64([10, 20]), f32([0.3, -0.3, -0.8, 0.8], [2, 2]), note: "one signed score, as ONNX Runtime"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [f32([0, 1], [2, 1])],
      classifier([(1, 1, -0.3), (2, 1, 0.8)], ["post_transform": .text("SOFTMAX")]),
      gives: i64([10, 20]), f32([0.574442517, 0.425557483, 0.310025519, 0.689974481], [2, 2]), tolerance: 1e-6,
      note: "votes for the second class, as ONNX Runtime"),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [f32([0, 1], [2, 1])],
      classifier([(1, 0, -0.3), (2, 0, 0.8)], ["base_values": .floats([0.25]), "post_transform": .text("LOGISTIC")]),
      gives: i64([10, 20]), f32([0.512497396, 0.487502604, 0.259225100, 0.740774900], [2, 2]), tolerance: 1e-6,
      note: "with a base, as ONNX Runtime"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], says: "no trees"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_values": .floats([1])]), says: "different lengths"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["target_ids": .ints([0])]), says: "different lengths"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(mode: "BRANCH"), says: "the mode 'BRANCH'"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_nodeids": .ints([0, 1, 1])]), says: "comes twice"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_truenodeids": .ints([7, 0, 0])]), says: "has no node 7"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_truenodeids": .ints([0, 0, 0])]), says: "belongs to no tree"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_truenodeids": .ints([2, 0, 0])]), says: "not connected"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [samples],
      stump(["nodes_truenodeids": .ints([0, 0, 0]), "nodes_falsenodeids": .ints([1, 0, 0]), "nodes_treeids": .ints([0, 0, 1])])
        .merging(["target_nodeids": .ints([1, 1])]) { $1 }, says: "belongs to no tree"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_featureids": .ints([-1, 0, 0])]), says: "the feature -1"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_featureids": .ints([1, 0, 0])]),
      says: "1 features; the trees read the feature 1"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["target_ids": .ints([0, 1])]), says: "the target 1; there are 1"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["n_targets": .int(0)]), says: "'n_targets' is 0"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["n_targets": .int(1 << 60)]), code: .budgetExceeded, says: "too large"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["n_targets": .int(1 << 62)]), says: "more elements than fit"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["base_values": .floats([1, 2])]), says: "2 base values for 1 targets"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [samples], stump(["nodes_values_as_tensor": .tensor(f64([1, 1, 1]))]),
      says: "exclude each other"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [f32([1], [1, 1, 1])], stump(), says: "rank 3"),
    FailureCase("ai.onnx.ml.TreeEnsembleRegressor", [f32([1], [])], stump(), says: "rank 0"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [samples], classifier([(1, 0, 1), (2, 1, 1)], ["base_values": .floats([1])]), outputs: 2,
      says: "1 base values for 2 classes"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [samples], classifier([(1, 2, 1)]), outputs: 2, says: "the target 2; there are 2"),
    FailureCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [samples], classifier([(1, 0, 1)], ["classlabels_strings": texts(["a"])]), outputs: 2,
      says: "Exactly one"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(7), says: "the mode 7"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(6), says: "too few sets"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, doubled), says: "1 sets of members for 0 nodes"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["tree_roots": .ints([1])]), says: "leads to the node 1 of 1"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["tree_roots": .ints([0, 0])]), says: "reached on two ways"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["nodes_trueleafs": .ints([0])]), says: "reached on two ways"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["nodes_truenodeids": .ints([2])]), says: "the leaf 2 of 2"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["tree_roots": .ints([])]), says: "no trees"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["leaf_targetids": .ints([0])]), says: "2 weights for 1 leaves"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["aggregate_function": .int(4)]), says: "'aggregate_function' is 4"),
    FailureCase("ai.onnx.ml.TreeEnsemble", [samples], branch(0, ["nodes_featureids": .ints([0, 0])]), says: "different lengths"),
  ]

  /// A kernel may cut the rows as it likes: every part gives its own rows.
  @Test func rowsCanBeCut() throws {
    let attributes = Self.stump(["n_targets": .int(2), "target_ids": .ints([0, 1])])
    let node = Node(
      op: OperatorName("TreeEnsembleRegressor", domain: "ai.onnx.ml"), opset: 3, inputs: [ValueID(0)], outputs: [ValueID(1)],
      attributes: attributes)
    let trees = try #require(try Catalog.make(node) as? TreeEnsembleRegressor).trees
    let features = (0..<200).map { Float($0 % 7) / 4 }
    let whole = trees.predict(0..<200, features, width: 1, .sum)
    #expect(whole.count == 400)
    #expect(whole == trees.predict(0..<3, features, width: 1, .sum) + trees.predict(3..<200, features, width: 1, .sum))
    #expect(whole.prefix(8) == [1, 0, 1, 0, 1, 0, 0, 2])
    #expect(trees.predict(0..<200, features.map(Double.init), width: 1, .sum) == whole.map(Double.init))
  }
}
