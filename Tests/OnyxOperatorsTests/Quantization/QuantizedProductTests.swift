import OnyxGraph
import OnyxTensor
import Testing

/// MatMulInteger, ConvInteger, QLinearMatMul and QLinearConv. Expected numbers: numpy in integers, scaled in float32.
struct QuantizedProductTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func productsAreCounted() throws {
    let a = ValueType.tensor(.uint8, shape: ["m", 3])
    let b = ValueType.tensor(.uint8, shape: [3, "n"])
    #expect(try countedProducts("MatMulInteger", [a, b]) == "3*m*n")
    let x = ValueType.tensor(.uint8, shape: ["n", 2, 5])
    #expect(try countedProducts("ConvInteger", [x, .tensor(.int8, shape: [4, 2, 3])]) == "72*n")
  }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "MatMulInteger", [ramp(.uint8, [2, 3]), ramp(.int8, [3, 2], 1)], gives: tensor(.int32, [19, -21, -6, 32], [2, 2]),
      note: "no zero points"),
    OperatorCase(
      "MatMulInteger",
      [
        ramp(.uint8, [2, 3]), ramp(.int8, [3, 2], 1), tensor(.uint8, [3], .scalar),
        tensor(
          .int8, [-2],
          .scalar),
      ], gives: tensor(.int32, [12, -25, 3, 44], [2, 2]), note: "scalars"),
    OperatorCase(
      "MatMulInteger", [ramp(.uint8, [2, 3]), ramp(.int8, [3, 2], 1), tensor(.uint8, [3, 1]), tensor(.int8, [-2, 4])],
      gives: tensor(.int32, [12, -31, 21, -30], [2, 2]), note: "rows and columns"),
    OperatorCase(
      "MatMulInteger", [ramp(.int8, [2, 2, 3]), ramp(.int8, [3, 2], 1), tensor(.int8, [1, 2, 3, 4], [2, 2, 1])],
      gives: tensor(.int32, [1, -33, -27, 18, -33, 14, -39, 10], [2, 2, 2]), note: "batched rows"),
    OperatorCase(
      "ConvInteger", [ramp(.uint8, [1, 2, 4, 4]), ramp(.int8, [2, 2, 2, 2], 1)], ["strides": .ints([2, 2])],
      gives: tensor(.int32, [23, 79, 27, 28, -16, 9, -15, 65], [1, 2, 2, 2]), note: "no zero points"),
    OperatorCase(
      "ConvInteger",
      [
        ramp(.uint8, [1, 2, 4, 4]), ramp(.int8, [2, 2, 2, 2], 1), tensor(.uint8, [3], .scalar),
        tensor(
          .int8,
          [1, -2]),
      ], ["pads": .ints([1, 1, 0, 0]), "strides": .ints([2, 2])],
      gives: tensor(
        .int32, [10, -26, 15, 0, -6, 22, 6, 10],
        [
          1, 2,
          2, 2,
        ]), note: "padding is the zero point"),
    OperatorCase(
      "ConvInteger", [ramp(.uint8, [1, 2, 5]), ramp(.uint8, [2, 1, 3], 1), nil, tensor(.uint8, [2], .scalar)],
      ["group": .int(2)], gives: tensor(.int32, [68, 71, 107, 78, 38, 31], [1, 2, 3]), note: "groups"),
    OperatorCase(
      "QLinearMatMul",
      [
        ramp(.uint8, [2, 3]), f32([0.5], .scalar), tensor(.uint8, [3], .scalar), ramp(.int8, [3, 2], 1),
        f32([0.25], .scalar), tensor(.int8, [-2], .scalar), f32([0.75], .scalar), tensor(.uint8, [100], .scalar),
      ],
      gives: tensor(
        .uint8,
        [102, 96, 100, 107], [2, 2]), note: "scalars"),
    OperatorCase(
      "QLinearMatMul",
      [
        ramp(.uint8, [2, 3]), f32([0.5, 2]), tensor(.uint8, [3, 1]), ramp(.int8, [3, 2], 1), f32([0.25, 1]),
        tensor(.int8, [-2, 4]), f32([0.5], .scalar), tensor(.int8, [-5], .scalar),
      ], gives: tensor(.int8, [-2, -36, 16, -125], [2, 2]),
      note: "rows and columns"),
    OperatorCase(
      "QLinearMatMul",
      [
        ramp(.uint8, [2, 3]), f16([0.5], .scalar), tensor(.uint8, [3], .scalar), ramp(.int8, [3, 2], 1),
        f16([0.25], .scalar), tensor(.int8, [-2], .scalar), f16([0.75], .scalar), tensor(.int8, [1], .scalar),
      ],
      gives: tensor(
        .int8,
        [
          3,
          -3, 1, 8,
        ], [2, 2]), note: "half scales"),
    OperatorCase(
      "QLinearMatMul",
      [
        ramp(.float8e4m3fn, [1, 2]), f32([0.5], .scalar), tensor(.float8e4m3fn, [0], .scalar),
        ramp(.float8e5m2, [2, 1], 1), f32([1], .scalar), tensor(.float8e5m2, [0], .scalar), f32([1], .scalar),
        tensor(
          .float8e4m3fn, [0],
          .scalar),
      ], gives: tensor(.float8e4m3fn, [10], [1, 1]), note: "float8"),
    OperatorCase(
      "QLinearConv",
      [
        ramp(.uint8, [1, 2, 4, 4]), f32([0.5], .scalar), tensor(.uint8, [3], .scalar),
        ramp(
          .int8, [2, 2, 2, 2],
          1), f32([0.25, 0.125]), tensor(.int8, [1, -2]), f32([0.75], .scalar), tensor(.uint8, [20], .scalar), tensor(.int32, [7, -9]),
      ],
      ["pads": .ints([1, 1, 0, 0])],
      gives: tensor(
        .uint8,
        [
          23, 21, 17, 14, 19, 21, 16, 30, 24, 20, 21, 16, 19, 20, 15, 22, 19, 21, 21,
          18, 22, 20, 22, 22, 20, 26, 20, 18, 23, 21, 23, 27,
        ], [1, 2, 4, 4]), note: "per filter with bias"),
    OperatorCase(
      "QLinearConv",
      [
        ramp(.int8, [1, 1, 5]), f32([1], .scalar), tensor(.int8, [1], .scalar), ramp(.int8, [1, 1, 2], 1),
        f32([0.5], .scalar), tensor(.int8, [0], .scalar), f32([2], .scalar), tensor(.int8, [-3], .scalar),
      ], ["strides": .ints([2])],
      gives: tensor(.int8, [1, 3], [1, 1, 2]), note: "scalars"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("MatMulInteger", [ramp(.uint8, [2, 3]), ramp(.uint8, [3, 2]), ramp(.uint8, [3])], says: "do not fit the rows"),
    FailureCase("MatMulInteger", [ramp(.uint8, [2, 3]), ramp(.uint8, [3, 2]), nil, ramp(.uint8, [3])], says: "do not fit the columns"),
    FailureCase("MatMulInteger", [ramp(.uint8, [3]), ramp(.uint8, [3, 2]), ramp(.uint8, [3])], says: "do not fit the rows"),
    FailureCase("MatMulInteger", [ramp(.uint8, [2, 3]), ramp(.uint8, [2, 3])], says: "3 columns meet 2 rows"),
    FailureCase("ConvInteger", [ramp(.uint8, [1, 1, 4]), ramp(.uint8, [2, 1, 2]), ramp(.uint8, [2])], says: "must be a scalar"),
    FailureCase(
      "ConvInteger", [ramp(.uint8, [1, 1, 4]), ramp(.uint8, [2, 1, 2]), nil, ramp(.uint8, [3])], says: "for each of 2 filters"),
    FailureCase(
      "QLinearConv",
      [
        ramp(.uint8, [1, 1, 4]), ramp(.float32, [2]), ints(.uint8, [0], .scalar), ramp(.uint8, [2, 1, 2]),
        f32([1], .scalar), ints(.uint8, [0], .scalar), f32([1], .scalar), ints(.uint8, [0], .scalar),
      ],
      says: "Input 1 of shape [2] must be a scalar"),
    FailureCase(
      "QLinearMatMul",
      [
        ramp(.uint8, [2, 3]), ramp(.float32, [3]), ints(.uint8, [0], .scalar), ramp(.uint8, [3, 2]),
        f32(
          [1],
          .scalar), ints(.uint8, [0], .scalar), f32([1], .scalar), ints(.uint8, [0], .scalar),
      ], says: "do not fit the rows"),
  ]
}
