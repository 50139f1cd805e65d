import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Identity and the inference form of Dropout.
struct IdentityTests {
  static let moves: [MovedCase] = [
    MovedCase("Identity", [2, 2], gives: ([2, 2], Array(0..<4))),
    MovedCase("Identity", [], gives: ([], [0])),
    MovedCase("Identity", [0, 3], gives: ([0, 3], [])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let values: [OperatorCase] = [
    OperatorCase("Dropout", [f32([1, 2, 3])], gives: f32([1, 2, 3]), bools([true, true, true])),
    OperatorCase("Dropout", [f16([1, 2]), f16([0.75], []), bools([false], [])], ["seed": .int(3)], gives: f16([1, 2])),
    OperatorCase("Dropout", [f32([1, 2]), f32([0], []), bools([true], [])], gives: f32([1, 2]), bools([true, true])),
    OperatorCase(
      "Dropout", [f32([1, 2, 3, 4, 5, 6], [2, 3]), f32([0.5], []), bools([true], [])], ["seed": .int(0)],
      gives: f32([2, 4, 6, 8, 0, 12], [2, 3]),
      bools([true, true, true, true, false, true], [2, 3])),
    OperatorCase(
      "Dropout", [f32([1, 2, 3, 4, 5, 6], [2, 3]), f32([0.25], []), bools([true], [])], ["seed": .int(7)],
      gives: f32([0, 2.6666667, 4, 5.3333335, 6.666667, 8], [2, 3]), bools([false, true, true, true, true, true], [2, 3])),
    OperatorCase(
      "Dropout", [f32([1, 2]), f32([0.5], []), bools([true], [])], ["seed": .int(4_294_967_295)], gives: f32([0, 4]), bools([false, true])),
    OperatorCase("Dropout", [f64([1, 2], [1, 2]), nil, bools([false], [])], gives: f64([1, 2], [1, 2]), bools([true, true], [1, 2])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Identity", [sizes(["n", 2])], gives: "int64[2] = [n, 2]"),
    RuleCase("Identity", [Inferred(.sequence(.tensor(.float32, shape: ["n"])))], gives: "seq(float32[n])"),
    RuleCase("Identity", [Inferred(.optional(.tensor(.float32, shape: nil)))], gives: "optional(float32[?])"),
    RuleCase("Dropout", [symbolic(.float32, ["n", 4])], gives: "float32[n,4]", "bool[n,4]"),
    RuleCase("Dropout", [symbolic(.float32, nil), symbolic(.float32, []), symbolic(.bool, [])], gives: "float32[?]", "bool[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Dropout", [f32([1]), f32([1], [])], says: "must be in [0, 1)"),
    FailureCase("Dropout", [f32([1]), f32([.nan], [])], says: "must be in [0, 1)"),
    FailureCase("Dropout", [f32([1]), f32([0.5, 0.5])], says: "must be scalars"),
    FailureCase("Dropout", [i32([1])], says: "int32, which the operator does not allow"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
