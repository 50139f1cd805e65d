import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the ONNX reference evaluator. The sign of a zero from Relu is open.
struct UnaryNumericTests {
  @Test(arguments: numeric + tests)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let numeric: [OperatorCase] = [
    OperatorCase(
      "Abs", [f32([-2.5, -0.0, 0, 1.5, .infinity, -.infinity, .nan])], gives: f32([2.5, 0, 0, 1.5, .infinity, .infinity, .nan])),
    OperatorCase("Abs", [bf16([-2.5, 3], [2, 1])], gives: bf16([2.5, 3], [2, 1])),
    OperatorCase("Abs", [ints(.int8, [-128, -3, 0, 7])], gives: ints(.int8, [-128, 3, 0, 7])),
    OperatorCase("Abs", [ints(.int16, [-32768, -3, 0, 7])], gives: ints(.int16, [-32768, 3, 0, 7])),
    OperatorCase("Abs", [i32([-2_147_483_648, -3, 0, 7])], gives: i32([-2_147_483_648, 3, 0, 7])),
    OperatorCase("Abs", [i64([.min, -3, 0, 7])], gives: i64([.min, 3, 0, 7])),
    OperatorCase(
      "Neg", [f32([-2.5, -0.0, 0, 1.5, .infinity, -.infinity, .nan])], gives: f32([2.5, 0, -0.0, -1.5, -.infinity, .infinity, .nan])),
    OperatorCase("Neg", [bf16([-2.5, 3], [2, 1])], gives: bf16([2.5, -3], [2, 1])),
    OperatorCase("Neg", [ints(.int8, [-128, -3, 0, 7])], gives: ints(.int8, [-128, 3, 0, -7])),
    OperatorCase("Neg", [ints(.int16, [-32768, -3, 0, 7])], gives: ints(.int16, [-32768, 3, 0, -7])),
    OperatorCase("Neg", [i32([-2_147_483_648, -3, 0, 7])], gives: i32([-2_147_483_648, 3, 0, -7])),
    OperatorCase("Neg", [i64([.min, -3, 0, 7])], gives: i64([.min, 3, 0, -7])),
    OperatorCase("Sign", [f32([-2.5, -0.0, 0, 1.5, .infinity, -.infinity, .nan])], gives: f32([-1, 0, 0, 1, 1, -1, .nan])),
    OperatorCase("Sign", [bf16([-2.5, 3], [2, 1])], gives: bf16([-1, 1], [2, 1])),
    OperatorCase("Sign", [ints(.int8, [-128, -3, 0, 7])], gives: ints(.int8, [-1, -1, 0, 1])),
    OperatorCase("Sign", [ints(.int16, [-32768, -3, 0, 7])], gives: ints(.int16, [-1, -1, 0, 1])),
    OperatorCase("Sign", [i32([-2_147_483_648, -3, 0, 7])], gives: i32([-1, -1, 0, 1])),
    OperatorCase("Sign", [i64([.min, -3, 0, 7])], gives: i64([-1, -1, 0, 1])),
    OperatorCase("Relu", [f32([-2.5, -0.0, 0, 1.5, .infinity, -.infinity, .nan])], gives: f32([0, 0, 0, 1.5, .infinity, 0, .nan])),
    OperatorCase("Relu", [bf16([-2.5, 3], [2, 1])], gives: bf16([0, 3], [2, 1])),
    OperatorCase("Relu", [ints(.int8, [-128, -3, 0, 7])], gives: ints(.int8, [0, 0, 0, 7])),
    OperatorCase("Relu", [ints(.int16, [-32768, -3, 0, 7])], gives: ints(.int16, [0, 0, 0, 7])),
    OperatorCase("Relu", [i32([-2_147_483_648, -3, 0, 7])], gives: i32([0, 0, 0, 7])),
    OperatorCase("Relu", [i64([.min, -3, 0, 7])], gives: i64([0, 0, 0, 7])),
    OperatorCase("Abs", [ints(.uint8, [0, 5, 255])], gives: ints(.uint8, [0, 5, 255])),
    OperatorCase("Abs", [ints(.uint16, [0, 5, 65535])], gives: ints(.uint16, [0, 5, 65535])),
    OperatorCase("Abs", [ints(.uint32, [0, 5, 4_294_967_295])], gives: ints(.uint32, [0, 5, 4_294_967_295])),
    OperatorCase("Abs", [ints(.uint64, [0, 5, -1])], gives: ints(.uint64, [0, 5, -1])),
    OperatorCase("Sign", [ints(.uint8, [0, 5, 255])], gives: ints(.uint8, [0, 1, 1])),
    OperatorCase("Sign", [ints(.uint16, [0, 5, 65535])], gives: ints(.uint16, [0, 1, 1])),
    OperatorCase("Sign", [ints(.uint32, [0, 5, 4_294_967_295])], gives: ints(.uint32, [0, 1, 1])),
    OperatorCase("Sign", [ints(.uint64, [0, 5, -1])], gives: ints(.uint64, [0, 1, 1])),
    OperatorCase("Not", [bools([true, false, true], [3, 1])], gives: bools([false, true, false], [3, 1])),
    OperatorCase("Not", [bools([])], gives: bools([])),
    OperatorCase("BitwiseNot", [ints(.int8, [0, 1, 100])], gives: ints(.int8, [-1, -2, -101])),
    OperatorCase("BitwiseNot", [ints(.uint8, [0, 1, 100])], gives: ints(.uint8, [255, 254, 155])),
    OperatorCase("BitwiseNot", [i32([0, 1, 100])], gives: i32([-1, -2, -101])),
    OperatorCase("BitwiseNot", [ints(.uint16, [0, 1, 100])], gives: ints(.uint16, [65535, 65534, 65435])),
    OperatorCase("BitwiseNot", [i64([0, 1, 100])], gives: i64([-1, -2, -101])),
    OperatorCase("BitwiseNot", [ints(.uint64, [0, 1, 100])], gives: ints(.uint64, [-1, -2, -101])),
    OperatorCase("BitwiseNot", [ints(.uint32, [0, 1, 100])], gives: ints(.uint32, [4_294_967_295, 4_294_967_294, 4_294_967_195])),
    OperatorCase("BitwiseNot", [ints(.int16, [0, 1, 100])], gives: ints(.int16, [-1, -2, -101])),
  ]

  static let tests: [OperatorCase] = [
    OperatorCase("IsNaN", [f32([.nan, 1, -.infinity, .infinity, 0])], gives: bools([true, false, false, false, false])),
    OperatorCase("IsInf", [f32([.nan, 1, -.infinity, .infinity, 0])], gives: bools([false, false, true, true, false])),
    OperatorCase("IsNaN", [f64([.nan, 1, -.infinity, .infinity, 0])], gives: bools([true, false, false, false, false])),
    OperatorCase("IsInf", [f64([.nan, 1, -.infinity, .infinity, 0])], gives: bools([false, false, true, true, false])),
    OperatorCase("IsNaN", [f16([.nan, 1, -.infinity, .infinity, 0])], gives: bools([true, false, false, false, false])),
    OperatorCase("IsInf", [f16([.nan, 1, -.infinity, .infinity, 0])], gives: bools([false, false, true, true, false])),
    OperatorCase("IsNaN", [bf16([.nan, 1, -.infinity, .infinity, 0])], gives: bools([true, false, false, false, false])),
    OperatorCase("IsInf", [bf16([.nan, 1, -.infinity, .infinity, 0])], gives: bools([false, false, true, true, false])),
    OperatorCase("IsNaN", [tensor(.float8e4m3fn, [.nan, 1, 0])], gives: bools([true, false, false])),
    OperatorCase("IsInf", [tensor(.float8e4m3fn, [.nan, 1, 0])], gives: bools([false, false, false])),
    OperatorCase("IsNaN", [tensor(.float8e4m3fnuz, [.nan, 1, 0])], gives: bools([true, false, false])),
    OperatorCase("IsInf", [tensor(.float8e4m3fnuz, [.nan, 1, 0])], gives: bools([false, false, false])),
    OperatorCase("IsNaN", [tensor(.float8e5m2, [.nan, 1, -.infinity, .infinity, 0])], gives: bools([true, false, false, false, false])),
    OperatorCase("IsInf", [tensor(.float8e5m2, [.nan, 1, -.infinity, .infinity, 0])], gives: bools([false, false, true, true, false])),
    OperatorCase("IsNaN", [tensor(.float8e5m2fnuz, [.nan, 1, 0])], gives: bools([true, false, false])),
    OperatorCase("IsInf", [tensor(.float8e5m2fnuz, [.nan, 1, 0])], gives: bools([false, false, false])),
    OperatorCase(
      "IsInf", [f32([-.infinity, .infinity, .nan, 3])], ["detect_negative": .int(0), "detect_positive": .int(1)],
      gives: bools([false, true, false, false])),
    OperatorCase(
      "IsInf", [f32([-.infinity, .infinity, .nan, 3])], ["detect_negative": .int(1), "detect_positive": .int(0)],
      gives: bools([true, false, false, false])),
    OperatorCase(
      "IsInf", [f32([-.infinity, .infinity, .nan, 3])], ["detect_negative": .int(0), "detect_positive": .int(0)],
      gives: bools([false, false, false, false])),
  ]
}
