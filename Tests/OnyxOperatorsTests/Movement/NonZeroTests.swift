import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// NonZero and EyeLike. Expected: numpy.nonzero, numpy.eye.
struct NonZeroTests {
  static let values: [OperatorCase] = [
    OperatorCase("NonZero", [f32([1, 0, 1, 1], [2, 2])], gives: i64([0, 1, 1, 0, 0, 1], [2, 3])),
    OperatorCase("NonZero", [ints(.int8, [0, -3, 0, 5])], gives: i64([1, 3], [1, 2])),
    OperatorCase("NonZero", [bools([true, false, true])], gives: i64([0, 2], [1, 2])),
    OperatorCase("NonZero", [ints(.uint64, [0, 0], [1, 2])], gives: i64([], [2, 0])),
    OperatorCase("NonZero", [f64([.nan, 0, 0, .infinity])], gives: i64([0, 3], [1, 2])),
    OperatorCase("NonZero", [complexes(.complex64, [(0, 0), (0, 1), (1, 0)])], gives: i64([1, 2], [1, 2])),
    OperatorCase("NonZero", [strings(["", "a"])], gives: i64([1], [1, 1])),
    OperatorCase("NonZero", [f32([], [0, 2])], gives: i64([], [2, 0])),
    OperatorCase("NonZero", [f64([5], [])], gives: i64([], [0, 1]), note: "rank 0"),
    OperatorCase("EyeLike", [f32([0, 0, 0, 0, 0, 0], [2, 3])], gives: f32([1, 0, 0, 0, 1, 0], [2, 3])),
    OperatorCase("EyeLike", [i32([0, 0, 0, 0, 0, 0], [3, 2])], ["k": .int(-1)], gives: i32([0, 0, 1, 0, 0, 1], [3, 2])),
    OperatorCase(
      "EyeLike", [i32([0, 0, 0, 0, 0, 0], [2, 3])], ["dtype": .int(1), "k": .int(1)], gives: f32([0, 1, 0, 0, 0, 1], [2, 3])),
    OperatorCase("EyeLike", [bools([false, false, false, false], [2, 2])], gives: bools([true, false, false, true], [2, 2])),
    OperatorCase(
      "EyeLike", [f16([0, 0, 0, 0], [2, 2])], ["dtype": .int(7), "k": .int(-9_223_372_036_854_775_808)], gives: i64([0, 0, 0, 0], [2, 2])),
    OperatorCase("EyeLike", [f32([], [0, 2])], gives: f32([], [0, 2])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("NonZero", [symbolic(.float32, ["n", 4])], gives: "int64[2,t.count]"),
    RuleCase("NonZero", [symbolic(.float32, nil)], gives: "int64[t.rank,t.count]"),
    RuleCase("NonZero", [constant(i64([0, 3]))], gives: "int64[1,1]"),
    RuleCase("EyeLike", [symbolic(.float32, ["n", 4])], ["dtype": .int(11)], gives: "float64[n,4]"),
    RuleCase("EyeLike", [symbolic(.float32, nil)], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("EyeLike", [f32([1])], says: "needs rank 2"),
    FailureCase("EyeLike", [f32([1], [1, 1])], ["dtype": .int(8)], says: "string, which the operator does not allow"),
    FailureCase("EyeLike", [f32([1], [1, 1])], ["dtype": .int(99)], says: "is no element type"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
