import OnyxGraph
import OnyxTensor
import Testing

/// Transposed convolutions. Expected numbers: PyTorch 2.15; auto_pad from the reference evaluator of onnx 1.23.2.
struct ConvTransposeTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func sizesAreSymbolic() throws {
    let x = ValueType.tensor(.float32, shape: ["n", 4, "h", "w"])
    let w = ValueType.tensor(.float32, shape: [4, 3, 3, 2])
    let strides = Attribute.ints([2, 3])
    #expect(try inferredType("ConvTranspose", [x, w], ["strides": strides]) == "float32[n,3,2*h+1,3*w-1]")
    #expect(try inferredType("ConvTranspose", [x, w], ["strides": strides, "auto_pad": .text("SAME_LOWER")]) == "float32[n,3,2*h,3*w]")
    #expect(try inferredType("ConvTranspose", [x, w], ["strides": strides, "output_shape": .ints([5, 6])]) == "float32[n,3,5,6]")
  }

  @Test func productsAreCounted() throws {
    let x = ValueType.tensor(.float32, shape: ["n", 4, 5])
    let w = ValueType.tensor(.float32, shape: [4, 3, 2])
    #expect(try countedProducts("ConvTranspose", [x, w], ["group": .int(2), "strides": .ints([2])]) == "120*n")
  }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 2, 2], 1), ramp(.float32, [2], 2)],
      ["strides": .ints([2])], gives: f32([31, -24, 1, 11, -7, -9, -28, 27, -5, -6, 7, -6], [1, 2, 6]), note: "one axis"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 2, 3]), ramp(.float32, [1, 2, 2, 2], 1), ramp(.float32, [2], 2)],
      gives: f32([11, -28, 15, -9, -14, 41, 4, -8, 6, -13, -5, 10, -23, 5, -11, -3, 37, -22, -1, -9, -23, 8, 12, -12], [1, 2, 3, 4]),
      note: "two axes"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 3, 3]), ramp(.float32, [1, 1, 3, 3], 1)],
      [
        "strides": .ints([2, 2]),
        "pads": .ints([1, 0, 0, 2]),
      ],
      gives: f32(
        [
          15, -20, -6, 8, 6, 10, 10, 0, 11, 13, -15, 20, -3, 4, 9, -28, 35, -5, 3, 19, -12, 16, 0,
          0, 12, -16, 12, -4, 0, 16,
        ], [1, 1, 6, 5]), note: "asymmetric pads"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 2, 2]), ramp(.float32, [1, 1, 2, 2], 1), ramp(.float32, [1], 2)],
      ["strides": .ints([3, 2]), "output_padding": .ints([2, 1])],
      gives: f32(
        [
          11, -24, -3, 11, 1, -4, 16, 3, -5, 1, 1, 1, 1, 1, 1, 5,
          -9, -9, 26, 1, -1, 7, 6, -14, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        ], [1, 1, 7, 5]), note: "output padding"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 4, 3]), ramp(.float32, [4, 1, 3], 1), ramp(.float32, [2], 2)],
      [
        "group": .int(2),
        "strides": .ints([2]),
      ], gives: f32([-4, -4, -11, 15, 16, -21, -1, -34, 15, -8, -5, 40, -25, 11], [1, 2, 7]), note: "groups"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 3]), ramp(.float32, [1, 1, 3], 1)],
      [
        "dilations": .ints([2]),
        "output_padding": .ints([1]),
      ], gives: f32([10, -4, -21, 10, -15, 2, -2, 0], [1, 1, 8]), note: "dilation"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 2, 2, 2]), ramp(.float32, [1, 1, 2, 2, 2], 1)],
      [
        "strides": .ints([1, 2, 1]),
        "pads": .ints([0, 1, 0, 1, 0, 1]),
      ], gives: f32([-5, 17, 4, -20, -2, 11, 21, -29, -16, 40, 12, -38], [1, 1, 2, 3, 2]),
      note: "three axes"),
    OperatorCase(
      "ConvTranspose", [ramp(.float16, [1, 1, 3]), ramp(.float16, [1, 2, 2], 1), ramp(.float16, [2], 2)],
      gives: f16(
        [
          11, -28,
          15, -9, -8, 14, -11, 3,
        ], [1, 2, 4]), note: "half"),
    OperatorCase(
      "ConvTranspose", [ramp(.float64, [2, 1, 3]), ramp(.float64, [1, 1, 2], 1), ramp(.float64, [1], 2)],
      gives: f64(
        [
          11, -28,
          15, -9, -9, 24, 12, -14,
        ], [2, 1, 4]), note: "double"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 3, 3]), ramp(.float32, [1, 2, 3, 3], 1)],
      [
        "auto_pad": .text("SAME_UPPER"),
        "strides": .ints([2, 2]),
      ],
      gives: f32(
        [
          10, -25, -9, 10, 6, -10, 15, -20, -6, 8, 6, -8, 10, 10, 0, 11, 13, -21, -15, 20, -3, 4, 9,
          -12, -28, 35, -5, 3, 19, -29, -12, 16, 0, 0, 12, -16, 25, -10, 0, 4, 6, -4, -25, -5, 25, 2, -16, -2, -45, 10, 13, 2, -3, -6, 25,
          5,
          -10, 1, -18, -3, 0, 8, -24, 0, 4, -8, 20, 4, -12, 0, -20, -4,
        ], [1, 2, 6, 6]), note: "SAME_UPPER"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 3, 3]), ramp(.float32, [1, 2, 3, 3], 1)],
      [
        "auto_pad": .text("SAME_LOWER"),
        "strides": .ints([2, 2]),
      ],
      gives: f32(
        [
          -20, -6, 8, 6, -8, 0, 10, 0, 11, 13, -21, -1, 20, -3, 4, 9, -12, 0, 35, -5, 3, 19, -29, -1,
          16, 0, 0, 12, -16, 0, 12, -4, 0, 16, -12, 4, -5, 25, 2, -16, -2, 6, 10, 13, 2, -3, -6, 14, 5, -10, 1, -18, -3, 9, 8, -24, 0, 4,
          -8,
          20, 4, -12, 0, -20, -4, 12, 0, -16, 0, -16, 0, 16,
        ], [1, 2, 6, 6]), note: "SAME_LOWER"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 3]), ramp(.float32, [1, 1, 3], 1)],
      [
        "strides": .ints([2]),
        "output_shape": .ints([6]),
      ], gives: f32([-25, -9, 10, 6, -10, -2], [1, 1, 6]), note: "output shape cuts the beginning"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 3]), ramp(.float32, [1, 1, 3], 1)],
      [
        "strides": .ints([2]),
        "output_shape": .ints([6]), "auto_pad": .text("SAME_UPPER"),
      ], gives: f32([10, -25, -9, 10, 6, -10], [1, 1, 6]),
      note: "output shape cuts the end"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [1, 1, 3]), ramp(.float32, [1, 1, 3], 1)],
      [
        "strides": .ints([2]),
        "output_shape": .ints([9]),
      ], gives: f32([10, -25, -9, 10, 6, -10, -2, 0, 0], [1, 1, 9]), note: "output shape past the kernel"),
    OperatorCase(
      "ConvTranspose", [ramp(.float32, [0, 1, 3]), ramp(.float32, [1, 1, 3], 1)], gives: f32([], [0, 1, 5]),
      note: "no images"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["output_padding": .ints([1])],
      says: "output padding 1"),
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["output_padding": .ints([-1])],
      says: "'output_padding' is [-1]"),
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["output_shape": .ints([1, 2, 4])],
      says: "needs 1 values"),
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["pads": .ints([3, 3])],
      says: "cut off more"),
    FailureCase("ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["group": .int(-1)], says: "'group' is -1"),
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["group": .int(3)],
      says: "2 channels cannot be shared"),
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["strides": .ints([.max])],
      says: "overflows"),
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1)], ["output_shape": .ints([.max])],
      code: .budgetExceeded, says: "does not fit in memory"),
    FailureCase("ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [3, 1, 2])], says: "2 channels and the weights have 3"),
    FailureCase(
      "ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1, 2], 1), ramp(.float32, [2])],
      says: "2 elements for 1 filters"),
    FailureCase("ConvTranspose", [ramp(.float32, [1, 2, 3]), ramp(.float32, [2, 1])], says: "rank"),
  ]
}
