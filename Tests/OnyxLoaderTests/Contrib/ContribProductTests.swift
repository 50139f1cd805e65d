import OnyxGraph
import OnyxTensor
import Testing

/// Convolutions and matrix products. Expected numbers: ONNX Runtime 1.32.0, CPU, unless a case says otherwise.
struct ContribProductTests {
  @Test(arguments: convolutions + products + others) func givesTheNumbersOfONNXRuntime(_ test: ContribCase) throws { try test.run() }

  static let convolutions: [ContribCase] = [
    ContribCase(
      "FusedConv",
      [
        numbers(
          .float32,
          [-0.5, 0.125, -0.875, 0.375, 0.875, 0.375, 0.75, 0.625, 0.125, 0.875, 0, -0.75, 0.125, 0.25, -0.75, -0.75, 0.375, -0.125],
          [1, 2, 3, 3]),
        numbers(
          .float32, [0, 0.625, 0.375, 0.875, -0.75, 0.5, 0.125, -1, -0.875, -0.25, 0.25, -0.75, 0.125, 1, -0.75, -0.75], [2, 2, 2, 2]),
        numbers(.float32, [1, -0.5], [2]),
      ], ["activation": .text("Relu")],
      gives: [numbers(.float32, [1.09375, 1.515625, 1.9375, 1.1875, 0, 0, 0, 0], [1, 2, 2, 2])]),
    ContribCase(
      "FusedConv",
      [
        numbers(.float32, [0.75, -0.25, 0.5, -0.875, 0.25, 0.75, -0.375, 0.25, -0.625], [1, 1, 3, 3]),
        numbers(.float32, [-0.75, -1, 0, 0, -0.875, -0.625, 0.25, -0.25], [2, 1, 2, 2]), nil,
        numbers(.float32, [-0.625, -1, -1, 0.25, -0.875, 0.75, 0.125, -0.5], [1, 2, 2, 2]),
      ], ["activation": .text("LeakyRelu"), "activation_params": .floats([0.25])],
      gives: [numbers(.float32, [-0.234375, -0.328125, -0.1484375, -0.171875, -0.4140625, 0.53125, 0.578125, -0.2421875], [1, 2, 2, 2])],
      note: "a sum"),
    ContribCase(
      "FusedConv",
      [
        numbers(.float32, [0.25, -0.75, -0.375, 0, 0.25, -0.75, -0.375, -0.875, -0.75], [1, 1, 3, 3]),
        numbers(.float32, [-0.625, -0.375, 0.875, -0.25], [1, 1, 2, 2]),
      ], ["activation": .text("Clip"), "activation_params": .floats([-0.5, 0.5])],
      gives: [numbers(.float32, [0.0625, 0.5, -0.203125, -0.453125], [1, 1, 2, 2])]),
    ContribCase(
      "FusedConv",
      [
        numbers(.float32, [-0.875, 0.875, 0.125, -0.875, -0.875, -0.875, 0.875, 0.125, 0.375], [1, 1, 3, 3]),
        numbers(.float32, [1, -0.25, 0.875, -0.25], [1, 1, 2, 2]),
      ], ["activation": .text("HardSigmoid"), "activation_params": .floats([0.25, 0.5]), "pads": .ints([0, 1, 0, 1])],
      gives: [numbers(.float32, [0.609375, 0.08984375, 0.57421875, 0.33984375, 0.5, 0.51953125, 0.33984375, 0.36328125], [1, 1, 2, 4])]),
    ContribCase(
      "NhwcFusedConv",
      [
        numbers(
          .float32, [0.375, 0.75, -0.875, 0.5, 0.625, 1, 0.375, 0, -0.75, 0.625, -0.125, 0.625, -1, -0.375, 0.625, 0.25, 0.5, 0.25],
          [1, 3, 3, 2]),
        numbers(
          .float32, [0.625, 0.75, 0.5, 0.375, -0.5, -0.875, 0.625, -0.375, -0.5, -1, -0.75, -1, -0.25, -0.375, 0, 0.125], [2, 2, 2, 2]),
        numbers(.float32, [-0.5, 0.125], [2]), numbers(.float32, [0.25, 0.375, 0.25, -1, -0.5, 0.625, 0.25, -0.375], [1, 2, 2, 2]),
      ], ["activation": .text("Relu")],
      gives: [numbers(.float32, [0, 1.359375, 0, 0, 0, 1.234375, 0, 0], [1, 2, 2, 2])], note: "numbers of FusedConv"),
    ContribCase(
      "NhwcConv",
      [
        numbers(
          .float32, [0.375, 0.75, -0.875, 0.5, 0.625, 1, 0.375, 0, -0.75, 0.625, -0.125, 0.625, -1, -0.375, 0.625, 0.25, 0.5, 0.25],
          [1, 3, 3, 2]),
        numbers(
          .float32, [0.625, 0.75, 0.5, 0.375, -0.5, -0.875, 0.625, -0.375, -0.5, -1, -0.75, -1, -0.25, -0.375, 0, 0.125], [2, 2, 2, 2]),
        numbers(.float32, [-0.5, 0.125], [2]),
      ], [:],
      gives: [numbers(.float32, [-2.0625, 0.984375, -1.96875, 0.203125, -1.96875, 0.609375, -1.359375, -0.703125], [1, 2, 2, 2])],
      note: "numbers of Conv"),
  ]

  static let products: [ContribCase] = [
    ContribCase(
      "FusedGemm",
      [
        numbers(.float32, [-0.25, 0.875, 0.5, -0.25, -0.5, -0.75], [2, 3]),
        numbers(.float32, [0.625, 0.25, -0.125, 0.375, 0.125, 0.125], [3, 2]), numbers(.float32, [0.375, 0.625], [2]),
      ], ["activation": .text("LeakyRelu"), "activation_alpha": .float(0.25), "alpha": .float(0.5), "beta": .float(2.0)],
      gives: [numbers(.float32, [0.6484375, 1.4140625, 0.65625, 1.078125], [2, 2])]),
    ContribCase(
      "FusedGemm",
      [
        numbers(.float32, [0, -0.125, -0.5, -0.375, 1, -0.625], [3, 2]),
        numbers(.float32, [-0.875, 0.25, -0.375, -0.875, 0.125, 0.5], [2, 3]),
      ], ["activation": .text("Tanh"), "transA": .int(1), "transB": .int(1)],
      gives: [numbers(.float32, [-0.46211717, 0.41157007, 0.24491866, -0.24491866], [2, 2])]),
    ContribCase(
      "FusedMatMul",
      [
        numbers(.float32, [-1, 0, -0.75, 0.125, 0.625, 0.625, 0.625, -0.375, 0.25, 0.375, 0.875, 0.375], [2, 3, 2]),
        numbers(.float32, [0.5, -0.875, -0.375, -0.25, 0.25, 0.75, -0.375, 0, 0.5, -0.625, -0.25, -0.625], [2, 3, 2]),
      ], ["transA": .int(1), "alpha": .float(0.5)],
      gives: [numbers(.float32, [-0.03125, 0.765625, 0.0546875, 0.21875, -0.1640625, -0.3515625, 0.1171875, -0.234375], [2, 2, 2])]),
    ContribCase(
      "FusedMatMul",
      [
        numbers(
          .float32,
          [
            -0.75, 0.375, 0.75, -0.75, 0.375, 0.375, 0.5, 0.375, 0.125, -0.875, 0.625, -0.625, -0.125, 1, 0.125, -0.5, -0.875, -0.5, 0.125,
            0.75, 0.625, -0.625, 0.375, 0.375,
          ], [2, 3, 4]),
        numbers(
          .float32,
          [
            0.625, 0, 0, -0.125, 0.75, 0, -0.875, 0, 0.75, 0.75, -0.25, 0.75, -0.875, 0.5, 0.25, -1, -0.125, -0.25, -0.125, -0.5, 0.75,
            0.75, -0.75, 0.5,
          ], [3, 4, 2]),
      ], ["transBatchA": .int(1)],
      gives: [
        numbers(
          .float32, [0.75, -0.046875, 0.453125, -0.125, -0.15625, 0.4375, -0.453125, -1.71875, 1.03125, 0.5625, 0, 0.625], [3, 2, 2])
      ]),
    ContribCase(
      "FusedMatMul",
      [
        numbers(
          .float32,
          [
            0.25, -0.625, -0.125, -0.5, 0, -0.75, 0, -0.875, -0.75, 0.75, 0, -0.5, 0.75, -0.375, -0.75, 0.875, -1, 1, -0.875, 0.625, -0.125,
            -0.75, 1, -0.125,
          ], [4, 3, 2]),
        numbers(
          .float32,
          [
            -1, 0.5, 1, -0.75, 0.125, 0.875, -0.75, 0.625, -0.125, -1, -0.625, 0.75, 0.5, 0.875, 0.125, -0.75, -0.5, -0.375, -0.5, -0.875,
            0.75, -0.875, 0.625, 0.5,
          ], [2, 3, 4]),
      ], ["transA": .int(1), "transB": .int(1), "transBatchA": .int(1), "transBatchB": .int(1)],
      gives: [
        numbers(
          .float32, [1.15625, 0.875, -0.65625, -1.59375, -0.1875, 0.828125, -0.53125, 0.1875, 1.375, -0.125, -0.125, 0.4375], [3, 2, 2])
      ]),
    ContribCase(
      "TransposeMatMul",
      [
        numbers(.float32, [-0.125, 0.25, -0.25, 0, 0.5, -0.125], [2, 3]),
        numbers(.float32, [1, 0.75, -0.875, 0.875, -0.75, -0.625], [2, 3]),
      ], ["transB": .int(1)],
      gives: [numbers(.float32, [0.28125, -0.140625, 0.484375, -0.296875], [2, 2])]),
  ]

  static let others: [ContribCase] = [
    ContribCase(
      "ConvTransposeWithDynamicPads",
      [
        numbers(.float32, [-0.25, 0.625, 0, 0.5], [1, 1, 2, 2]),
        numbers(.float32, [-0.875, 0.5, -1, -0.5, -0.625, 0.75, -0.25, 0.625, 0.5], [1, 1, 3, 3]), numbers(.int64, [1, 0, 0, 1], [4]),
        numbers(.float32, [0.375], [1]),
      ], ["strides": .ints([2, 2]), "kernel_shape": .ints([3, 3])],
      gives: [
        numbers(
          .float32,
          [0.5, 0.53125, -0.125, -0.015625, 0.4375, 0.21875, -0.34375, 1.015625, 0.375, 0.375, 0.125, 0.0625, 0.375, 0.375, 0.25, 0.6875],
          [1, 1, 4, 4])
      ], note: "pads of the run"),
    ContribCase(
      "ConvTransposeWithDynamicPads",
      [
        numbers(.float32, [0.25, 0.75, -1, 0.375], [1, 1, 2, 2]),
        numbers(.float32, [-1, 0.25, -0.125, 1, 0.75, -0.875, 0.875, -0.625, -0.25], [1, 1, 3, 3]), numbers(.int64, [1, 0, 0, 1], [4]),
      ], ["strides": .ints([2, 2]), "kernel_shape": .ints([3, 3]), "output_padding": .ints([1, 0])],
      gives: [
        numbers(
          .float32,
          [
            0.25, 0.1875, 0.53125, 0.5625, 1.21875, -0.40625, 0.34375, -0.375, -1, -0.75, 1.25, 0.28125, -0.875, 0.625, 0.578125, -0.234375,
            0, 0, 0, 0,
          ], [1, 1, 5, 4])
      ], constants: [2]),
    ContribCase(
      "Trilu", [numbers(.float32, [0.125, 0.875, -0.375, 0.875, -0.375, -0.25, 0.875, 0.5, 0.375], [3, 3]), numbers(.int64, [1], [])],
      ["upper": .int(0)],
      gives: [numbers(.float32, [0.125, 0.875, 0, 0.875, -0.375, -0.25, 0.875, 0.5, 0.375], [3, 3])]),
  ]
}
