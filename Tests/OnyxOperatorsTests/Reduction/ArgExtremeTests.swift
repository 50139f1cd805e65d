import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the ONNX reference evaluator; numpy for NaN.
struct ArgExtremeTests {
  @Test(arguments: cases)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let cases: [OperatorCase] = [
    OperatorCase("ArgMax", [f32([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [f16([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [bf16([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [f64([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [ints(.int8, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [ints(.int16, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [i32([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [i64([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [ints(.uint8, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [ints(.uint16, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [ints(.uint32, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [ints(.uint64, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([1, 2], [2, 1])),
    OperatorCase("ArgMax", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], gives: i64([0, 1, 0, 1], [1, 2, 2])),
    OperatorCase(
      "ArgMax", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], ["axis": .int(-1), "keepdims": .int(0)], gives: i64([1, 0, 1, 1], [2, 2])),
    OperatorCase(
      "ArgMax", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], ["axis": .int(-1), "select_last_index": .int(1)],
      gives: i64([1, 0, 1, 1], [2, 2, 1])),
    OperatorCase(
      "ArgMax", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], ["axis": .int(0), "select_last_index": .int(1), "keepdims": .int(0)],
      gives: i64([0, 1, 0, 1], [2, 2])),
    OperatorCase("ArgMax", [f32([1, .nan, 5, .nan])], ["axis": .int(0)], gives: i64([1]), note: "NaN wins"),
    OperatorCase("ArgMax", [f32([1, .nan, 5, .nan])], ["axis": .int(0), "select_last_index": .int(1)], gives: i64([3]), note: "NaN wins"),
    OperatorCase("ArgMax", [f32([], [0, 3])], ["axis": .int(1)], gives: i64([], [0, 1])),
    OperatorCase("ArgMax", [ints(.uint64, [-9_223_372_036_854_775_807, 1, .min])], ["axis": .int(0)], gives: i64([0])),
    OperatorCase("ArgMin", [f32([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [f16([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [bf16([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [f64([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [ints(.int8, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [ints(.int16, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [i32([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [i64([2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [ints(.uint8, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [ints(.uint16, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [ints(.uint32, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [ints(.uint64, [2, 7, 7, 1, 1, 9], [2, 3])], ["axis": .int(1)], gives: i64([0, 0], [2, 1])),
    OperatorCase("ArgMin", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], gives: i64([1, 0, 1, 0], [1, 2, 2])),
    OperatorCase(
      "ArgMin", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], ["axis": .int(-1), "keepdims": .int(0)], gives: i64([0, 1, 0, 0], [2, 2])),
    OperatorCase(
      "ArgMin", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], ["axis": .int(-1), "select_last_index": .int(1)],
      gives: i64([0, 1, 0, 0], [2, 2, 1])),
    OperatorCase(
      "ArgMin", [f32([2, 7, 7, 1, 1, 9, 1, 9], [2, 2, 2])], ["axis": .int(0), "select_last_index": .int(1), "keepdims": .int(0)],
      gives: i64([1, 0, 1, 0], [2, 2])),
    OperatorCase("ArgMin", [f32([1, .nan, 5, .nan])], ["axis": .int(0)], gives: i64([1]), note: "NaN wins"),
    OperatorCase("ArgMin", [f32([1, .nan, 5, .nan])], ["axis": .int(0), "select_last_index": .int(1)], gives: i64([3]), note: "NaN wins"),
    OperatorCase("ArgMin", [f32([], [0, 3])], ["axis": .int(1)], gives: i64([], [0, 1])),
    OperatorCase("ArgMin", [ints(.uint64, [-9_223_372_036_854_775_807, 1, .min])], ["axis": .int(0)], gives: i64([1])),
  ]
}
