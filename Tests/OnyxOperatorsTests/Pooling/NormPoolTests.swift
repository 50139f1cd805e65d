import OnyxGraph
import OnyxTensor
import Testing

/// Pools that take norms, and pools of whole planes. Expected numbers: PyTorch 2.15.
struct NormPoolTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "LpPool", [ramp(.float32, [1, 2, 5])], ["kernel_shape": .ints([2]), "strides": .ints([2]), "p": .int(1)],
      gives: f32(
        [
          7,
          7, 7, 4,
        ], [1, 2, 2]), note: "order 1"),
    OperatorCase(
      "LpPool", [ramp(.float32, [1, 2, 5])], ["kernel_shape": .ints([2]), "strides": .ints([2]), "p": .int(2)],
      gives: f32([5.3851647, 5.3851647, 5, 4], [1, 2, 2]), note: "order 2"),
    OperatorCase(
      "LpPool", [ramp(.float32, [1, 2, 5])], ["kernel_shape": .ints([2]), "strides": .ints([2]), "p": .int(3)],
      gives: f32([5.104469, 5.104469, 4.4979415, 4], [1, 2, 2]), note: "order 3"),
    OperatorCase(
      "LpPool", [ramp(.float32, [1, 1, 4, 4])], ["kernel_shape": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])],
      gives: f32(
        [
          5,
          5.3851647, 2.828427, 5.3851647, 5, 5.0990195, 6.244998, 5.7445626, 6.708204, 5, 4.1231055, 5.91608, 5.91608, 6.4807405, 5,
          4.472136, 5.7445626, 6.244998, 7.2111025, 5.0990195, 2, 2.828427, 5.3851647, 5.0990195, 1,
        ], [1, 1, 5, 5]), note: "padded"),
    OperatorCase(
      "LpPool", [ramp(.float32, [1, 1, 6])], ["kernel_shape": .ints([2]), "dilations": .ints([2])],
      gives: f32(
        [
          5.3851647,
          5.3851647, 2.236068, 5.8309517,
        ], [1, 1, 4]), note: "dilation"),
    OperatorCase(
      "GlobalAveragePool", [ramp(.float32, [2, 2, 2, 3])],
      gives: f32(
        [-0.33333334, -0.5, 1.1666666, -0.8333333],
        [
          2, 2, 1,
          1,
        ])),
    OperatorCase("GlobalMaxPool", [ramp(.float32, [2, 2, 2, 3])], gives: f32([5, 4, 5, 3], [2, 2, 1, 1])),
    OperatorCase("GlobalLpPool", [ramp(.float32, [2, 2, 2, 3])], gives: f32([8.246211, 8.185352, 7.6811457, 7.4161983], [2, 2, 1, 1])),
    OperatorCase(
      "GlobalLpPool", [ramp(.float32, [2, 2, 2, 3])], ["p": .int(1)], gives: f32([18, 17, 17, 15], [2, 2, 1, 1]),
      note: "order 1"),
    OperatorCase("GlobalAveragePool", [ramp(.float16, [1, 2, 3])], gives: f16([-1.6669921875, 1], [1, 2, 1]), note: "half"),
    OperatorCase("GlobalMaxPool", [f64([1, .nan, 2], [1, 1, 3])], gives: f64([.nan], [1, 1, 1]), note: "NaN"),
    OperatorCase("GlobalAveragePool", [ramp(.float32, [0, 2, 3])], gives: f32([], [0, 2, 1]), note: "no images"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("LpPool", [ramp(.float32, [1, 1, 4])], ["kernel_shape": .ints([2]), "p": .int(0)], says: "'p' is 0"),
    FailureCase("GlobalLpPool", [ramp(.float32, [1, 1, 4])], ["p": .int(-2)], says: "'p' is -2"),
    FailureCase("GlobalAveragePool", [ramp(.float32, [3])], says: "rank 1"),
  ]
}
