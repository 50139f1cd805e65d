import OnyxGraph
import OnyxTensor
import Testing

/// Means with and without padding. Expected numbers: PyTorch 2.15; dilation and auto_pad by hand.
struct AveragePoolTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 2, 6])], ["kernel_shape": .ints([3]), "strides": .ints([2])],
      gives: f32(
        [
          -1.6666666,
          1.3333334, 0, -0.6666667,
        ], [1, 2, 2]), note: "one axis"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 4, 4])],
      [
        "kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]),
        "strides": .ints([2, 2]),
      ], gives: f32([-1.25, 1, -0.5, 0.22222222], [1, 1, 2, 2]), note: "padding does not count"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 4, 4])],
      [
        "kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]),
        "strides": .ints([2, 2]), "count_include_pad": .int(1),
      ],
      gives: f32(
        [-0.5555556, 0.6666667, -0.33333334, 0.22222222],
        [
          1, 1, 2,
          2,
        ]), note: "padding counts"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 6])],
      [
        "kernel_shape": .ints([3]), "strides": .ints([2]), "pads": .ints([1, 1]),
        "count_include_pad": .int(1), "ceil_mode": .int(1),
      ], gives: f32([-1, 1.6666666, 1, -1.5], [1, 1, 4]),
      note: "what ceil mode adds does not count"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 5])],
      [
        "kernel_shape": .ints([2]), "strides": .ints([3]), "pads": .ints([1, 1]),
        "count_include_pad": .int(1), "ceil_mode": .int(1),
      ], gives: f32([-2.5, 1.5], [1, 1, 2]),
      note: "ceil mode drops a window in the padding"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 3, 3, 3])],
      [
        "kernel_shape": .ints([2, 2, 2]), "strides": .ints([2, 1, 1]),
        "ceil_mode": .int(1),
      ], gives: f32([0.625, -0.625, 1, -0.25, -2.5, -1, -0.75, 0.75], [1, 1, 2, 2, 2]), note: "three axes"),
    OperatorCase(
      "AveragePool", [ramp(.float64, [1, 1, 5])], ["kernel_shape": .ints([3])],
      gives: f64(
        [
          -1.6666666666666667,
          1.6666666666666667, 1.3333333333333333,
        ], [1, 1, 3]), note: "double"),
    OperatorCase(
      "AveragePool", [ramp(.float16, [1, 1, 5])], ["kernel_shape": .ints([3])],
      gives: f16(
        [
          -1.6669921875, 1.6669921875,
          1.3330078125,
        ], [1, 1, 3]), note: "half"),
    OperatorCase(
      "AveragePool", [ramp(.bfloat16, [1, 1, 5])], ["kernel_shape": .ints([3])],
      gives: bf16(
        [
          -1.6640625, 1.6640625,
          1.3359375,
        ], [1, 1, 3]), note: "bfloat16"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 6])], ["kernel_shape": .ints([2]), "dilations": .ints([3])],
      gives: f32(
        [
          0, 1.5,
          -2.5,
        ], [1, 1, 3]), note: "dilation"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 6])],
      [
        "kernel_shape": .ints([3]), "strides": .ints([2]),
        "auto_pad": .text("SAME_LOWER"),
      ], gives: f32([-1.5, 1.6666666, 1], [1, 1, 3]), note: "same lower"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 6])],
      [
        "kernel_shape": .ints([3]), "strides": .ints([2]),
        "auto_pad": .text("SAME_UPPER"),
      ], gives: f32([-1.6666666, 1.3333334, -1], [1, 1, 3]), note: "same upper"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [1, 1, 6])],
      [
        "kernel_shape": .ints([3]), "strides": .ints([2]),
        "auto_pad": .text("SAME_UPPER"), "count_include_pad": .int(1),
      ], gives: f32([-1.6666666, 1.3333334, -0.6666667], [1, 1, 3]),
      note: "same upper, padding counts"),
    OperatorCase(
      "AveragePool", [ramp(.float32, [2, 0, 4])], ["kernel_shape": .ints([2])], gives: f32([], [2, 0, 3]),
      note: "no channels"),
  ]
}
