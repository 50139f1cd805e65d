import OnyxGraph
import OnyxTensor
import Testing

/// Maxima put back. Expected numbers: PyTorch 2.15 and the reference evaluator of onnx 1.23.2.
struct MaxUnpoolTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "MaxUnpool", [f32([1, 2, 3, 4], [1, 1, 2, 2]), tensor(.int64, [5, 7, 13, 15], [1, 1, 2, 2])],
      [
        "kernel_shape": .ints([
          2,
          2,
        ]), "strides": .ints([2, 2]),
      ], gives: f32([0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4], [1, 1, 4, 4]), note: "implied shape"),
    OperatorCase(
      "MaxUnpool",
      [
        f32([1, 2, 3, 4], [1, 1, 2, 2]), tensor(.int64, [5, 7, 13, 15], [1, 1, 2, 2]),
        tensor(
          .int64,
          [
            1, 1, 5,
            5,
          ]),
      ], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])],
      gives: f32(
        [
          0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0,
          4, 0, 0, 0, 0, 0, 0,
        ], [1, 1, 5, 5]), note: "given shape"),
    OperatorCase(
      "MaxUnpool", [f64([2, 5, 5, 4, 0, 3, 2, 2], [1, 2, 4]), tensor(.int64, [1, 3, 3, 6, 7, 9, 12, 12], [1, 2, 4])],
      ["kernel_shape": .ints([3]), "strides": .ints([2]), "pads": .ints([1, 1])],
      gives: f64(
        [0, 2, 0, 5, 0, 0, 4, 0, 0, 3, 0, 0, 2, 0],
        [1, 2, 7]), note: "padded"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("MaxUnpool", [f32([1], [1, 1, 1]), i64([2], [1, 1, 1])], ["kernel_shape": .ints([2])], says: "The index 2 is outside"),
    FailureCase("MaxUnpool", [f32([1], [1, 1, 1]), i64([.min], [1, 1, 1])], ["kernel_shape": .ints([2])], says: "is outside"),
    FailureCase("MaxUnpool", [f32([1], [1, 1, 1]), i64([0, 1], [1, 1, 2])], ["kernel_shape": .ints([2])], says: "must be equal"),
    FailureCase(
      "MaxUnpool", [f32([1], [1, 1, 1]), i64([0], [1, 1, 1]), i64([1, 1, 1])], ["kernel_shape": .ints([2])],
      says: "does not hold"),
    FailureCase(
      "MaxUnpool", [f32([1], [1, 1, 1]), i64([0], [1, 1, 1])], ["kernel_shape": .ints([2]), "pads": .ints([2, 2])],
      says: "cut off"),
  ]
}
