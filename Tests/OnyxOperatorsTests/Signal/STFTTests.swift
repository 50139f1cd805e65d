import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Expected: numpy.fft over frames cut by hand.
struct STFTTests {
  static let signal = DFTTests.wave([2, 9, 1], 1)
  static let window = f64([0.25, 1, 0.5, 0.75])
  static let windowed = f64(
    [
      0.34375, 0, -0.125, -0.90625, -0.34375, 0, -0.09375, 0, -0.21875, 0.375, 0.65625, 0, 0.15625, 0, 0.375, 0.28125, -0.40625, 0, 0.4375,
      0, -0.03125, 0.21875, -1, 0, 0.34375, 0, -0.125, -0.90625, -0.34375, 0, -0.09375, 0, -0.21875, 0.375, 0.65625, 0,
    ], [2, 3, 3, 2])

  @Test(arguments: cases) func computes(_ test: OperatorCase) throws { try test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase("STFT", [signal, i64([2], []), window], gives: windowed, tolerance: 1e-9),
    OperatorCase(
      "STFT", [DFTTests.wave([2, 9], 1), i64([2], []), window], gives: windowed, tolerance: 1e-9, note: "real without an axis for it"),
    OperatorCase("STFT", [signal, i32([2], [1]), window, i32([4], [])], gives: windowed, tolerance: 1e-9, note: "both lengths"),
    OperatorCase(
      "STFT", [signal, i64([3], []), nil, i64([3], [])], ["onesided": .int(0)],
      gives: f64(
        [
          0.5, 0, -0.625, -0.4330127018922193, -0.625, 0.4330127018922193, 0.125, 0, -0.625, -0.4330127018922193, -0.625,
          0.4330127018922193, -0.25, 0, -0.625, -0.4330127018922193, -0.625, 0.4330127018922193, -0.625, 0, -0.625, -0.4330127018922193,
          -0.625, 0.4330127018922193, 0.375, 0, 0.75, -0.4330127018922193, 0.75, 0.4330127018922193, 0, 0, 0.75, -0.4330127018922193, 0.75,
          0.4330127018922193,
        ], [2, 3, 3, 2]), tolerance: 1e-9, note: "whole spectra"),
    OperatorCase(
      "STFT", [DFTTests.wave([1, 5, 2], 2), i64([1], []), window], ["onesided": .int(0)],
      gives: f64(
        [0.1875, -0.375, 0.75, -0.875, -0.625, 0.5625, -0.1875, 0.3125, -0.25, -0.125, 0.75, 1, 0.375, -0.5, -0.375, -0.375], [1, 2, 4, 2]),
      tolerance: 1e-9, note: "complex"),
    OperatorCase(
      "STFT", [signal, i64([100], [])],
      gives: f64(
        [
          0.375, 0, 0.1875, -0.51515201614774164, 0.1875, -0.22345379861141437, -1.875, -1.299038105676658, 0.1875, -0.033061308882837176,
          -0.25, 0, -1.1875, -0.51515201614774164, -1.1875, -0.22345379861141437, 0.875, -1.299038105676658, -1.1875,
          -0.033061308882837176,
        ], [2, 1, 5, 2]), tolerance: 1e-9, note: "one frame of the whole signal"),
    OperatorCase(
      "STFT", [f16([1, 2, 3], [1, 3, 1]), i64([1], []), f16([1, 1])], gives: f16([3, 0, -1, 0, 5, 0, -1, 0], [1, 2, 2, 2])),
    OperatorCase(
      "STFT", [bf16([1, 2, 3], [1, 3, 1]), i64([1], []), bf16([1, 1])], gives: bf16([3, 0, -1, 0, 5, 0, -1, 0], [1, 2, 2, 2])),
    OperatorCase("STFT", [f32([], [0, 8, 1]), i64([2], []), nil, i64([4], [])], gives: f32([], [0, 3, 3, 2]), note: "no signals"),
  ]

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let refused: [FailureCase] = [
    FailureCase("STFT", [f64([1, 2], [2]), i64([1], [])], says: "'signal' has rank 1"),
    FailureCase("STFT", [f64([1, 2, 3], [1, 1, 3]), i64([1], [])], says: "extent 3"),
    FailureCase("STFT", [f64([1, 2], [1, 1, 2]), i64([1], [])], says: "one-sided transform of complex numbers"),
    FailureCase("STFT", [signal, i64([0], [])], says: "frame step is 0"),
    FailureCase("STFT", [signal, i64([.min], [])], says: "frame step is"),
    FailureCase("STFT", [signal, i64([1, 1])], says: "'frame_step' must hold one number"),
    FailureCase("STFT", [signal, i64([1], []), f64([1, 1], [1, 2])], says: "'window' has rank 2"),
    FailureCase("STFT", [signal, i64([1], []), window, i64([3], [])], says: "different lengths: 4 and 3"),
    FailureCase("STFT", [signal, i64([1], []), nil, i64([10], [])], says: "between 1 and the 9 samples"),
    FailureCase("STFT", [signal, i64([1], []), nil, i64([0], [])], says: "frame length is 0"),
    FailureCase("STFT", [signal, i64([1], []), f64([], [0])], says: "frame length is 0"),
    FailureCase("STFT", [f64([], [1, 0, 1]), i64([1], [])], says: "frame length is 0"),
  ]

  @Test func infersSymbolicSignals() throws {
    let types: [ValueType] = [
      .tensor(.float32, shape: ["batch", "n", 1]), .tensor(.int64, shape: []), .tensor(.float32, shape: [16]),
    ]
    #expect(try inferredType("STFT", types) == "float32[batch,tested.frames,9,2]")
  }
}
