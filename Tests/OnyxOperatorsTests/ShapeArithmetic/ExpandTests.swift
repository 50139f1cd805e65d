import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Expand. Expected elements: the ONNX reference evaluator 1.23.2.
struct ExpandTests {
  static let moves: [MovedCase] = [
    MovedCase("Expand", [3, 1], [i64([3, 4])], gives: ([3, 4], [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])),
    MovedCase("Expand", [3, 1], [i64([2, 1, 2])], gives: ([2, 3, 2], [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2])),
    MovedCase("Expand", [2, 2], [i64([1])], gives: ([2, 2], Array(0..<4))),
    MovedCase("Expand", [], [i64([2, 2])], gives: ([2, 2], [0, 0, 0, 0])),
    MovedCase("Expand", [1, 2], [i64([0, 1])], gives: ([0, 2], []), isDirect: true),
    MovedCase("Expand", [2], [i64([])], gives: ([2], [0, 1])),
    MovedCase("Expand", [0, 1], [i64([1, 3])], gives: ([0, 3], [])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Expand", [symbolic(.float32, [1, 64]), sizes(["n", 1])], gives: "float32[n,64]"),
    RuleCase("Expand", [symbolic(.float32, ["n", 1]), sizes(["n", "m"])], gives: "float32[n,m]"),
    RuleCase("Expand", [symbolic(.float32, ["n", 4]), constant(i64([1, 1]))], gives: "float32[n,4]"),
    RuleCase("Expand", [symbolic(.float32, ["n"]), symbolic(.int64, [3])], gives: "float32[t.0,t.1,t.2]"),
    RuleCase("Expand", [Inferred(.tensor(.int64, shape: []), value: .dimensions(["n"])), constant(i64([2]))], gives: "int64[2] = [n, n]"),
    RuleCase("Expand", [symbolic(.float32, nil), constant(i64([2]))], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Expand", [f32([1, 2]), i64([3])], says: "cannot be broadcast"),
    FailureCase("Expand", [f32([1]), i64([-1])], says: "negative dimension"),
    FailureCase("Expand", [f32([1]), i64([.max, .max])], says: "more elements than fit"),
    FailureCase("Expand", [f32([1]), i64([1 << 50])], code: .budgetExceeded, says: "too large"),
    FailureCase("Expand", [f32([1]), i64([1], [1, 1])], says: "'shape' has rank 2"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
