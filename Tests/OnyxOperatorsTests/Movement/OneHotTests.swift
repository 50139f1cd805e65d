import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// OneHot. Expected elements: the ONNX reference evaluator 1.23.2.
struct OneHotTests {
  static let values: [OperatorCase] = [
    OperatorCase("OneHot", [f32([0, -1, 3]), i64([3], []), i32([0, 1])], gives: i32([1, 0, 0, 0, 0, 1, 0, 0, 0], [3, 3])),
    OperatorCase("OneHot", [i64([0, -1, 3]), i64([3], []), i32([0, 1])], gives: i32([1, 0, 0, 0, 0, 1, 0, 0, 0], [3, 3])),
    OperatorCase("OneHot", [ints(.uint8, [0, 2, 7]), i64([3], []), i32([0, 1])], gives: i32([1, 0, 0, 0, 0, 1, 0, 0, 0], [3, 3])),
    OperatorCase(
      "OneHot", [f32([1, 9, 2, 4], [2, 2]), f32([4]), f32([1, 3])], ["axis": .int(1)],
      gives: f32([1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1], [2, 4, 2])),
    OperatorCase("OneHot", [i64([1], []), i32([2], []), bools([false, true])], gives: bools([false, true])),
    OperatorCase(
      "OneHot", [i64([1, 0]), i64([2], []), strings(["n", "y"])], ["axis": .int(0)], gives: strings(["n", "y", "y", "n"], [2, 2])),
    OperatorCase(
      "OneHot", [f32([.nan, .infinity, -1.0000000150474662e+30, 1.9]), i64([2], []), f32([0, 1])],
      gives: f32([0, 0, 0, 0, 0, 0, 0, 1], [4, 2]),
      note: "no index"),
    OperatorCase("OneHot", [i64([1]), i64([0], []), f32([0, 1])], gives: f32([], [1, 0])),
    OperatorCase("OneHot", [ints(.uint64, [-1]), i64([2], []), f32([0, 1])], gives: f32([0, 0], [1, 2]), note: "past 63 bits"),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("OneHot", [symbolic(.int64, ["n"]), constant(i64([10], [])), symbolic(.float32, [2])], gives: "float32[n,10]"),
    RuleCase("OneHot", [symbolic(.int64, ["n"]), sizes(["d"]), symbolic(.int32, [2])], ["axis": .int(0)], gives: "int32[d,n]"),
    RuleCase("OneHot", [symbolic(.int64, ["n"]), symbolic(.int64, []), symbolic(.float32, [2])], gives: "float32[n,t.depth]"),
    RuleCase("OneHot", [symbolic(.int64, nil), constant(i64([10], [])), symbolic(.float32, [2])], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("OneHot", [i64([0]), i64([-1], []), f32([0, 1])], says: "depth -1 is negative"),
    FailureCase("OneHot", [i64([0]), f32([.nan], []), f32([0, 1])], says: "no integer of 64 bits"),
    FailureCase("OneHot", [i64([0]), i64([2, 2]), f32([0, 1])], says: "'depth' has 2 elements"),
    FailureCase("OneHot", [i64([0]), i64([2], []), f32([0, 1, 2])], says: "'values' has 3 elements"),
    FailureCase("OneHot", [i64([0]), i64([2], []), f32([0, 1])], ["axis": .int(2)], says: "Axis 2 is outside the rank 2"),
    FailureCase("OneHot", [i64([0]), i64([1 << 50], []), f32([0, 1])], code: .budgetExceeded, says: "too large"),
    FailureCase("OneHot", [i64([0, 0]), i64([.max], []), f32([0, 1])], says: "more elements than fit"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
