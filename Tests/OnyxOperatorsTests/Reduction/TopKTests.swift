import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the ONNX reference evaluator.
struct TopKTests {
  @Test(arguments: cases)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "TopK", [f32([3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: f32([4, 3, 1, 9, 6, 5], [2, 3]), i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [f16([3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: f16([4, 3, 1, 9, 6, 5], [2, 3]), i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [bf16([3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: bf16([4, 3, 1, 9, 6, 5], [2, 3]), i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [f64([3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: f64([4, 3, 1, 9, 6, 5], [2, 3]), i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [ints(.int8, [3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: ints(.int8, [4, 3, 1, 9, 6, 5], [2, 3]),
      i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [ints(.int16, [3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: ints(.int16, [4, 3, 1, 9, 6, 5], [2, 3]),
      i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [i32([3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: i32([4, 3, 1, 9, 6, 5], [2, 3]), i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [i64([3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: i64([4, 3, 1, 9, 6, 5], [2, 3]), i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [ints(.uint8, [3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: ints(.uint8, [4, 3, 1, 9, 6, 5], [2, 3]),
      i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [ints(.uint16, [3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: ints(.uint16, [4, 3, 1, 9, 6, 5], [2, 3]),
      i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [ints(.uint32, [3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: ints(.uint32, [4, 3, 1, 9, 6, 5], [2, 3]),
      i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [ints(.uint64, [3, 1, 4, 1, 5, 9, 2, 6], [2, 4]), i64([3])], gives: ints(.uint64, [4, 3, 1, 9, 6, 5], [2, 3]),
      i64([2, 0, 1, 1, 3, 0], [2, 3])),
    OperatorCase(
      "TopK", [f32([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], [3, 4]), i64([2])], ["axis": .int(0)],
      gives: f32([5, 9, 5, 8, 5, 3, 4, 6], [2, 4]), i64([1, 1, 2, 2, 2, 2, 0, 1], [2, 4])),
    OperatorCase(
      "TopK", [f32([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], [3, 4]), i64([2])], ["largest": .int(0)], gives: f32([1, 1, 2, 5, 3, 5], [3, 2]),
      i64([1, 3, 2, 0, 1, 0], [3, 2])),
    OperatorCase(
      "TopK", [f32([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], [3, 4]), i64([2])], ["axis": .int(-2), "largest": .int(0)],
      gives: f32([3, 1, 2, 1, 5, 3, 4, 6], [2, 4]), i64([0, 0, 1, 0, 1, 2, 0, 1], [2, 4])),
    OperatorCase(
      "TopK", [f32([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], [3, 4]), i64([2])], ["sorted": .int(0)], gives: f32([4, 3, 9, 6, 8, 5], [3, 2]),
      i64([2, 0, 1, 3, 3, 0], [3, 2])),
    OperatorCase("TopK", [f32([2, 2, 1, 2]), i64([3])], gives: f32([2, 2, 2]), i64([0, 1, 3]), note: "ties"),
    OperatorCase("TopK", [f32([2, 2, 1, 2]), i64([3])], ["largest": .int(0)], gives: f32([1, 2, 2]), i64([2, 0, 1]), note: "ties"),
    OperatorCase(
      "TopK", [f32([1, .nan, .infinity, -.infinity]), i64([4])], gives: f32([.nan, .infinity, 1, -.infinity]), i64([1, 2, 0, 3])),
    OperatorCase(
      "TopK", [f32([1, .nan, .infinity, -.infinity]), i64([4])], ["largest": .int(0)], gives: f32([-.infinity, 1, .infinity, .nan]),
      i64([3, 0, 2, 1])),
    OperatorCase("TopK", [f32([1, 2], [1, 2]), i64([0])], gives: f32([], [1, 0]), i64([], [1, 0])),
    OperatorCase("TopK", [f32([], [0, 2]), i64([1])], gives: f32([], [0, 1]), i64([], [0, 1])),
    OperatorCase("TopK", [ints(.uint64, [.min, 1, -1]), i64([2])], gives: ints(.uint64, [-1, .min]), i64([2, 0])),
  ]
}
