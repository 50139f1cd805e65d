import OnyxGraph
import OnyxTensor
import Testing

/// Convolutions of one to four axes. Expected numbers: PyTorch 2.15 and numpy.
struct ConvTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func sizesAreSymbolic() throws {
    let x = ValueType.tensor(.float32, shape: ["n", 3, "h", "2w"])
    let w = ValueType.tensor(.float32, shape: [8, 3, 3, 3])
    #expect(try inferredType("Conv", [x, w], ["strides": .ints([2, 1])]) == "float32[n,8,floor((h-3)/2)+1,2w-2]")
    #expect(try inferredType("Conv", [x, w], ["pads": .ints([1, 1, 1, 1])]) == "float32[n,8,h,2w]")
    #expect(try inferredType("Conv", [x, w], ["auto_pad": .text("SAME_UPPER"), "strides": .ints([2, 1])]) == "float32[n,8,ceil(h/2),2w]")
    let open = ValueType.tensor(.float32, shape: ["m", 3, "k", 3])
    #expect(try inferredType("Conv", [x, open]) == "float32[n,m,tested.spatial0,2w-2]")
  }

  @Test func productsAreCounted() throws {
    let x = ValueType.tensor(.float32, shape: ["n", 4, 10, 10])
    let w = ValueType.tensor(.float32, shape: [8, 2, 3, 3])
    #expect(try countedProducts("Conv", [x, w], ["group": .int(2)]) == "9216*n")
  }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "Conv", [ramp(.float32, [1, 2, 6]), ramp(.float32, [3, 2, 3], 1), ramp(.float32, [3], 2)],
      gives: f32(
        [
          7, -24, 55, -20,
          13, -36, 47, -24, 19, -15, -16, 71,
        ], [1, 3, 4]), note: "one axis with bias"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 4, 5]), ramp(.float32, [2, 1, 3, 2], 1)],
      gives: f32(
        [
          1, -30, 49, -26, 44, -31, 4, 6, 17,
          -32, 51, -42, 58, -35, 4, 10,
        ], [1, 2, 2, 4]), note: "two axes"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 5, 4]), ramp(.float32, [1, 1, 3, 3], 1), ramp(.float32, [1], 2)],
      [
        "pads": .ints([
          1, 0,
          2, 3,
        ]), "strides": .ints([2, 3]),
      ], gives: f32([7, -14, -7, 12, 17, 11], [1, 1, 3, 2]), note: "asymmetric pads and strides"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 7, 7]), ramp(.float32, [1, 1, 3, 2], 1)],
      [
        "dilations": .ints([2, 3]),
        "strides": .ints([1, 2]),
      ], gives: f32([44, -18, -8, 7, 17, -23], [1, 1, 3, 2]), note: "dilation"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 4, 3, 3]), ramp(.float32, [6, 2, 2, 2], 1), ramp(.float32, [6], 2)], ["group": .int(2)],
      gives: f32([21, 16, -5, 12, 0, 29, -12, 39, -21, 42, -19, 66, 21, -47, 26, 2, 7, -49, 15, 3, 15, 15, 37, -40], [1, 6, 2, 2]),
      note: "groups"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 3, 4, 4]), ramp(.float32, [6, 1, 3, 3], 1), ramp(.float32, [6], 2)],
      [
        "group": .int(3),
        "pads": .ints([1, 1, 0, 0]), "strides": .ints([2, 2]),
      ],
      gives: f32(
        [
          -13, 11, -5, 36, -2, -22, 0, 37, 17, 14, 23, 13, 37, -33, 25,
          -7, 6, 5, 6, -17, 13, -23, 16, -36,
        ], [1, 6, 2, 2]), note: "depthwise with multiplier"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 3, 3, 3]), ramp(.float32, [2, 1, 2, 2, 2], 1), ramp(.float32, [2], 2)],
      ["strides": .ints([1, 2, 1]), "pads": .ints([0, 1, 0, 0, 0, 1])],
      gives: f32(
        [
          -25, -2, 19, -5, 12, 7, -5, 40, -16, 16, -22, -1,
          -30, -12, 8, -12, 39, 5, -11, 29, -22, 29, -74, 7,
        ], [1, 2, 2, 2, 3]), note: "three axes"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 2, 2, 3, 3]), ramp(.float32, [1, 1, 2, 2, 2, 2], 1)],
      gives: f32(
        [61, -3, 12, 14],
        [
          1, 1,
          1, 1, 2, 2,
        ]), note: "four axes, expected from numpy"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 3, 2]), ramp(.float32, [1, 1, 1, 1], 1)], ["pads": .ints([2, 0, 1, 1])],
      gives: f32(
        [
          0,
          0, 0, 0, 0, 0, 10, -4, 0, 4, -10, 0, -2, 6, 0, 0, 0, 0,
        ], [1, 1, 6, 3]), note: "pads wider than the kernel"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 5, 6]), ramp(.float32, [1, 1, 3, 3], 1)],
      [
        "strides": .ints([2, 2]),
        "auto_pad": .text("SAME_UPPER"),
      ], gives: f32([11, 52, -26, -41, 1, 28, 9, -31, 8], [1, 1, 3, 3]), note: "same upper"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 5, 6]), ramp(.float32, [1, 1, 3, 3], 1)],
      [
        "strides": .ints([2, 2]),
        "auto_pad": .text("SAME_LOWER"),
      ], gives: f32([-8, -29, -21, 32, 35, -44, -12, 11, 4], [1, 1, 3, 3]), note: "same lower"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 5]), ramp(.float32, [1, 1, 2], 1)],
      [
        "dilations": .ints([3]),
        "auto_pad": .text("SAME_UPPER"),
      ], gives: f32([-10, 35, 1, 4, -10], [1, 1, 5]), note: "same upper, even kernel, dilated"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 3]), ramp(.float32, [1, 1, 1], 1)],
      [
        "strides": .ints([2]),
        "auto_pad": .text("SAME_UPPER"),
      ], gives: f32([10, 4], [1, 1, 2]), note: "same with a stride wider than the kernel"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 5, 6]), ramp(.float32, [1, 1, 3, 3], 1)],
      [
        "strides": .ints([2, 2]),
        "auto_pad": .text("VALID"),
      ], gives: f32([-13, 40, -3, -38], [1, 1, 2, 2]), note: "valid"),
    OperatorCase(
      "Conv", [ramp(.float16, [1, 2, 4]), ramp(.float16, [2, 2, 3], 1), ramp(.float16, [2], 2)], ["pads": .ints([1, 1])],
      gives: f16([-18, 4, 17, 18, -12, 6, 1, 0], [1, 2, 4]), note: "half"),
    OperatorCase(
      "Conv", [ramp(.bfloat16, [1, 2, 4]), ramp(.bfloat16, [2, 2, 3], 1), ramp(.bfloat16, [2], 2)], ["pads": .ints([1, 1])],
      gives: bf16([-18, 4, 17, 18, -12, 6, 1, 0], [1, 2, 4]), note: "bfloat16"),
    OperatorCase(
      "Conv", [ramp(.float64, [2, 2, 4]), ramp(.float64, [2, 2, 3], 1), ramp(.float64, [2], 2)], ["pads": .ints([1, 0])],
      gives: f64([-18, 4, 17, -12, 6, 1, -8, 9, 11, -10, -1, 5], [2, 2, 3]), note: "double"),
    OperatorCase("Conv", [ramp(.float32, [0, 2, 5]), ramp(.float32, [3, 2, 3], 1)], gives: f32([], [0, 3, 3]), note: "no images"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 0, 3]), ramp(.float32, [2, 0, 2]), ramp(.float32, [2], 1)],
      gives: f32(
        [-2, -2, 5, 5],
        [
          1,
          2, 2,
        ]), note: "no channels: the bias alone"),
    OperatorCase(
      "Conv", [ramp(.float32, [1, 1, 0]), ramp(.float32, [1, 1, 2], 1)], ["auto_pad": .text("SAME_UPPER")],
      gives: f32(
        [],
        [
          1,
          1, 0,
        ]), note: "no pixels"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["strides": .ints([0, 1])],
      says: "'strides' is [0, 1]"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["dilations": .ints([1, -1])],
      says: "'dilations' is [1, -1]"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["pads": .ints([0, 0, -1, 0])],
      says: "'pads' is [0, 0, -1, 0]"),
    FailureCase("Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["pads": .ints([0, 0])], says: "needs 4"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["kernel_shape": .ints([3, 2])],
      says: "the weights have the kernel"),
    FailureCase("Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["group": .int(0)], says: "'group' is 0"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["group": .int(3)],
      says: "2 channels; the weights of 3 groups need 6"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [3, 1, 3, 3])], ["group": .int(2)],
      says: "3 filters cannot be shared"),
    FailureCase("Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 5, 3])], says: "does not fit in spatial axis 0"),
    FailureCase("Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 0, 3])], says: "extent 0"),
    FailureCase("Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3])], says: "rank 3"),
    FailureCase("Conv", [ramp(.float32, [1, 2]), ramp(.float32, [2, 2])], says: "rank 2"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1), ramp(.float32, [3])],
      says: "3 elements for 2 filters"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["auto_pad": .text("SAME")],
      says: "'auto_pad' is 'SAME'"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["ceil_mode": .int(1)],
      says: "'ceil_mode' is not defined"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["dilations": .ints([.max, 1])],
      says: "overflows"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["pads": .ints([.max, 0, 1, 0])],
      says: "overflows"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["pads": .ints([1 << 50, 0, 0, 0])],
      says: "overflows"),
    FailureCase(
      "Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float32, [2, 2, 3, 3], 1)], ["pads": .ints([1 << 25, 1 << 25, 0, 0])],
      code: .budgetExceeded, says: "are allowed"),
    FailureCase("Conv", [ramp(.float32, [1, 2, 4, 4]), ramp(.float16, [2, 2, 3, 3])], says: "another input of the same type"),
  ]
}
