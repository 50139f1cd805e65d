import OnyxGraph
import OnyxTensor
import Testing

/// Expected: torchvision.ops.roi_align for averages, the onnx reference evaluator for maxima.
struct RoiAlignTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }
  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }
  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let image = f32([1, 2, 3, 4], [1, 1, 2, 2])
  static let region = f32([0, 0, 1, 1], [1, 4])

  static let cases: [OperatorCase] = [
    OperatorCase(
      "RoiAlign",
      [
        f32(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f32([0.5, 0.25, 3, 2.5, 1, 0, 2.5, 3], [2, 4]), i64([0, 1]),
      ], ["output_height": .int(2), "output_width": .int(2)],
      gives: f32(
        [0.350585938, -0.299316406, -0.135742188, -0.186035156, -0.452148438, -0.650390625, -0.140625, 0.0478515625], [2, 1, 2, 2]),
      tolerance: 1e-06, note: "adaptive"),
    OperatorCase(
      "RoiAlign",
      [
        f32(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f32([0.5, 0.25, 3, 2.5, 1, 0, 2.5, 3], [2, 4]), i64([0, 1]),
      ],
      [
        "output_height": .int(2), "output_width": .int(1), "sampling_ratio": .int(2),
        "coordinate_transformation_mode": .text("output_half_pixel"),
      ],
      gives: f32([-0.0278320312, -0.556396484, -0.615234375, 0.321289062], [2, 1, 2, 1]), tolerance: 1e-06, note: "two samples, no shift"),
    OperatorCase(
      "RoiAlign",
      [
        f32(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f32([-4, -2, 1.5, 2, 5, 4, 9, 8], [2, 4]), i64([0, 1]),
      ], ["output_height": .int(2), "output_width": .int(2), "spatial_scale": .float(0.5)],
      gives: f32([0, 0.375, 0, 0.375, -0.0625, -0.625, -0.0625, -0.625], [2, 1, 2, 2]), tolerance: 1e-06, note: "partly outside"),
    OperatorCase(
      "RoiAlign",
      [
        f64(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f64([0.5, 0.25, 3, 2.5, 1, 0, 2.5, 3], [2, 4]), i64([0, 1]),
      ], ["output_width": .int(2)],
      gives: f64([0.103515625, -0.22884114583333334, -0.3177083333333333, -0.3177083333333333], [2, 1, 1, 2]), tolerance: 1e-12,
      note: "doubles"),
    OperatorCase(
      "RoiAlign",
      [
        f16(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f16([0.5, 0.25, 3, 2.5, 1, 0, 2.5, 3], [2, 4]), i64([0, 1]),
      ], ["output_width": .int(2), "sampling_ratio": .int(1)],
      gives: f16([0.025390625, 0.091796875, -1, -0.84375], [2, 1, 1, 2]), tolerance: 0.001, note: "halves"),
    OperatorCase(
      "RoiAlign",
      [
        f32(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f32([2, 2, 1, 1], [1, 4]), i64([1]),
      ], ["coordinate_transformation_mode": .text("output_half_pixel")],
      gives: f32([-0.0625], [1, 1, 1, 1]), tolerance: 1e-06, note: "corners exchanged"),
    OperatorCase(
      "RoiAlign",
      [
        f32(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f32([0.5, 0.25, 3, 2.5, 1, 0, 2.5, 3], [2, 4]), i64([0, 1]),
      ], ["mode": .text("max"), "output_height": .int(2), "output_width": .int(2), "sampling_ratio": .int(2)],
      gives: f32([0.567626953, 0.264892578, 0.494140625, 0.171386719, 0.0390625, -0.0, 0.3515625, 0.40625], [2, 1, 2, 2]), tolerance: 1e-06,
      note: "greatest product"),
    OperatorCase(
      "RoiAlign",
      [
        f32(
          [
            0.375, 0.625, -1, 0.625, -0.125, 0, 0.25, -0.5, 1, -1, -0.5, -0.25, 0.125, -0.25, -0.75, -1, -1, -1, -0.75, 1, -0.625, 0.375,
            0.5, -0.625,
          ], [2, 1, 3, 4]), f32([0.5, 0.25, 3, 2.5, 1, 0, 2.5, 3], [2, 4]), i64([0, 1]),
      ], ["mode": .text("max"), "sampling_ratio": .int(1), "spatial_scale": .float(0.5)],
      gives: f32([0.190429688, 0.05859375], [2, 1, 1, 1]), tolerance: 1e-06, note: "greatest of one sample"),
    OperatorCase(
      "RoiAlign",
      [
        f32(
          [
            -0.5, -0.75, -1.125, -0.75, -0.25, -0.125, -0.375, -0.625, -1.125, -1.125, -0.625, -0.375, -0.25, -0.375, -0.875, -1.125,
            -1.125, -1.125, -0.875, -1.125, -0.75, -0.5, -0.625, -0.75,
          ], [2, 1, 3, 4]), f32([6, 6, 9, 9], [1, 4]), i64([0]),
      ], ["mode": .text("max"), "sampling_ratio": .int(2), "output_width": .int(2)],
      gives: f32([-0.0, -0.0], [1, 1, 1, 2]), tolerance: 1e-06, note: "outside is 0"),
    OperatorCase("RoiAlign", [image, f32([], [0, 4]), i64([])], gives: f32([], [0, 1, 1, 1]), note: "no regions"),
    OperatorCase("RoiAlign", [f32([], [1, 1, 0, 2]), region, i64([0])], gives: f32([0], [1, 1, 1, 1]), note: "no elements"),
    OperatorCase(
      "RoiAlign", [image, f32([0, 0, .nan, 1], [1, 4]), i64([0])], ["output_width": .int(2)], gives: f32([.nan, .nan], [1, 1, 1, 2]),
      note: "not finite"),
    OperatorCase(
      "RoiAlign", [f32([1, .infinity], [1, 1, 1, 2]), f32([0, 0, 1, 1], [1, 4]), i64([0])], gives: f32([1], [1, 1, 1, 1]),
      note: "an infinity of weight 0"),
  ]

  /// Samples of a bin grow with the square of their number along an axis; the work does not. By the symmetry of the region: the mean of the
  /// image, and its greatest element, on which some sample lies.
  @Test(arguments: [("avg", 2.5), ("max", 4)]) func manySamplesAreTakenAxisByAxis(_ mode: String, _ expected: Double) throws {
    let results = try evaluate(
      "RoiAlign", [Self.image, f32([0, 0, 2, 2], [1, 4]), i64([0])], attributes: ["mode": .text(mode), "sampling_ratio": .int(100_000)])
    expectClose(results[0], f32([expected], [1, 1, 1, 1]), tolerance: 1e-6, mode)
  }

  static let refused: [FailureCase] = [
    FailureCase(
      "RoiAlign", [image, ramp(.float32, [64, 4]), ints(.int64, Array(repeating: 0, count: 64))], ["sampling_ratio": .int(1 << 30)],
      code: .budgetExceeded, says: "does not fit in memory"),
    FailureCase("RoiAlign", [f32([1]), region, i64([0])], says: "input has rank 1"),
    FailureCase("RoiAlign", [image, f32([0, 0, 1, 1]), i64([0])], says: "regions have rank 1"),
    FailureCase("RoiAlign", [image, f32([0, 0, 1], [1, 3]), i64([0])], says: "A region has 4 numbers"),
    FailureCase("RoiAlign", [image, region, i64([0], [1, 1])], says: "batch indices have rank 2"),
    FailureCase("RoiAlign", [image, region, i64([0, 0])], says: "differ in number"),
    FailureCase("RoiAlign", [image, region, i64([1])], says: "outside 0 ..< 1"),
    FailureCase("RoiAlign", [image, region, i64([-1])], says: "outside 0 ..< 1"),
    FailureCase("RoiAlign", [image, region, i64([0])], ["output_height": .int(0)], says: "at least 1"),
    FailureCase("RoiAlign", [image, region, i64([0])], ["sampling_ratio": .int(-1)], says: "not negative"),
    FailureCase("RoiAlign", [image, region, i64([0])], ["spatial_scale": .float(0)], says: "must be positive"),
    FailureCase("RoiAlign", [image, region, i64([0])], ["mode": .text("sum")], says: "'mode' is 'sum'"),
    FailureCase(
      "RoiAlign", [image, f32([0, 0, 1e30, 1], [1, 4]), i64([0])], code: .budgetExceeded, says: "does not fit in memory"),
    FailureCase(
      "RoiAlign", [image, region, i64([0])], ["sampling_ratio": .int(.max)], code: .budgetExceeded, says: "does not fit in memory"),
    FailureCase(
      "RoiAlign", [image, region, i64([0])], ["output_height": .int(.max), "output_width": .int(2)],
      says: "more elements than fit in memory"),
  ]

  static let rules: [RuleCase] = [
    RuleCase(
      "RoiAlign", [symbolic(.float16, ["n", "c", 8, 8]), symbolic(.float16, ["r", 4]), symbolic(.int64, ["r"])],
      ["output_height": .int(2)], gives: "float16[r,c,2,1]"),
    RuleCase("RoiAlign", [symbolic(.float32, nil), symbolic(.float32, nil), symbolic(.int64, ["r"])], gives: "float32[r,t.channels,1,1]"),
  ]
}
