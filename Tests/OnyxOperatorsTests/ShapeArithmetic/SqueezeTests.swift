import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Squeeze and Unsqueeze. Expected shapes: numpy.
struct SqueezeTests {
  static let moves: [MovedCase] = [
    MovedCase("Squeeze", [1, 3, 1], gives: ([3], [0, 1, 2])),
    MovedCase("Squeeze", [1, 3, 1], [i64([0])], gives: ([3, 1], [0, 1, 2])),
    MovedCase("Squeeze", [1, 3, 1], [i64([-1, 0])], gives: ([3], [0, 1, 2])),
    MovedCase("Squeeze", [1], gives: ([], [0])),
    MovedCase("Squeeze", [], gives: ([], [0])),
    MovedCase("Squeeze", [2, 0, 1], [i64([2])], gives: ([2, 0], [])),
    MovedCase("Squeeze", [1, 2], [i64([])], gives: ([1, 2], [0, 1])),
    MovedCase("Unsqueeze", [2, 3], [i64([0])], gives: ([1, 2, 3], Array(0..<6))),
    MovedCase("Unsqueeze", [2, 3], [i64([-1, 1])], gives: ([2, 1, 3, 1], Array(0..<6))),
    MovedCase("Unsqueeze", [], [i64([0, 1])], gives: ([1, 1], [0])),
    MovedCase("Unsqueeze", [2], [i64([2, 0])], gives: ([1, 2, 1], [0, 1])),
    MovedCase("Unsqueeze", [0], [i64([1])], gives: ([0, 1], [])),
    MovedCase("Unsqueeze", [2], [i64([1], [])], gives: ([2, 1], [0, 1]), note: "scalar axes"),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Squeeze", [symbolic(.float32, ["n", 1, 4]), constant(i64([1]))], gives: "float32[n,4]"),
    RuleCase("Squeeze", [symbolic(.float32, ["n", 1, 4]), constant(i64([0]))], gives: "float32[1,4]"),
    RuleCase("Squeeze", [symbolic(.float32, ["n", 1, 4])], gives: "float32[?]"),
    RuleCase("Squeeze", [symbolic(.float32, ["n", 1, 4]), symbolic(.int64, [1])], gives: "float32[t.0,t.1]"),
    RuleCase("Squeeze", [sizes(["n"]), constant(i64([0]))], gives: "int64[] = [n]"),
    RuleCase("Unsqueeze", [symbolic(.float32, ["n", 4]), constant(i64([0, 2]))], gives: "float32[1,n,1,4]"),
    RuleCase("Unsqueeze", [symbolic(.float32, ["n", 4]), symbolic(.int64, [1])], gives: "float32[t.0,t.1,t.2]"),
    RuleCase("Unsqueeze", [symbolic(.float32, ["n", 4]), symbolic(.int64, [9_223_372_036_854_775_807])], gives: "float32[?]"),
    RuleCase("Unsqueeze", [symbolic(.float32, nil), constant(i64([0]))], gives: "float32[?]"),
    RuleCase(
      "Unsqueeze", [Inferred(.tensor(.int64, shape: []), value: .dimensions(["n"])), constant(i64([0]))], gives: "int64[1] = [n]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Squeeze", [f32([1, 2]), i64([0])], says: "extent 2"),
    FailureCase("Squeeze", [f32([1]), i64([1])], says: "Axis 1 is outside"),
    FailureCase("Squeeze", [f32([1], [1, 1]), i64([0, -2])], says: "given twice"),
    FailureCase("Squeeze", [f32([1], [1, 1]), i64([0], [1, 1])], says: "'axes' has rank 2"),
    FailureCase("Unsqueeze", [f32([1]), i64([2])], says: "Axis 2 is outside the rank 2"),
    FailureCase("Unsqueeze", [f32([1]), i64([0, 0])], says: "given twice"),
    FailureCase("Unsqueeze", [f32([1]), i64([.min])], says: "is outside"),
    FailureCase("Unsqueeze", [f32([1])], says: "inputs"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
