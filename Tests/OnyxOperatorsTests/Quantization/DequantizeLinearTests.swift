import OnyxGraph
import OnyxTensor
import Testing

/// DequantizeLinear and DynamicQuantizeLinear. Expected numbers: the reference evaluator of onnx 1.23.2.
struct DequantizeLinearTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func rangesWithNaNDoNotTrap() throws {
    let results = try evaluate("DynamicQuantizeLinear", [f32([.nan, 1, .infinity])], outputs: 3)
    #expect(try results[1].doubles() == [.infinity])
    #expect(try results[0].integers() == [0, 0, 0])
  }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "DequantizeLinear", [tensor(.int8, [0, 1, 1]), f32([0.5], .scalar), tensor(.int8, [1], .scalar)],
      gives: f32([
        -0.5, 0,
        0,
      ]), note: "int8"),
    OperatorCase(
      "DequantizeLinear", [tensor(.uint8, [0, 1, 1]), f32([0.5], .scalar), tensor(.uint8, [1], .scalar)],
      gives: f32([
        -0.5, 0,
        0,
      ]), note: "uint8"),
    OperatorCase(
      "DequantizeLinear", [tensor(.int16, [0, 1, 1]), f32([0.5], .scalar), tensor(.int16, [1], .scalar)],
      gives: f32([
        -0.5, 0,
        0,
      ]), note: "int16"),
    OperatorCase(
      "DequantizeLinear", [tensor(.uint16, [0, 1, 1]), f32([0.5], .scalar), tensor(.uint16, [1], .scalar)],
      gives: f32([
        -0.5,
        0, 0,
      ]), note: "uint16"),
    OperatorCase(
      "DequantizeLinear", [tensor(.int4, [0, 1, 1]), f32([0.5], .scalar), tensor(.int4, [1], .scalar)],
      gives: f32([
        -0.5, 0,
        0,
      ]), note: "int4"),
    OperatorCase(
      "DequantizeLinear", [tensor(.uint4, [0, 1, 1]), f32([0.5], .scalar), tensor(.uint4, [1], .scalar)],
      gives: f32([
        -0.5, 0,
        0,
      ]), note: "uint4"),
    OperatorCase(
      "DequantizeLinear", [tensor(.int2, [0, 1, 1]), f32([0.5], .scalar), tensor(.int2, [1], .scalar)],
      gives: f32([
        -0.5, 0,
        0,
      ]), note: "int2"),
    OperatorCase(
      "DequantizeLinear", [tensor(.uint2, [0, 1, 1]), f32([0.5], .scalar), tensor(.uint2, [1], .scalar)],
      gives: f32([
        -0.5, 0,
        0,
      ]), note: "uint2"),
    OperatorCase(
      "DequantizeLinear", [tensor(.int32, [-7, 1_073_741_824]), f32([0.5], .scalar)], gives: f32([-3.5, 536_870_912]),
      note: "int32"),
    OperatorCase(
      "DequantizeLinear", [tensor(.float8e4m3fn, [0, 1.5, -2]), f32([0.5], .scalar)], gives: f32([0, 0.75, -1]),
      note: "float8e4m3fn"),
    OperatorCase(
      "DequantizeLinear", [tensor(.float8e5m2, [0, 1.5, -2]), f32([0.5], .scalar)], gives: f32([0, 0.75, -1]),
      note: "float8e5m2"),
    OperatorCase(
      "DequantizeLinear", [tensor(.float8e4m3fnuz, [0, 1.5, -2]), f32([0.5], .scalar)], gives: f32([0, 0.75, -1]),
      note: "float8e4m3fnuz"),
    OperatorCase(
      "DequantizeLinear", [tensor(.float8e5m2fnuz, [0, 1.5, -2]), f32([0.5], .scalar)], gives: f32([0, 0.75, -1]),
      note: "float8e5m2fnuz"),
    OperatorCase(
      "DequantizeLinear", [tensor(.float4e2m1, [0, 1.5, -2]), f32([0.5], .scalar)], gives: f32([0, 0.75, -1]),
      note: "float4e2m1"),
    OperatorCase(
      "DequantizeLinear", [tensor(.float6e2m3, [0, 1.5, -2, 7]), f32([0.5], .scalar)], gives: f32([0, 0.75, -1, 3.5]),
      note: "float6e2m3"),
    OperatorCase(
      "DequantizeLinear", [tensor(.float6e3m2, [0, 1.5, -2, 7]), f32([0.5], .scalar)], gives: f32([0, 0.75, -1, 3.5]),
      note: "float6e3m2"),
    OperatorCase(
      "DequantizeLinear", [tensor(.uint8, [1, 2, 3, 4, 5, 6], [2, 3]), f32([0.5, 1, 2]), tensor(.uint8, [1, 2, 3])],
      gives: f32([0, 0, 0, 1.5, 3, 6], [2, 3]), note: "per axis"),
    OperatorCase(
      "DequantizeLinear", [tensor(.int8, [1, 2, 3, 4, 5, 6], [2, 3]), f16([0.5, 1]), tensor(.int8, [1, -2])],
      ["axis": .int(-2)], gives: f16([0, 0.5, 1, 6, 7, 8], [2, 3]), note: "half, negative axis"),
    OperatorCase(
      "DequantizeLinear",
      [
        tensor(.uint8, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 5]), f32([0.5, 1, 2, 4, 8, 0.25], [2, 3]),
        tensor(.uint8, [0, 1, 2, 3, 4, 5], [2, 3]),
      ], ["block_size": .int(2)], gives: f32([0.5, 1, 2, 3, 6, 12, 16, 32, 40, 1.25], [2, 5]),
      note: "blocked"),
    OperatorCase(
      "DequantizeLinear", [tensor(.uint8, [3, 250]), f32([0.5], .scalar), tensor(.uint8, [128], .scalar)],
      ["output_dtype": .int(10)], gives: f16([-62.5, 61]), note: "given output type"),
    OperatorCase(
      "DequantizeLinear", [tensor(.int8, [3, -5]), tensor(.float8e8m0, [0.25], .scalar)], ["output_dtype": .int(1)],
      gives: f32([0.75, -1.25]), note: "power-of-two scale"),
    OperatorCase(
      "DynamicQuantizeLinear", [f32([0, 2, -3, -2.5, 1.34, 0.5])], gives: tensor(.uint8, [153, 255, 0, 26, 221, 179]),
      f32([0.019607844], .scalar), tensor(.uint8, [153], .scalar), note: "mixed"),
    OperatorCase(
      "DynamicQuantizeLinear", [f32([1, 2.1, 1.3, 2.5, 3.34, 4])], gives: tensor(.uint8, [64, 134, 83, 159, 213, 255]),
      f32([0.015686275], .scalar), tensor(.uint8, [0], .scalar), note: "positive"),
    OperatorCase(
      "DynamicQuantizeLinear", [f32([-1, -2.1, -1.3])], gives: tensor(.uint8, [134, 0, 97]), f32([0.008235293], .scalar),
      tensor(.uint8, [255], .scalar), note: "negative"),
    OperatorCase(
      "DynamicQuantizeLinear", [f32([0, 0], [2, 1])], gives: tensor(.uint8, [0, 0], [2, 1]), f32([0.003921569], .scalar),
      tensor(.uint8, [0], .scalar), note: "zeros"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("DequantizeLinear", [ramp(.uint8, [1, 2, 2]), ramp(.float32, [3])], says: "does not fit an input"),
    FailureCase("DequantizeLinear", [ramp(.uint8, [2]), tensor(.float8e8m0, [1], .scalar)], says: "must be float32, float16 or bfloat16"),
    FailureCase("DequantizeLinear", [ramp(.uint8, [2]), f32([1], .scalar)], ["output_dtype": .int(7)], says: "The output would be int64"),
    FailureCase("DequantizeLinear", [ramp(.uint8, [2]), f32([1], .scalar), ramp(.int8, .scalar)], says: "another input of the same type"),
  ]
}
