import OnyxGraph
import OnyxTensor
import Testing

/// Expected: by hand.
struct SumToTests {
  @Test(arguments: cases)
  func sumsOverBroadcastAxes(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  private static let data: [Double] = [1, 2, 3, 4, 5, 6]

  static let cases: [OperatorCase] = [
    OperatorCase("SumTo", [f32(data, [2, 3]), f32([0, 0, 0], [3])], gives: f32([5, 7, 9], [3]), domain: "onyx"),
    OperatorCase("SumTo", [f32(data, [2, 3]), f32([0, 0], [2, 1])], gives: f32([6, 15], [2, 1]), domain: "onyx"),
    OperatorCase("SumTo", [f32(data, [2, 3]), f32([0], [])], gives: f32([21], []), domain: "onyx"),
    OperatorCase("SumTo", [f32(data, [2, 3]), i64([0], [1, 1])], gives: f32([21], [1, 1]), domain: "onyx", note: "the type of like"),
    OperatorCase("SumTo", [f32(data, [2, 3]), f32(data, [2, 3])], gives: f32(data, [2, 3]), domain: "onyx"),
    OperatorCase("SumTo", [f32(data, [3, 1, 2]), f32([0, 0], [1, 2])], gives: f32([9, 12], [1, 2]), domain: "onyx"),
    OperatorCase("SumTo", [f32([], [0, 2]), f32([0, 0], [2])], gives: f32([0, 0], [2]), domain: "onyx", note: "no element"),
    OperatorCase("SumTo", [f64([0.5, 0.25], [2]), f32([0], [])], gives: f64([0.75], []), domain: "onyx"),
    // 2048 + 1 + 1 by steps of float16 stays 2048.
    OperatorCase("SumTo", [f16([2048, 1, 1], [3]), f16([0], [])], gives: f16([2050], []), domain: "onyx", note: "rounded once"),
    OperatorCase("SumTo", [bf16([256, 1, 1], [3]), bf16([0], [])], gives: bf16([258], []), domain: "onyx", note: "rounded once"),
  ]

  @Test(arguments: failures)
  func refuses(_ failureCase: FailureCase) { failureCase.run() }

  static let failures: [FailureCase] = [
    FailureCase("SumTo", [f32(data, [2, 3]), f32([0, 0], [2])], domain: "onyx", says: "broadcast"),
    FailureCase("SumTo", [f32(data, [2, 3]), f32(data, [1, 2, 3])], domain: "onyx", says: "is not broadcast to"),
    FailureCase("SumTo", [f32([1], [1]), f32(data, [2, 3])], domain: "onyx", says: "is not broadcast to"),
  ]
}
