import OnyxGraph
import OnyxTensor
import Testing

/// Expected: torchvision.ops.deform_conv2d for two spatial axes; by hand for others.
struct DeformConvTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }
  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "DeformConv",
      [
        f32([0.875, 0.75, -0.375, -1, 0.625, 0.5, 0.625, -1, -1], [1, 1, 3, 3]), f32([0, -0.375, -0.125, 0.875], [1, 1, 2, 2]),
        f32(
          [
            -1.25, 0.125, -0.75, -0.875, 1.25, -1.375, -0.75, -1.625, -1.5, -0.875, 0.875, 0.375, -0.25, -1.375, 1.25, 1.25, -1.125, -1.875,
            -0.75, -1.5, 1.25, 0.125, 0, -0.875, 0, 1.875, -1.125, 1.125, -2, -0.75, 1.75, 1.5,
          ], [1, 8, 2, 2]),
      ],
      gives: f32([-0.0512695312, -0.15625, 0.388183594, -0.00390625], [1, 1, 2, 2]), tolerance: 2e-06, note: "one channel"),
    OperatorCase(
      "DeformConv",
      [
        f32(
          [-0.875, 0.75, 0.75, -0.125, -0.25, 1, 1, 0.375, -0.25, -0.625, 0.875, -0.5, 0.125, 0.375, -0.5, -0.375, 0.5, -0.625],
          [1, 2, 3, 3]), f32([0.375, 1, 0.375, 0.25, -0.125, 1, -0.625, -0.25], [2, 1, 2, 2]),
        f32(
          [
            0.75, 0.75, -2, -1.75, 1, 1.75, 0.75, 2.25, -0.625, -0.875, 1.5, -2.375, -1.625, -1.625, -0.5, -1.75, 1.5, 1.75, -0.625, -2.375,
            1.125, -2, 0.625, -1.625, 2.25, 0.875, 2.5, 0.625, 1.125, -0.625, 1.625, -2, -1.75, -0.75, 1.125, -0.125, 1.75, 2.25, -0.5,
            -0.375, 0.25, 0.75, -0.125, 0.5, 2.375, 1.25, -0.875, -0.375, -0.5, -1.75, -2.5, 1.5, -0.375, -0.75, 0.625, 0.375, 2.25, 0.625,
            2.125, 0.375, -0.875, -0.875, 2.5, 0.5,
          ], [1, 16, 2, 2]), f32([-0.625, 0.75]),
        f32(
          [
            0.625, 1, 0.75, 0.375, 0.25, 0.375, 0.875, 0.625, 0.75, 0.75, 0.75, 0.125, 0.75, 0.375, 0, 1, 0.5, 0.125, 0, 0, 0.125, 0.375,
            0.875, 1, 0.75, 0.625, 0.5, 0.125, 0.125, 0.375, 1, 0.5,
          ], [1, 8, 2, 2]),
      ], ["group": .int(2), "offset_group": .int(2)],
      gives: f32(
        [-0.614013672, -0.535461426, -0.295654297, -0.540863037, 0.823242188, 0.744018555, 0.772949219, 0.586914062], [1, 2, 2, 2]),
      tolerance: 2e-06, note: "groups, bias, mask"),
    OperatorCase(
      "DeformConv",
      [
        f32(
          [
            -1, 0.5, -0.625, 0.25, -0.375, -0.5, 0.875, 0, 0.875, -0.625, 0, -0.375, -0.125, -1, 0.375, -0.375, 0.75, -0.625, -0.375, -1,
            0.625, 0.125, -0.25, 0.875, 0.25, 1, 0.5, 0.125, 0, -0.625, 0.375, 0.625,
          ], [1, 2, 4, 4]), f32([0.375, -0.125, -1, 0.5], [1, 2, 2, 1]),
        f32([-2.375, 1.5, -1.75, -1, -1.5, 0.25, -1.5, -1.25, -2.25, 2.5, -1.5, -1.625, 0.5, -1.875, 2, 1.5], [1, 4, 2, 2]), nil,
        f32([0.375, 0.25, 0.25, 0.5, 0.125, 0.5, 0.375, 0.75], [1, 2, 2, 2]),
      ], ["strides": .ints([2, 2]), "dilations": .ints([2, 1]), "pads": .ints([1, 0, 1, 0])],
      gives: f32([0, 0.0717773438, 0.0029296875, 0.281982422], [1, 1, 2, 2]), tolerance: 2e-06, note: "strides, dilations, pads"),
    OperatorCase(
      "DeformConv",
      [
        f64([0.625, -0.125, 0.875, -0.5, -0.25, 0.75, 0.5, -1, -0.375, -1, 0.75, -0.125], [1, 2, 2, 3]),
        f64([-0.625, 0.5, 0.75, -0.875], [2, 1, 1, 2]),
        f64([0, -0.625, 1.125, 2.25, 0.125, 1.25, -1, 0.375, 0, 1.125, -2.25, -1.375, -2.375, 2.5, 0.125, 0], [1, 4, 2, 2]), f64([0, -1]),
      ], ["group": .int(2)],
      gives: f64([-0.33203125, -0.15380859375, 0, 0.2734375, -0.765625, -1.0791015625, -1, -0.794921875], [1, 2, 2, 2]), tolerance: 1e-12,
      note: "doubles"),
    OperatorCase(
      "DeformConv",
      [
        f16([0.75, 0.75, -1, 0.25], [1, 1, 2, 2]), f16([0.125], [1, 1, 1, 1]),
        f16([-0.25, 0, 0.75, 0.25, 0, 0.5, 0.375, 0], [1, 2, 2, 2]),
      ], ["kernel_shape": .ints([1, 1])],
      gives: f16([0.0703125, 0.046875, -0.0166015625, 0.0234375], [1, 1, 2, 2]), tolerance: 0.001, note: "halves"),
    OperatorCase(
      "DeformConv", [f32([1, 2, 4], [1, 1, 3]), f32([1, 10], [1, 1, 2]), f32([0.5, -1, 0, 0.25], [1, 2, 2])],
      gives: f32([21.5, 31], [1, 1, 2]), tolerance: 1e-6, note: "one spatial axis"),
    OperatorCase(
      "DeformConv",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 2, 2]), f32([1], [1, 1, 1, 1, 1]),
        f32([0.5, 0, 0, 0, 0, 1, 0, -2, 0, 0, -0.25, 0], [1, 3, 1, 2, 2]),
      ],
      ["pads": .ints([0, 0, 0, 0, 0, 0]), "strides": .ints([2, 1, 1])],
      gives: f32([3, 4, 2.25, 0], [1, 1, 1, 2, 2]), tolerance: 1e-6, note: "three spatial axes"),
    OperatorCase(
      "DeformConv", [f32([1, .infinity], [1, 1, 2]), f32([1], [1, 1, 1]), f32([0, -1], [1, 1, 2])], gives: f32([1, 1], [1, 1, 2]),
      note: "an infinity of weight 0"),
    OperatorCase(
      "DeformConv", [f32([1, 2, 3], [1, 1, 3]), f32([1], [1, 1, 1]), f32([.nan, .infinity, -1e30], [1, 1, 3])],
      gives: f32([0, 0, 0], [1, 1, 3]), note: "taps outside"),
    OperatorCase(
      "DeformConv", [f32([], [0, 1, 2]), f32([1], [1, 1, 1]), f32([], [0, 1, 2])], gives: f32([], [0, 1, 2]), note: "no images"),
    OperatorCase(
      "DeformConv", [bf16([1, 2], [1, 1, 2]), bf16([2], [1, 1, 1]), bf16([0, 0], [1, 1, 2]), bf16([1])], gives: bf16([3, 5], [1, 1, 2])),
  ]

  static let x = f32([1, 2], [1, 1, 2])
  static let w = f32([1], [1, 1, 1])
  static let still = f32([0, 0], [1, 1, 2])

  static let refused: [FailureCase] = [
    FailureCase("DeformConv", [f32([1]), w, still], says: "input has rank 1"),
    FailureCase("DeformConv", [x, w, f32([0, 0], [1, 2, 1])], says: "offsets have the shape"),
    FailureCase("DeformConv", [x, w, f32([0, 0])], says: "offsets have the shape"),
    FailureCase("DeformConv", [x, w, still, nil, f32([0], [1, 1, 1])], says: "mask have the shape"),
    FailureCase("DeformConv", [x, w, still, f32([0, 1])], says: "bias has 2 elements"),
    FailureCase("DeformConv", [x, w, still], ["offset_group": .int(2)], says: "1 channels cannot be shared between 2"),
    FailureCase("DeformConv", [x, w, still], ["offset_group": .int(0)], says: "at least 1"),
    FailureCase("DeformConv", [x, w, still], ["group": .int(0)], says: "at least 1"),
    FailureCase("DeformConv", [x, w, still], ["strides": .ints([0])], says: "at least 1"),
    FailureCase("DeformConv", [x, w, still], ["kernel_shape": .ints([2])], says: "the weights have the kernel"),
    FailureCase("DeformConv", [x, w, still], ["auto_pad": .text("VALID")], says: "'auto_pad' is not defined"),
    FailureCase(
      "DeformConv",
      [
        f32([1], [1, 1, 1, 1, 1, 1, 1, 1, 1]), f32([1], [1, 1, 1, 1, 1, 1, 1, 1, 1]),
        f32([0, 0, 0, 0, 0, 0, 0], [1, 7, 1, 1, 1, 1, 1, 1, 1]),
      ],
      code: .unsupported, says: "over 7 spatial axes"),
  ]

  static let rules: [RuleCase] = [
    RuleCase(
      "DeformConv", [symbolic(.float32, ["n", 4, "h", 8]), symbolic(.float32, [6, 4, 3, 3]), symbolic(.float32, ["n", 18, "p", 6])],
      ["pads": .ints([1, 0, 1, 0])],
      gives: "float32[n,6,h,6]"),
    RuleCase("DeformConv", [symbolic(.float32, nil), symbolic(.float32, [6, 4, 3, 3]), symbolic(.float32, nil)], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  @Test func countsProducts() throws {
    let types: [ValueType] = [
      .tensor(.float32, shape: [1, 2, 4, 4]), .tensor(.float32, shape: [3, 2, 2, 2]), .tensor(.float32, shape: [1, 8, 3, 3]),
    ]
    #expect(try countedProducts("DeformConv", types) == "216")
  }
}
