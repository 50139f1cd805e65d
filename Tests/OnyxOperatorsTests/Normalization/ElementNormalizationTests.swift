import OnyxGraph
import OnyxTensor
import Testing

/// LRN, LpNormalization and MeanVarianceNormalization. Expected numbers: PyTorch 2.15 and numpy.
struct ElementNormalizationTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "LRN", [ramp(.float32, [1, 4, 2])], ["size": .int(3), "alpha": .float(0.5)],
      gives: f32(
        [
          -1.3320864, 0.5328346,
          -0.52169484, 1.1220028, 0.32366118, -0.7230856, 1.460083, 0,
        ], [1, 4, 2]), note: "odd"),
    OperatorCase(
      "LRN", [ramp(.float32, [1, 4, 2])], ["size": .int(2), "alpha": .float(0.5), "beta": .float(0.5), "bias": .float(2.0)],
      gives: f32([-1.6439899, 0.65759593, -1.1094004, 1.5430335, 0.4, -1.4552138, 1.6329932, 0], [1, 4, 2]),
      note: "even: the further channel follows"),
    OperatorCase(
      "LRN", [ramp(.float32, [1, 4, 2])], ["size": .int(99), "alpha": .float(0.5)],
      gives: f32(
        [
          -4.2749057, 1.7532542,
          -1.7099622, 4.3831353, 0.8549811, -2.6298814, 3.4199245, 0,
        ], [1, 4, 2]), note: "wider than the channels"),
    OperatorCase(
      "LpNormalization", [f32([3, -4, 0, 0, 0, 0], [2, 3])], gives: f32([0.6, -0.8, 0, 0, 0, 0], [2, 3]),
      note: "order 2, a row of zeros"),
    OperatorCase(
      "LpNormalization", [f32([3, -4, 0, 0, 0, 0], [2, 3])], ["p": .int(1)],
      gives: f32(
        [0.42857143, -0.5714286, 0, 0, 0, 0],
        [2, 3]), note: "order 1"),
    OperatorCase(
      "LpNormalization", [f32([3, -4, 0, 0, 0, 0], [2, 3])], ["axis": .int(0)], gives: f32([1, -1, 0, 0, 0, 0], [2, 3]),
      note: "first axis"),
    OperatorCase(
      "MeanVarianceNormalization", [ramp(.float32, [2, 2, 1, 3])],
      gives: f32(
        [
          -1.3085598, 0.8898207, -0.36639675, 1.4638501,
          0.29277003, -0.8783101, 1.5179293, 0.26171196, -0.99450547, 0.8783101, -0.29277003, -1.4638501,
        ], [2, 2, 1, 3]),
      note: "default axes"),
    OperatorCase(
      "MeanVarianceNormalization", [ramp(.float32, [2, 2, 1, 3])], ["axes": .ints([-3])],
      gives: f32(
        [
          -1, 1, 1, 1, -1, -1, 1,
          1, 1, -1, -1, -1,
        ], [2, 2, 1, 3]), note: "one axis"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("LRN", [ramp(.float32, [1, 2, 2])], says: "'size' is missing"),
    FailureCase("LRN", [ramp(.float32, [1, 2, 2])], ["size": .int(0)], says: "'size' is 0"),
    FailureCase("LRN", [ramp(.float32, [2])], ["size": .int(3)], says: "rank 1"),
    FailureCase("LpNormalization", [ramp(.float32, [1, 2, 2])], ["p": .int(3)], says: "'p' is 3"),
    FailureCase("LpNormalization", [ramp(.float32, [1, 2, 2])], ["axis": .int(-4)], says: "Axis -4 is outside"),
    FailureCase("MeanVarianceNormalization", [ramp(.float32, [1, 2, 2])], says: "Axis 3 is outside the rank 3"),
  ]
}
