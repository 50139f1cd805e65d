import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the pseudocode of the standard, by hand.
struct TensorScatterTests {
  @Test(arguments: cases) func moves(_ test: OperatorCase) throws { try test.run() }
  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cache = f32([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])
  static let circular: [String: Attribute] = ["mode": .text("circular")]

  static let cases: [OperatorCase] = [
    OperatorCase("TensorScatter", [cache, f32([9, 8, 7, 6], [2, 1, 2])], gives: f32([9, 8, 3, 4, 7, 6, 7, 8], [2, 2, 2])),
    OperatorCase(
      "TensorScatter", [cache, f32([9, 8, 7, 6], [2, 1, 2]), i64([1, 0])], gives: f32([1, 2, 9, 8, 7, 6, 7, 8], [2, 2, 2])),
    OperatorCase(
      "TensorScatter", [cache, f32([9, 8, 7, 6], [2, 2, 1]), i64([1, 0])], ["axis": .int(2)],
      gives: f32([1, 9, 3, 8, 7, 6, 6, 8], [2, 2, 2]), note: "last axis"),
    OperatorCase(
      "TensorScatter", [f16([1, 2, 3], [1, 3, 1]), f16([8, 9], [1, 2, 1]), i64([2])], circular, gives: f16([9, 2, 8], [1, 3, 1])),
    OperatorCase(
      "TensorScatter", [i32([1, 2, 3], [1, 3, 1]), i32([8, 9], [1, 2, 1]), i64([-1])], circular, gives: i32([9, 2, 8], [1, 3, 1])),
    OperatorCase(
      "TensorScatter", [f64([1, 2, 3], [1, 3, 1]), f64([8, 9], [1, 2, 1]), i64([.max])], circular, gives: f64([1, 8, 9], [1, 3, 1])),
    OperatorCase(
      "TensorScatter", [strings(["a", "b"], [1, 2]), strings(["c"], [1, 1]), i64([1])], ["axis": .int(1)],
      gives: strings(["a", "c"], [1, 2])),
    OperatorCase(
      "TensorScatter", [ints(.int4, [1, 2], [1, 2]), ints(.int4, [-8], [1, 1])], ["axis": .int(-1)], gives: ints(.int4, [-8, 2], [1, 2])),
    OperatorCase(
      "TensorScatter", [f32([1, 2], [1, 2, 1]), f32([], [1, 0, 1]), i64([7])], gives: f32([1, 2], [1, 2, 1]), note: "no entries"),
    OperatorCase("TensorScatter", [f32([], [0, 2, 1]), f32([], [0, 1, 1]), i64([])], gives: f32([], [0, 2, 1]), note: "no batches"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("TensorScatter", [cache, f32([9], [1])], says: "update has rank 1"),
    FailureCase("TensorScatter", [cache, f32([9, 8], [1, 1, 2])], says: "differ in axis 0"),
    FailureCase("TensorScatter", [cache, ramp(.float32, [2, 3, 2])], says: "update of 3 entries does not fit"),
    FailureCase("TensorScatter", [cache, ramp(.float32, [2, 1, 2]), i64([2, 0])], says: "1 entries from index 2"),
    FailureCase("TensorScatter", [cache, ramp(.float32, [2, 1, 2]), i64([.max, 0])], says: "do not fit"),
    FailureCase("TensorScatter", [cache, ramp(.float32, [2, 1, 2]), i64([-1, 0])], says: "from index -1"),
    FailureCase("TensorScatter", [cache, ramp(.float32, [2, 1, 2]), i64([0])], says: "differ in number"),
    FailureCase("TensorScatter", [cache, ramp(.float32, [2, 1, 2]), i64([0, 0], [2, 1])], says: "must have rank 1"),
    FailureCase("TensorScatter", [cache, cache], ["axis": .int(0)], says: "which is the batch"),
    FailureCase("TensorScatter", [cache, cache], ["axis": .int(-3)], says: "which is the batch"),
    FailureCase("TensorScatter", [cache, cache], ["axis": .int(3)], says: "Axis 3 is outside"),
    FailureCase("TensorScatter", [cache, cache], ["mode": .text("ring")], says: "'mode' is 'ring'"),
  ]
}
