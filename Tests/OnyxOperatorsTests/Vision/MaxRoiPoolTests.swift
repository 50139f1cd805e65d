import OnyxGraph
import OnyxTensor
import Testing

/// Expected: torchvision.ops.roi_pool.
struct MaxRoiPoolTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }
  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let one: [String: Attribute] = ["pooled_shape": .ints([1, 1])]
  static let image = f32([1, 2, 3, 4], [1, 1, 2, 2])
  static let region = f32([0, 0, 0, 1, 1], [1, 5])

  static let cases: [OperatorCase] = [
    OperatorCase(
      "MaxRoiPool",
      [
        f32(
          [
            -0.5, -0.125, -0.5, 1, -0.625, 0.875, 0.625, 0.75, -0.875, -0.25, 0.25, 0, 0.375, 0.375, 0.375, -0.875, 1, 0.125, 0.875, -0.5,
            -0.25, 0.75, -0.625, -0.875, -0.25, 0.375, -0.75, 0.75, -0.375, -0.625, 0.125, 0.875,
          ], [2, 1, 4, 4]), f32([0, 0, 0, 3, 3, 1, 1, 0, 2, 3], [2, 5]),
      ], ["pooled_shape": .ints([2, 2])],
      gives: f32([0.875, 1, 0.375, 0.375, 0.75, 0.875, 0.375, 0.125], [2, 1, 2, 2]), tolerance: 0, note: "overlapping bins"),
    OperatorCase(
      "MaxRoiPool",
      [
        f32(
          [
            -0.5, -0.125, -0.5, 1, -0.625, 0.875, 0.625, 0.75, -0.875, -0.25, 0.25, 0, 0.375, 0.375, 0.375, -0.875, 1, 0.125, 0.875, -0.5,
            -0.25, 0.75, -0.625, -0.875, -0.25, 0.375, -0.75, 0.75, -0.375, -0.625, 0.125, 0.875,
          ], [2, 1, 4, 4]), f32([0, 0.5, 1.5, 7, 5, 1, 6, 6, 9, 9], [2, 5]),
      ], ["pooled_shape": .ints([2, 3]), "spatial_scale": .float(0.5)],
      gives: f32([0.875, 0.875, 0.75, 0.375, 0.375, 0, 0.875, 0, 0, 0, 0, 0], [2, 1, 2, 3]), tolerance: 0,
      note: "halves round away from 0; partly outside"),
    OperatorCase(
      "MaxRoiPool",
      [
        f16(
          [
            -0.5, -0.125, -0.5, 1, -0.625, 0.875, 0.625, 0.75, -0.875, -0.25, 0.25, 0, 0.375, 0.375, 0.375, -0.875, 1, 0.125, 0.875, -0.5,
            -0.25, 0.75, -0.625, -0.875, -0.25, 0.375, -0.75, 0.75, -0.375, -0.625, 0.125, 0.875,
          ], [2, 1, 4, 4]), f16([1, 3, 3, 1, 1], [1, 5]),
      ], ["pooled_shape": .ints([1, 1])],
      gives: f16([0.875], [1, 1, 1, 1]), tolerance: 0, note: "corners exchanged"),
    OperatorCase("MaxRoiPool", [f64([1, .nan], [1, 1, 1, 2]), f64([0, 0, 0, 1, 0], [1, 5])], one, gives: f64([.nan], [1, 1, 1, 1])),
    OperatorCase("MaxRoiPool", [bf16([-3], [1, 1, 1, 1]), bf16([0, 0, 0, 0, 0], [1, 5])], one, gives: bf16([-3], [1, 1, 1, 1])),
    OperatorCase(
      "MaxRoiPool", [image, f32([0, 1e30, -1e30, 1e35, 1e30], [1, 5])], one, gives: f32([0], [1, 1, 1, 1]), note: "far outside"),
    OperatorCase("MaxRoiPool", [image, f32([], [0, 5])], one, gives: f32([], [0, 1, 1, 1]), note: "no regions"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("MaxRoiPool", [f32([1]), region], one, says: "input has rank 1"),
    FailureCase("MaxRoiPool", [image, f32([0, 0, 1, 1], [1, 4])], one, says: "A region has 5 numbers"),
    FailureCase("MaxRoiPool", [image, f32([1, 0, 0, 1, 1], [1, 5])], one, says: "outside 0 ..< 1"),
    FailureCase("MaxRoiPool", [image, f32([-1, 0, 0, 1, 1], [1, 5])], one, says: "outside 0 ..< 1"),
    FailureCase("MaxRoiPool", [image, f32([.nan, 0, 0, 1, 1], [1, 5])], one, says: "outside 0 ..< 1"),
    FailureCase("MaxRoiPool", [image, f32([0, 0, .infinity, 1, 1], [1, 5])], one, says: "not finite"),
    FailureCase("MaxRoiPool", [image, region], says: "'pooled_shape' is missing"),
    FailureCase("MaxRoiPool", [image, region], ["pooled_shape": .ints([1])], says: "two numbers of at least 1"),
    FailureCase("MaxRoiPool", [image, region], ["pooled_shape": .ints([1, 0])], says: "two numbers of at least 1"),
    FailureCase("MaxRoiPool", [image, region], ["pooled_shape": .ints([.max, 2])], says: "more elements than fit in memory"),
    FailureCase("MaxRoiPool", [image, region], ["pooled_shape": .ints([1, 1]), "spatial_scale": .float(.nan)], says: "must be positive"),
  ]

  static let rules: [RuleCase] = [
    RuleCase(
      "MaxRoiPool", [symbolic(.float32, ["n", 3, 8, 8]), symbolic(.float32, ["r", 5])], ["pooled_shape": .ints([2, 3])],
      gives: "float32[r,3,2,3]"),
    RuleCase("MaxRoiPool", [symbolic(.float32, nil), symbolic(.float32, nil)], one, gives: "float32[t.regions,t.channels,1,1]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }
}
