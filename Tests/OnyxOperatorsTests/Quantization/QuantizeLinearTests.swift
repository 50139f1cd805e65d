import OnyxGraph
import OnyxTensor
import Testing

/// Every quantized type and granularity. Expected numbers: the reference evaluator of onnx 1.23.2 and ml_dtypes.
struct QuantizeLinearTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.int8, [1], .scalar),
      ], gives: tensor(.int8, [-128, -2, -1, 1, 1, 1, 3, 3, 4, 127, 127]), note: "int8"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.uint8, [1], .scalar),
      ], gives: tensor(.uint8, [0, 0, 0, 1, 1, 1, 3, 3, 4, 255, 255]), note: "uint8"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.int16, [1], .scalar),
      ], gives: tensor(.int16, [-32768, -2, -1, 1, 1, 1, 3, 3, 4, 301, 32767]), note: "int16"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.uint16, [1], .scalar),
      ], gives: tensor(.uint16, [0, 0, 0, 1, 1, 1, 3, 3, 4, 301, 65535]), note: "uint16"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.int4, [1], .scalar),
      ], gives: tensor(.int4, [-8, -2, -1, 1, 1, 1, 3, 3, 4, 7, 7]), note: "int4"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.uint4, [1], .scalar),
      ], gives: tensor(.uint4, [0, 0, 0, 1, 1, 1, 3, 3, 4, 15, 15]), note: "uint4"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.int2, [1], .scalar),
      ], gives: tensor(.int2, [-2, -2, -1, 1, 1, 1, 1, 1, 1, 1, 1]), note: "int2"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar),
        tensor(.uint2, [1], .scalar),
      ], gives: tensor(.uint2, [0, 0, 0, 1, 1, 1, 3, 3, 3, 3, 3]), note: "uint2"),
    OperatorCase(
      "QuantizeLinear", [f32([-1_000_000_000, -3, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3, 300, 1_000_000_000]), f32([1], .scalar)],
      gives: tensor(.uint8, [0, 0, 0, 0, 0, 0, 2, 2, 3, 255, 255]), note: "uint8 without zero point"),
    OperatorCase(
      "QuantizeLinear", [f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar), tensor(.float8e4m3fn, [0], .scalar)],
      gives: tensor(.float8e4m3fn, [0, 1, -3.25, 448, 448, 448]), note: "float8e4m3fn"),
    OperatorCase(
      "QuantizeLinear", [f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar), tensor(.float8e4m3fn, [0], .scalar)],
      ["saturate": .int(0)], gives: tensor(.float8e4m3fn, [0, 1, -3.25, 448, .nan, .nan]), note: "float8e4m3fn without saturation"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar),
        tensor(
          .float8e4m3fnuz, [0],
          .scalar),
      ], gives: tensor(.float8e4m3fnuz, [0, 1, -3.25, 240, 240, 240]), note: "float8e4m3fnuz"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar),
        tensor(
          .float8e4m3fnuz, [0],
          .scalar),
      ], ["saturate": .int(0)], gives: tensor(.float8e4m3fnuz, [0, 1, -3.25, .nan, .nan, .nan]),
      note: "float8e4m3fnuz without saturation"),
    OperatorCase(
      "QuantizeLinear", [f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar), tensor(.float8e5m2, [0], .scalar)],
      gives: tensor(.float8e5m2, [0, 1, -3.5, 448, 57344, 57344]), note: "float8e5m2"),
    OperatorCase(
      "QuantizeLinear", [f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar), tensor(.float8e5m2, [0], .scalar)],
      ["saturate": .int(0)], gives: tensor(.float8e5m2, [0, 1, -3.5, 448, .infinity, .infinity]), note: "float8e5m2 without saturation"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar),
        tensor(
          .float8e5m2fnuz, [0],
          .scalar),
      ], gives: tensor(.float8e5m2fnuz, [0, 1, -3.5, 448, 57344, 57344]), note: "float8e5m2fnuz"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([0, 1, -3.3, 448, 1_000_000, .infinity]), f32([1], .scalar),
        tensor(
          .float8e5m2fnuz, [0],
          .scalar),
      ], ["saturate": .int(0)], gives: tensor(.float8e5m2fnuz, [0, 1, -3.5, 448, .nan, .nan]),
      note: "float8e5m2fnuz without saturation"),
    OperatorCase(
      "QuantizeLinear", [f32([0, 0.25, 0.75, 1.3, -2.5, 5, 7, -100]), f32([1], .scalar), tensor(.float4e2m1, [0], .scalar)],
      gives: tensor(.float4e2m1, [0, 0, 1, 1.5, -2, 4, 6, -6]), note: "float4e2m1"),
    OperatorCase(
      "QuantizeLinear", [f32([0, 0.06, 0.1, -2.5, 4.25, 9.5, -100, .infinity]), f32([0.5], .scalar), tensor(.float6e2m3, [0], .scalar)],
      gives: tensor(.float6e2m3, [0, 0.125, 0.25, -5, 7.5, 7.5, -7.5, 7.5]), note: "float6e2m3"),
    OperatorCase(
      "QuantizeLinear", [f32([0, 0.06, 0.1, -2.5, 4.25, 9.5, -100, .infinity]), f32([0.5], .scalar)], ["output_dtype": .int(28)],
      gives: tensor(.float6e3m2, [0, 0.125, 0.1875, -5, 8, 20, -28, 28]), note: "float6e3m2"),
    OperatorCase(
      "QuantizeLinear", [f32([1, 2, 3, 4, 5, 6], [2, 3]), f32([0.5, 1, 2]), tensor(.uint8, [1, 2, 3])],
      gives: tensor(
        .uint8,
        [3, 4, 5, 9, 7, 6], [2, 3]), note: "per axis"),
    OperatorCase(
      "QuantizeLinear", [f32([1, 2, 3, 4, 5, 6], [2, 3]), f32([0.5, 4]), tensor(.int8, [-1, 2])], ["axis": .int(0)],
      gives: tensor(.int8, [1, 3, 5, 3, 3, 4], [2, 3]), note: "first axis"),
    OperatorCase(
      "QuantizeLinear",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 5]), f32([0.5, 1, 2, 4, 8, 0.25], [2, 3]),
        tensor(
          .uint8,
          [0, 1, 2, 3, 4, 5], [2, 3]),
      ], ["block_size": .int(2)], gives: tensor(.uint8, [2, 4, 4, 5, 4, 5, 5, 5, 5, 45], [2, 5]),
      note: "blocked with a remainder"),
    OperatorCase(
      "QuantizeLinear", [f32([1, 2, 3, 4, 5, 6], [3, 2]), f32([0.5, 1, 2, 0.25], [2, 2])],
      [
        "axis": .int(0),
        "block_size": .int(2), "output_dtype": .int(3),
      ], gives: tensor(.int8, [2, 2, 6, 4, 2, 24], [3, 2]), note: "blocked first axis"),
    OperatorCase("QuantizeLinear", [f32([.nan]), f32([1], .scalar)], gives: tensor(.uint8, [0]), note: "NaN is the least"),
    OperatorCase(
      "QuantizeLinear", [tensor(.int32, [7, -9]), tensor(.int32, [2], .scalar)], gives: tensor(.uint8, [4, 0]),
      note: "integers: 3.5 rounds to even"),
    OperatorCase("QuantizeLinear", [f16([3, 10]), f32([0.3], .scalar)], gives: tensor(.uint8, [10, 33]), note: "two types"),
    OperatorCase(
      "QuantizeLinear", [f32([6, 20]), tensor(.float8e8m0, [4], .scalar)], gives: tensor(.uint8, [2, 5]),
      note: "power-of-two scale"),
    OperatorCase(
      "QuantizeLinear", [f32([2049]), f32([1], .scalar), tensor(.int16, [0], .scalar)], ["precision": .int(10)],
      gives: tensor(.int16, [2048]), note: "precision of the division"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), ramp(.float32, [3])], says: "does not fit an input"),
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2])], ["axis": .int(3)], says: "Axis 3 is outside"),
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), ramp(.float32, [1, 2, 2])], says: "block size 0"),
    FailureCase(
      "QuantizeLinear", [ramp(.float32, [1, 2, 2]), ramp(.float32, [1, 2, 2])], ["axis": .int(2), "block_size": .int(2)],
      says: "block size 2"),
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), f32([1], .scalar)], ["block_size": .int(-1)], says: "'block_size' is -1"),
    FailureCase(
      "QuantizeLinear", [ramp(.float32, [1, 2, 2]), f32([1], .scalar), ints(.int8, [0], .scalar)], ["output_dtype": .int(2)],
      says: "the zero point is int8"),
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), f32([1], .scalar)], ["output_dtype": .int(1)], says: "no quantized type"),
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), f32([1], .scalar)], ["output_dtype": .int(99)], says: "no element type"),
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), f32([1], .scalar)], ["precision": .int(2)], says: "'precision' is uint8"),
    FailureCase("QuantizeLinear", [ramp(.float32, [1, 2, 2]), f32([1], .scalar), ints(.int8, [0, 0])], says: "they must be equal"),
  ]
}
