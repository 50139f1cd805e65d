import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the ONNX reference evaluator.
struct CumulativeTests {
  @Test(arguments: cases)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let cases: [OperatorCase] = [
    OperatorCase("CumSum", [f32([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: f32([1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase("CumSum", [f16([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: f16([1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase("CumSum", [bf16([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: bf16([1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase("CumSum", [f64([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: f64([1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase("CumSum", [i32([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: i32([1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase("CumSum", [i64([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: i64([1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase(
      "CumSum", [ints(.uint32, [1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: ints(.uint32, [1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase(
      "CumSum", [ints(.uint64, [1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: ints(.uint64, [1, 3, 6, 4, 9, 15], [2, 3])),
    OperatorCase(
      "CumSum", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i32([0], [])], ["exclusive": .int(1)], gives: f32([0, 0, 1, 2, 4, 6], [3, 2])),
    OperatorCase(
      "CumSum", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i64([-1], [])], ["exclusive": .int(1)], gives: f32([0, 1, 0, 3, 0, 5], [3, 2])),
    OperatorCase(
      "CumSum", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i32([0], [])], ["reverse": .int(1)], gives: f32([9, 12, 8, 10, 5, 6], [3, 2])),
    OperatorCase(
      "CumSum", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i64([-1], [])], ["reverse": .int(1)], gives: f32([3, 2, 7, 4, 11, 6], [3, 2])),
    OperatorCase(
      "CumSum", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i32([0], [])], ["exclusive": .int(1), "reverse": .int(1)],
      gives: f32([8, 10, 5, 6, 0, 0], [3, 2])),
    OperatorCase(
      "CumSum", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i64([-1], [])], ["exclusive": .int(1), "reverse": .int(1)],
      gives: f32([2, 0, 4, 0, 6, 0], [3, 2])),
    OperatorCase("CumSum", [f32([1, .nan, 3]), i64([0], [])], gives: f32([1, .nan, .nan])),
    OperatorCase("CumSum", [f32([], [0, 2]), i64([0], [])], gives: f32([], [0, 2])),
    OperatorCase("CumSum", [i32([2_147_483_647, 2]), i64([0])], gives: i32([2_147_483_647, -2_147_483_647])),
    OperatorCase("CumProd", [f32([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: f32([1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase("CumProd", [f16([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: f16([1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase("CumProd", [bf16([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: bf16([1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase("CumProd", [f64([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: f64([1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase("CumProd", [i32([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: i32([1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase("CumProd", [i64([1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: i64([1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase(
      "CumProd", [ints(.uint32, [1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: ints(.uint32, [1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase(
      "CumProd", [ints(.uint64, [1, 2, 3, 4, 5, 6], [2, 3]), i64([1], [])], gives: ints(.uint64, [1, 2, 6, 4, 20, 120], [2, 3])),
    OperatorCase(
      "CumProd", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i32([0], [])], ["exclusive": .int(1)], gives: f32([1, 1, 1, 2, 3, 8], [3, 2])),
    OperatorCase(
      "CumProd", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i64([-1], [])], ["exclusive": .int(1)], gives: f32([1, 1, 1, 3, 1, 5], [3, 2])),
    OperatorCase(
      "CumProd", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i32([0], [])], ["reverse": .int(1)], gives: f32([15, 48, 15, 24, 5, 6], [3, 2])),
    OperatorCase(
      "CumProd", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i64([-1], [])], ["reverse": .int(1)], gives: f32([2, 2, 12, 4, 30, 6], [3, 2])),
    OperatorCase(
      "CumProd", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i32([0], [])], ["exclusive": .int(1), "reverse": .int(1)],
      gives: f32([15, 24, 5, 6, 1, 1], [3, 2])),
    OperatorCase(
      "CumProd", [f32([1, 2, 3, 4, 5, 6], [3, 2]), i64([-1], [])], ["exclusive": .int(1), "reverse": .int(1)],
      gives: f32([2, 1, 4, 1, 6, 1], [3, 2])),
    OperatorCase("CumProd", [f32([1, .nan, 3]), i64([0], [])], gives: f32([1, .nan, .nan])),
    OperatorCase("CumProd", [f32([], [0, 2]), i64([0], [])], gives: f32([], [0, 2])),
    OperatorCase("CumProd", [i32([2_147_483_647, 2]), i64([0])], gives: i32([2_147_483_647, -2])),
  ]
}
