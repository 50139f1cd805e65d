import OnyxGraph
import OnyxTensor
import Testing

/// Given and own statistics. Expected numbers: PyTorch 2.15.
struct BatchNormalizationTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "BatchNormalization",
      [
        ramp(.float32, [2, 2]), ramp(.float32, [2], 1), ramp(.float32, [2], 2), ramp(.float32, [2], 3),
        f32([0.5, 2]),
      ], ["epsilon": .float(0.001)], gives: f32([26.430426, 4.0693007, 17.953617, 14.673252], [2, 2]), note: "inference"),
    OperatorCase(
      "BatchNormalization",
      [
        ramp(.float32, [2, 2]), ramp(.float32, [2], 1), ramp(.float32, [2], 2), ramp(.float32, [2], 3),
        f32([0.5, 2]),
      ], ["training_mode": .int(1)], gives: f32([2.9999955, -7.999989, -0.9999955, 1.9999889], [2, 2]),
      f32([
        3.2499998,
        0.35000008,
      ]), f32([0.6750001, 2.025]), tolerance: 4e-07, note: "training"),
    OperatorCase(
      "BatchNormalization",
      [
        ramp(.float32, [2, 2, 3]), ramp(.float32, [2], 1), ramp(.float32, [2], 2),
        ramp(
          .float32, [2],
          3), f32([0.5, 2]),
      ], ["epsilon": .float(0.001)],
      gives: f32(
        [
          26.430426, 6.651206, 17.953617, 14.673252, 0.5346503, -13.603951, 1,
          12.302412, 23.604824, 7.603951, -6.5346503, -20.673252,
        ], [2, 2, 3]), note: "inference"),
    OperatorCase(
      "BatchNormalization",
      [
        ramp(.float32, [2, 2, 3]), ramp(.float32, [2], 1), ramp(.float32, [2], 2),
        ramp(
          .float32, [2],
          3), f32([0.5, 2]),
      ], ["training_mode": .int(1)],
      gives: f32(
        [
          3.6171184, -0.77964044, 1.7327931, 4.3192472, -1.5361506, -7.3915486,
          -2.0358572, 0.47657633, 2.9890099, 1.3915484, -4.4638495, -10.319247,
        ], [2, 2, 3]), f32([3.5166667, 0]), f32([1.4638891, 2.966667]),
      tolerance: 4e-07, note: "training"),
    OperatorCase(
      "BatchNormalization",
      [
        ramp(.float32, [1, 2, 2, 2]), ramp(.float32, [2], 1), ramp(.float32, [2], 2),
        ramp(
          .float32, [2],
          3), f32([0.5, 2]),
      ], ["epsilon": .float(0.001)],
      gives: f32(
        [
          26.430426, 6.651206, 17.953617, -1.8256029, 0.5346503, -13.603951,
          11.138601, -3,
        ], [1, 2, 2, 2]), note: "inference"),
    OperatorCase(
      "BatchNormalization",
      [
        ramp(.float32, [1, 2, 2, 2]), ramp(.float32, [2], 1), ramp(.float32, [2], 2),
        ramp(
          .float32, [2],
          3), f32([0.5, 2]),
      ], ["training_mode": .int(1)],
      gives: f32(
        [
          3.6261277, -0.0504511, 2.050451, -1.6261277, -2.0000007, -9.999994,
          3.9999945, -3.9999993,
        ], [1, 2, 2, 2]), f32([3.6, 0.050000012]), f32([1.9000003, 2.4250002]), tolerance: 4e-07, note: "training"),
    OperatorCase(
      "BatchNormalization", [f32([1, 2, 4]), f32([2]), f32([1]), f32([1]), f32([3])], ["epsilon": .float(1.0)],
      gives: f32([
        1,
        2, 4,
      ]), note: "a batch of scalars"),
    OperatorCase(
      "BatchNormalization", [ramp(.float16, [1, 2, 2]), f32([2, 1]), f32([1, 0]), f64([1, 0]), f64([3, 3])],
      ["epsilon": .float(1.0)], gives: f16([-5, 2, -1, 2.5], [1, 2, 2]), note: "three types"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "BatchNormalization",
      [
        ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2]), ramp(.float32, [2]),
        ramp(.float32, [3]),
      ], says: "3 elements for 2 channels"),
    FailureCase(
      "BatchNormalization",
      [
        ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2]), ramp(.float32, [2]),
        ramp(.float32, [2, 1]),
      ], says: "must be a vector"),
    FailureCase(
      "BatchNormalization",
      [
        ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2]), ramp(.float32, [2]),
        ramp(.float32, [2]),
      ], outputs: 3, says: "training mode only"),
    FailureCase(
      "BatchNormalization",
      [
        ramp(.float32, .scalar), ramp(.float32, [2]), ramp(.float32, [2]), ramp(.float32, [2]),
        ramp(.float32, [2]),
      ], says: "scalar"),
    FailureCase(
      "BatchNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2]), ramp(.float32, [2])],
      says: "takes 5"),
  ]
}
