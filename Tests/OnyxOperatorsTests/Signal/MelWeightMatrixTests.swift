import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Expected: the ONNX reference evaluator.
struct MelWeightMatrixTests {
  static func inputs(_ bands: Int64, _ length: Int64, _ rate: Int64, _ low: Double, _ high: Double) -> [Tensor?] {
    [i64([bands], []), i64([length], []), i64([rate], []), f64([low], []), f64([high], [])]
  }

  @Test(arguments: cases) func computes(_ test: OperatorCase) throws { try test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "MelWeightMatrix", inputs(3, 10, 8000, 200, 3500), gives: f32([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [6, 3])),
    OperatorCase(
      "MelWeightMatrix", inputs(4, 8, 8192, 0, 4096), ["output_datatype": .int(7)],
      gives: i64([1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [5, 4])),
    OperatorCase(
      "MelWeightMatrix", inputs(2, 24, 8000, 300, 3900), ["output_datatype": .int(11)],
      gives: f64(
        [0, 0, 0.5, 0, 1, 0, 0.5, 0.5, 0, 1, 0, 0.66666666666666663, 0, 0.33333333333333331, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [13, 2]),
      note: "slopes"),
    OperatorCase("MelWeightMatrix", inputs(0, 4, 8000, 0, 4000), gives: f32([], [3, 0]), note: "no bands"),
    OperatorCase(
      "MelWeightMatrix", inputs(1, 5, 6000, 2100, 2100), gives: f32([0, 0, 1], [3, 1]), note: "a band of one frequency"),
    OperatorCase("MelWeightMatrix", inputs(1, 5, 100, 3000, 4000), gives: f32([0, 0, 0], [3, 1]), note: "past the last frequency"),
  ]

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let refused: [FailureCase] = [
    FailureCase("MelWeightMatrix", inputs(-1, 8, 8000, 0, 4000), says: "'num_mel_bins' is -1"),
    FailureCase("MelWeightMatrix", inputs(1, 0, 8000, 0, 4000), says: "'dft_length' is 0"),
    FailureCase("MelWeightMatrix", inputs(1, 8, 0, 0, 4000), says: "'sample_rate' is 0"),
    FailureCase("MelWeightMatrix", inputs(1, 8, 8000, 5, 4), says: "from 5.0 to 4.0 hertz"),
    FailureCase("MelWeightMatrix", inputs(1, 8, 8000, -5, 4), says: "from -5.0 to 4.0 hertz"),
    FailureCase("MelWeightMatrix", inputs(1, 8, 8000, 0, .infinity), says: "hertz"),
    FailureCase("MelWeightMatrix", inputs(1, 8, 8000, .nan, 4), says: "hertz"),
    FailureCase("MelWeightMatrix", inputs(.max, .max, 8000, 0, 4000), says: "more elements than fit"),
    FailureCase("MelWeightMatrix", inputs(1 << 40, 1 << 10, 8000, 0, 4000), code: .budgetExceeded, says: "does not fit in memory"),
    FailureCase("MelWeightMatrix", inputs(1, 8, 8000, 0, 4), ["output_datatype": .int(8)], says: "string"),
  ]
}
