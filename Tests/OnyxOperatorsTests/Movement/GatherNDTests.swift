import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// GatherND. Expected elements: the ONNX reference evaluator 1.23.2.
struct GatherNDTests {
  static let moves: [MovedCase] = [
    MovedCase("GatherND", [2, 2], [i64([0, 0, 1, 1], [2, 2])], gives: ([2], [0, 3])),
    MovedCase("GatherND", [2, 2], [i64([1, 0], [2, 1])], gives: ([2, 2], [2, 3, 0, 1])),
    MovedCase("GatherND", [2, 2, 2], [i64([0, 1, 1, 0], [2, 1, 2])], gives: ([2, 1, 2], [2, 3, 4, 5])),
    MovedCase("GatherND", [2, 2, 2], [i64([1, 0], [2, 1])], ["batch_dims": .int(1)], gives: ([2, 2], [2, 3, 4, 5])),
    MovedCase(
      "GatherND", [2, 2, 3], [i64([1, -1, 0, 0, -2, 2, 1, 1], [2, 2, 2])], ["batch_dims": .int(1)], gives: ([2, 2], [5, 0, 8, 10])),
    MovedCase("GatherND", [2, 2], [i64([-1, 0])], gives: ([], [2])),
    MovedCase("GatherND", [2, 2], [i64([], [0, 1])], gives: ([0, 2], [])),
    MovedCase("GatherND", [2, 0], [i64([1, 0], [2, 1])], gives: ([2, 0], [])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("GatherND", [symbolic(.float32, ["n", 4, "k"]), symbolic(.int64, ["m", 2])], gives: "float32[m,k]"),
    RuleCase(
      "GatherND", [symbolic(.float32, ["n", 4, "k"]), symbolic(.int64, ["n", "m", 1])], ["batch_dims": .int(1)], gives: "float32[n,m,k]"),
    RuleCase("GatherND", [symbolic(.float32, ["n", 4]), symbolic(.int64, ["m", "w"])], gives: "float32[?]"),
    RuleCase("GatherND", [sizes(["a", "b"]), constant(i64([1, 0], [2, 1]))], gives: "int64[2] = [b, a]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("GatherND", [f32([1, 2]), i64([0, 0])], says: "must have 1 to 1"),
    FailureCase("GatherND", [f32([1, 2]), i64([], [2, 0])], says: "must have 1 to 1"),
    FailureCase("GatherND", [f32([1, 2]), i64([2])], says: "index 2 is outside"),
    FailureCase("GatherND", [f32([1, 2]), i64([0])], ["batch_dims": .int(1)], says: "'batch_dims' is 1"),
    FailureCase("GatherND", [f32([1, 2]), i64([0])], ["batch_dims": .int(-1)], says: "'batch_dims' is -1"),
    FailureCase("GatherND", [f32([1, 2], [1, 2]), i64([0, 1], [2, 1])], ["batch_dims": .int(1)], says: "batch axis 0: 1 and 2"),
    FailureCase("GatherND", [f32([1], []), i64([0])], says: "'batch_dims' is 0"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
