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
      "MaxUnpool",
      [
        f32([6, 5, 9, 9, 4, 8, 8, 9, 7], [1, 1, 3, 3]), tensor(.int64, [7, 10, 5, 14, 23, 18, 35, 30, 39], [1, 1, 3, 3]),
        tensor(.int64, [1, 1, 7, 7]),
      ], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])],
      gives: f32(
        [
          0, 0, 0, 0, 0, 9, 0, 6, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0,
          0, 0, 0, 0, 0, 0,
        ], [1, 1, 7, 7]), note: "of a pool of 7 × 7"),
    OperatorCase(
      "MaxUnpool",
      [f32([3, 4, 5, 9, 6, 3], [1, 2, 3]), tensor(.int64, [0, 2, 4, 5, 7, 9], [1, 2, 3]), tensor(.int64, [1, 2, 5])],
      ["kernel_shape": .ints([2]), "strides": .ints([2])], gives: f32([3, 0, 4, 0, 5, 9, 0, 6, 0, 3], [1, 2, 5]),
      note: "of a pool that rounds up"),
    OperatorCase(
      "MaxUnpool",
      [f32([3, 4, 5, 9, 6, 5], [1, 2, 3]), tensor(.int64, [0, 2, 4, 5, 7, 8], [1, 2, 3]), tensor(.int64, [1, 2, 5])],
      ["kernel_shape": .ints([3]), "strides": .ints([2]), "pads": .ints([1, 1])],
      gives: f32([3, 0, 4, 0, 5, 9, 0, 6, 5, 0], [1, 2, 5]), note: "of a padded pool"),
    OperatorCase(
      "MaxUnpool", [f32([3, 4], [1, 1, 2]), tensor(.int64, [5, 0], [1, 1, 2]), tensor(.int64, [1, 1, 6])],
      ["kernel_shape": .ints([2]), "strides": .ints([2])], gives: f32([4, 0, 0, 0, 0, 3], [1, 1, 6]),
      note: "in no window: counted in the result"),
    OperatorCase(
      "MaxUnpool", [f64([2, 5, 5, 4, 0, 3, 2, 2], [1, 2, 4]), tensor(.int64, [1, 3, 3, 6, 7, 9, 12, 12], [1, 2, 4])],
      ["kernel_shape": .ints([3]), "strides": .ints([2]), "pads": .ints([1, 1])],
      gives: f64(
        [0, 2, 0, 5, 0, 0, 4, 0, 0, 3, 0, 0, 2, 0],
        [1, 2, 7]), note: "padded"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "MaxUnpool", [f32([1], [1, 1, 1]), i64([7], [1, 1, 1]), i64([1, 1, 7])], ["kernel_shape": .ints([2])],
      says: "The index 7 is outside"),
    FailureCase(
      "MaxUnpool", [f32([1], [1, 1, 1]), i64([0], [1, 1, 1]), i64([1, 1, -1])], ["kernel_shape": .ints([2])], says: "does not hold"),
    FailureCase(
      "MaxUnpool", [f32([1], [1, 1, 1]), i64([0], [1, 1, 1]), i64([1, 1, .min])],
      ["kernel_shape": .ints([2]), "strides": .ints([.max])], says: "overflows"),
    FailureCase(
      "MaxUnpool", [f32([1], [1, 1, 1]), i64([7], [1, 1, 1]), i64([1, 1, 7])],
      ["kernel_shape": .ints([.max]), "pads": .ints([.max - 5, 0])], says: "overflows"),
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
