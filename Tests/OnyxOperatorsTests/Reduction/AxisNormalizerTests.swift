import OnyxGraph
import OnyxTensor
import Testing

/// Expected: numpy in float64, rounded once; the ONNX reference evaluator for Hardmax.
struct AxisNormalizerTests {
  @Test(arguments: cases)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "Softmax", [f32([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: f32([0.36619222, 0.6037489, 0.030058887, 0.48451304, 0.48451304, 0.030973883], [2, 3])),
    OperatorCase(
      "Softmax", [f16([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: f16([0.3662109375, 0.603515625, 0.030059814453125, 0.484619140625, 0.484619140625, 0.030975341796875], [2, 3])),
    OperatorCase(
      "Softmax", [bf16([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: bf16([0.365234375, 0.60546875, 0.030029296875, 0.484375, 0.484375, 0.031005859375], [2, 3])),
    OperatorCase(
      "Softmax", [f64([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: f64(
        [0.3661922162818002, 0.6037488961486258, 0.030058887569574023, 0.48451305823030777, 0.48451305823030777, 0.030973883539384538],
        [2, 3])),
    OperatorCase(
      "Softmax", [f32([0.5, 1, -2, 3, 3, 0.25], [2, 3])], ["axis": .int(0)],
      gives: f32([0.07585818, 0.11920292, 0.09534947, 0.9241418, 0.8807971, 0.9046505], [2, 3])),
    OperatorCase(
      "Softmax", [f32([0.5, 1, -2, 3, 3, 0.25, 1, 0], [2, 2, 2])], ["axis": .int(-2)],
      gives: f32([0.9241418, 0.11920292, 0.07585818, 0.8807971, 0.8807971, 0.5621765, 0.11920292, 0.4378235], [2, 2, 2])),
    OperatorCase("Softmax", [f32([1000, 999, -1000])], gives: f32([0.7310586, 0.26894143, 0])),
    OperatorCase("Softmax", [f32([1, .nan, 2])], gives: f32([.nan, .nan, .nan])),
    OperatorCase("Softmax", [f32([-.infinity, 1, 2])], gives: f32([0, 0.26894143, 0.7310586])),
    OperatorCase("Softmax", [f32([], [2, 0])], gives: f32([], [2, 0])),
    OperatorCase(
      "LogSoftmax", [f32([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: f32([-1.004597, -0.5045969, -3.504597, -0.7246109, -0.7246109, -3.4746108], [2, 3])),
    OperatorCase(
      "LogSoftmax", [f16([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: f16([-1.0048828125, -0.50439453125, -3.50390625, -0.724609375, -0.724609375, -3.474609375], [2, 3])),
    OperatorCase(
      "LogSoftmax", [bf16([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: bf16([-1.0078125, -0.50390625, -3.5, -0.7265625, -0.7265625, -3.46875], [2, 3])),
    OperatorCase(
      "LogSoftmax", [f64([0.5, 1, -2, 3, 3, 0.25], [2, 3])],
      gives: f64(
        [-1.0045969023422834, -0.5045969023422835, -3.5045969023422834, -0.7246108960427745, -0.7246108960427745, -3.4746108960427744],
        [2, 3])),
    OperatorCase(
      "LogSoftmax", [f32([0.5, 1, -2, 3, 3, 0.25], [2, 3])], ["axis": .int(0)],
      gives: f32([-2.5788898, -2.126928, -2.3502066, -0.078889735, -0.12692802, -0.10020656], [2, 3])),
    OperatorCase(
      "LogSoftmax", [f32([0.5, 1, -2, 3, 3, 0.25, 1, 0], [2, 2, 2])], ["axis": .int(-2)],
      gives: f32([-0.078889735, -2.126928, -2.5788898, -0.12692802, -0.12692802, -0.5759394, -2.126928, -0.8259394], [2, 2, 2])),
    OperatorCase("LogSoftmax", [f32([1000, 999, -1000])], gives: f32([-0.3132617, -1.3132616, -2000.3132])),
    OperatorCase("LogSoftmax", [f32([1, .nan, 2])], gives: f32([.nan, .nan, .nan])),
    OperatorCase("LogSoftmax", [f32([-.infinity, 1, 2])], gives: f32([-.infinity, -1.3132616, -0.3132617])),
    OperatorCase("LogSoftmax", [f32([], [2, 0])], gives: f32([], [2, 0])),
    OperatorCase("Hardmax", [f32([0.5, 1, -2, 3, 3, 0.25], [2, 3])], gives: f32([0, 1, 0, 1, 0, 0], [2, 3])),
    OperatorCase("Hardmax", [f16([0.5, 1, -2, 3, 3, 0.25], [2, 3])], gives: f16([0, 1, 0, 1, 0, 0], [2, 3])),
    OperatorCase("Hardmax", [bf16([0.5, 1, -2, 3, 3, 0.25], [2, 3])], gives: bf16([0, 1, 0, 1, 0, 0], [2, 3])),
    OperatorCase("Hardmax", [f64([0.5, 1, -2, 3, 3, 0.25], [2, 3])], gives: f64([0, 1, 0, 1, 0, 0], [2, 3])),
    OperatorCase("Hardmax", [f32([0.5, 1, -2, 3, 3, 0.25], [2, 3])], ["axis": .int(0)], gives: f32([0, 0, 0, 1, 1, 1], [2, 3])),
    OperatorCase(
      "Hardmax", [f32([0.5, 1, -2, 3, 3, 0.25, 1, 0], [2, 2, 2])], ["axis": .int(-2)], gives: f32([1, 0, 0, 1, 1, 1, 0, 0], [2, 2, 2])),
    OperatorCase("Hardmax", [f32([1000, 999, -1000])], gives: f32([1, 0, 0])),
    OperatorCase("Hardmax", [f32([1, .nan, 2])], gives: f32([0, 1, 0])),
    OperatorCase("Hardmax", [f32([-.infinity, 1, 2])], gives: f32([0, 0, 1])),
    OperatorCase("Hardmax", [f32([], [2, 0])], gives: f32([], [2, 0])),
    OperatorCase("Softmax", [f32([-.infinity, -.infinity])], gives: f32([.nan, .nan])),
  ]
}
