import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Split. Expected elements: the ONNX reference evaluator 1.23.2.
struct SplitTests {
  static let moves: [MovedCase] = [
    MovedCase("Split", [6], [], ["num_outputs": .int(3)], gives: ([2], [0, 1]), ([2], [2, 3]), ([2], [4, 5])),
    MovedCase("Split", [7], [], ["num_outputs": .int(3)], gives: ([3], [0, 1, 2]), ([3], [3, 4, 5]), ([1], [6])),
    MovedCase("Split", [2, 4], [i64([3, 1])], ["axis": .int(-1)], gives: ([2, 3], [0, 1, 2, 4, 5, 6]), ([2, 1], [3, 7])),
    MovedCase("Split", [2, 4], [i64([0, 4])], ["axis": .int(1)], gives: ([2, 0], []), ([2, 4], Array(0..<8))),
    MovedCase("Split", [0, 2], [i64([0, 0])], ["axis": .int(0)], gives: ([0, 2], []), ([0, 2], [])),
    MovedCase(
      "Split", [4, 2], [], ["axis": .int(0)], gives: ([2, 2], Array(0..<4)), ([2, 2], [4, 5, 6, 7]), note: "without sizes and num_outputs"),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Split", [symbolic(.float32, ["n", 6])], ["num_outputs": .int(2), "axis": .int(1)], gives: "float32[n,3]", "float32[n,3]"),
    RuleCase("Split", [symbolic(.float32, [try! "n" * 4])], ["num_outputs": .int(2)], gives: "float32[2*n]", "float32[2*n]"),
    RuleCase("Split", [symbolic(.float32, ["n"])], ["num_outputs": .int(2)], gives: "float32[ceil(n/2)]", "float32[-ceil(n/2)+n]"),
    RuleCase("Split", [symbolic(.float32, ["n", 2]), sizes(["a", "b"])], gives: "float32[a,2]", "float32[b,2]"),
    RuleCase("Split", [symbolic(.float32, ["n", 2]), symbolic(.int64, [2])], gives: "float32[t.0,2]", "float32[t.1,2]"),
    RuleCase("Split", [sizes(["n", 3, "m"]), constant(i64([1, 2]))], gives: "int64[1] = [n]", "int64[2] = [3, m]"),
    RuleCase("Split", [symbolic(.float32, nil)], ["num_outputs": .int(2)], gives: "float32[?]", "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Split", [f32([1, 2, 3]), i64([1, 1])], outputs: 2, says: "do not add up"),
    FailureCase("Split", [f32([1, 2, 3]), i64([4, -1])], outputs: 2, says: "negative"),
    FailureCase("Split", [f32([1, 2, 3]), i64([3])], outputs: 2, says: "2 outputs and 1 sizes"),
    FailureCase("Split", [f32([1, 2, 3]), i64([1, 2])], ["num_outputs": .int(2)], outputs: 2, says: "both the input 'split'"),
    FailureCase("Split", [f32([1, 2, 3])], ["num_outputs": .int(1)], outputs: 2, says: "'num_outputs' is 1"),
    FailureCase("Split", [f32([1, 2, 3])], outputs: 2, says: "equal parts"),
    FailureCase("Split", [f32([1, 2, 3, 4, 5, 6])], ["num_outputs": .int(5)], outputs: 5, says: "into 5 parts of 2"),
    FailureCase("Split", [f32([1], [])], ["num_outputs": .int(1)], says: "outside the rank 0"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
