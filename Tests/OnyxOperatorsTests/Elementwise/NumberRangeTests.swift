import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the ONNX reference evaluator.
struct NumberRangeTests {
  @Test(arguments: cases)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let cases: [OperatorCase] = [
    OperatorCase("Range", [ints(.int16, [3], []), ints(.int16, [9], []), ints(.int16, [3], [])], gives: ints(.int16, [3, 6])),
    OperatorCase("Range", [ints(.int16, [10], []), ints(.int16, [4], []), ints(.int16, [-2], [])], gives: ints(.int16, [10, 8, 6])),
    OperatorCase("Range", [ints(.int16, [0], []), ints(.int16, [7], []), ints(.int16, [3], [])], gives: ints(.int16, [0, 3, 6])),
    OperatorCase("Range", [ints(.int16, [5], []), ints(.int16, [5], []), ints(.int16, [1], [])], gives: ints(.int16, [])),
    OperatorCase("Range", [ints(.int16, [5], []), ints(.int16, [1], []), ints(.int16, [1], [])], gives: ints(.int16, [])),
    OperatorCase("Range", [i32([3], []), i32([9], []), i32([3], [])], gives: i32([3, 6])),
    OperatorCase("Range", [i32([10], []), i32([4], []), i32([-2], [])], gives: i32([10, 8, 6])),
    OperatorCase("Range", [i32([0], []), i32([7], []), i32([3], [])], gives: i32([0, 3, 6])),
    OperatorCase("Range", [i32([5], []), i32([5], []), i32([1], [])], gives: i32([])),
    OperatorCase("Range", [i32([5], []), i32([1], []), i32([1], [])], gives: i32([])),
    OperatorCase("Range", [i64([3], []), i64([9], []), i64([3], [])], gives: i64([3, 6])),
    OperatorCase("Range", [i64([10], []), i64([4], []), i64([-2], [])], gives: i64([10, 8, 6])),
    OperatorCase("Range", [i64([0], []), i64([7], []), i64([3], [])], gives: i64([0, 3, 6])),
    OperatorCase("Range", [i64([5], []), i64([5], []), i64([1], [])], gives: i64([])),
    OperatorCase("Range", [i64([5], []), i64([1], []), i64([1], [])], gives: i64([])),
    OperatorCase("Range", [f32([0], []), f32([1], []), f32([0.25], [])], gives: f32([0, 0.25, 0.5, 0.75])),
    OperatorCase("Range", [f32([10], []), f32([4], []), f32([-2.5], [])], gives: f32([10, 7.5, 5])),
    OperatorCase("Range", [f32([1], []), f32([0], []), f32([1], [])], gives: f32([])),
    OperatorCase("Range", [f64([0], []), f64([1], []), f64([0.25], [])], gives: f64([0, 0.25, 0.5, 0.75])),
    OperatorCase("Range", [f64([10], []), f64([4], []), f64([-2.5], [])], gives: f64([10, 7.5, 5])),
    OperatorCase("Range", [f64([1], []), f64([0], []), f64([1], [])], gives: f64([])),
    OperatorCase("Range", [f16([0], []), f16([3], []), f16([0.5], [])], gives: f16([0, 0.5, 1, 1.5, 2, 2.5])),
    OperatorCase("Range", [bf16([0], []), bf16([3], []), bf16([0.5], [])], gives: bf16([0, 0.5, 1, 1.5, 2, 2.5])),
    OperatorCase(
      "Range", [f16([2000], []), f16([2060], []), f16([10], [])], ["stash_type": .int(1)],
      gives: f16([2000, 2010, 2020, 2030, 2040, 2050])),
    OperatorCase("Range", [bf16([250], []), bf16([262], []), bf16([3], [])], ["stash_type": .int(11)], gives: bf16([250, 253, 256, 260])),
    OperatorCase(
      "Range", [i64([.min], []), i64([9_223_372_036_854_775_807], []), i64([4_611_686_018_427_387_904], [])],
      gives: i64([.min, -4_611_686_018_427_387_904, 0, 4_611_686_018_427_387_904]), note: "extremes"),
    OperatorCase("Range", [i64([0]), i64([3]), i64([1])], gives: i64([0, 1, 2]), note: "vectors of one"),
  ]
}
