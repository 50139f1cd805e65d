import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// GridSample. Expected elements: the ONNX reference evaluator 1.23.2, whose positions are `Float`, its sums too; PyTorch 2.15 gives the
/// same but for rows that say so.
struct GridSampleTests {
  static let values: [OperatorCase] = [
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("linear"), "padding_mode": .text("zeros"), "align_corners": .int(0)],
      gives: f32([0.25, 8.700001, 4.34, 6.5, 0, 0], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("linear"), "padding_mode": .text("zeros"), "align_corners": .int(1)],
      gives: f32([1, 8.05, 6.6499996, 6.5, 2.9600005, 0], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("linear"), "padding_mode": .text("border"), "align_corners": .int(0)],
      gives: f32([1, 8.700001, 6.2, 6.5, 8.6, 12], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("linear"), "padding_mode": .text("border"), "align_corners": .int(1)],
      gives: f32([1, 8.05, 6.6499996, 6.5, 7.4, 12], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("linear"), "padding_mode": .text("reflection"), "align_corners": .int(0)],
      gives: f32([1, 8.700001, 6.2, 6.5, 8.9, 7.3000016], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("linear"), "padding_mode": .text("reflection"), "align_corners": .int(1)],
      gives: f32([1, 8.05, 6.6499996, 6.5, 8, 7.1500006], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("nearest"), "padding_mode": .text("zeros"), "align_corners": .int(0)], gives: f32([1, 7, 8, 7, 0, 0], [1, 1, 2, 3]),
      tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("nearest"), "padding_mode": .text("zeros"), "align_corners": .int(1)], gives: f32([1, 7, 8, 7, 0, 0], [1, 1, 2, 3]),
      tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("nearest"), "padding_mode": .text("border"), "align_corners": .int(0)],
      gives: f32([1, 7, 8, 7, 9, 12], [1, 1, 2, 3]),
      tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("nearest"), "padding_mode": .text("border"), "align_corners": .int(1)],
      gives: f32([1, 7, 8, 7, 9, 12], [1, 1, 2, 3]),
      tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("nearest"), "padding_mode": .text("reflection"), "align_corners": .int(0)],
      gives: f32([1, 7, 8, 7, 9, 8], [1, 1, 2, 3]),
      tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("nearest"), "padding_mode": .text("reflection"), "align_corners": .int(1)],
      gives: f32([1, 7, 8, 7, 10, 8], [1, 1, 2, 3]),
      tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("cubic"), "padding_mode": .text("zeros"), "align_corners": .int(0)],
      gives: f32([0.015625, 10.647681, 4.553972, 6.5, -1.0193417, 0], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("cubic"), "padding_mode": .text("zeros"), "align_corners": .int(1)],
      gives: f32([1, 9.021626, 7.0523624, 6.5, 3.298928, -0.4116615], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("cubic"), "padding_mode": .text("border"), "align_corners": .int(0)],
      gives: f32([0.53125, 9.150743, 5.926626, 6.5, 8.699001, 12], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("cubic"), "padding_mode": .text("border"), "align_corners": .int(1)],
      gives: f32([1, 8.420036, 6.32966, 6.5, 7.6639967, 12.102096], [1, 1, 2, 3]), tolerance: 2e-5,
      note: "PyTorch 2.15: elements are clamped, not the position"),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("cubic"), "padding_mode": .text("reflection"), "align_corners": .int(0)],
      gives: f32([0.0625, 9.150743, 5.9738755, 6.5, 8.930753, 7.088877], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 4]),
        f32([-1, -1, 0.5, 0.2, 0.9, -0.3, 0, 0, -1.4, 0.6, 1.3, 2.1], [1, 2, 3, 2]),
      ],
      ["mode": .text("cubic"), "padding_mode": .text("reflection"), "align_corners": .int(1)],
      gives: f32([1, 8.55119, 6.221941, 6.5, 8.5999975, 7.1438155], [1, 1, 2, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample",
      [
        f64([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [1, 2, 2, 2, 2]),
        f64([-0.5, 0.3, 0.7, 0.1, -0.9, 0], [1, 1, 1, 2, 3]),
      ],
      ["mode": .text("linear")],
      gives: f64([5.279999704360961, 2.160000100135804, 11.679999322891234, 6.960000290870667], [1, 2, 1, 1, 2]),
      tolerance: 1e-6),
    OperatorCase(
      "GridSample",
      [
        f64([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [1, 2, 2, 2, 2]),
        f64([-0.5, 0.3, 0.7, 0.1, -0.9, 0], [1, 1, 1, 2, 3]),
      ],
      ["mode": .text("nearest")], gives: f64([7, 2, 15, 10], [1, 2, 1, 1, 2])),
    OperatorCase(
      "GridSample", [f32([1, 2, 4, 8], [1, 1, 4]), f32([-0.6, 0.1, 0.95], [1, 3, 1])],
      ["mode": .text("cubic"), "padding_mode": .text("border")],
      gives: f32([1.1845, 3.048252, 8.431999], [1, 1, 3]), tolerance: 2e-5),
    OperatorCase(
      "GridSample", [i32([1, 2, 4, 8], [1, 1, 4]), f32([-0.6, 0.1, 0.95], [1, 3, 1])], gives: i32([1, 3, 4], [1, 1, 3]),
      note: "cut off at the end"),
    OperatorCase(
      "GridSample", [strings(["a", "b", "c", "d"], [1, 1, 4]), f32([-0.6, 0.1, 0.95], [1, 3, 1])], ["mode": .text("nearest")],
      gives: strings(["a", "c", "d"], [1, 1, 3])),
    OperatorCase(
      "GridSample", [strings(["a"], [1, 1, 1]), f64([-9], [1, 1, 1])], ["mode": .text("nearest")], gives: strings([""], [1, 1, 1])),
    OperatorCase(
      "GridSample", [f32([1, 2, 4, 8], [1, 1, 4]), f32([.nan], [1, 1, 1])], ["mode": .text("cubic")], gives: f32([0], [1, 1, 1])),
    OperatorCase(
      "GridSample", [f32([1, 2, 4, 8], [1, 1, 4]), f32([.infinity], [1, 1, 1])], ["mode": .text("cubic")], gives: f32([0], [1, 1, 1])),
    OperatorCase(
      "GridSample", [f32([1, 2, 4, 8], [1, 1, 4]), f32([-.infinity], [1, 1, 1])], ["mode": .text("cubic")], gives: f32([0], [1, 1, 1])),
    OperatorCase(
      "GridSample", [f32([1, 2, 4, 8], [1, 1, 4]), f32([1.0000000150474662e+30], [1, 1, 1])], ["mode": .text("cubic")],
      gives: f32([0], [1, 1, 1])),
    OperatorCase(
      "GridSample", [f32([1, 2, 4, 8], [1, 1, 4]), f32([.infinity, -.infinity, .nan], [1, 3, 1])], ["padding_mode": .text("border")],
      gives: f32([8, 1, 1], [1, 1, 3])),
    OperatorCase(
      "GridSample", [f64([3], [1, 1, 1]), f64([0.9], [1, 1, 1])], ["padding_mode": .text("reflection"), "align_corners": .int(1)],
      gives: f64([3], [1, 1, 1]), note: "a single element"),
    OperatorCase(
      "GridSample", [complexes(.complex64, [(1, 2), (3, 0)], [1, 1, 2]), f32([0], [1, 1, 1])],
      gives: complexes(.complex64, [(2, 1)], [1, 1, 1])),
    OperatorCase("GridSample", [f32([1, 2, 4, 8], [1, 1, 4]), f32([], [1, 0, 1])], gives: f32([], [1, 1, 0])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("GridSample", [symbolic(.float32, ["n", 3, 8, 8]), symbolic(.float32, ["n", "h", "w", 2])], gives: "float32[n,3,h,w]"),
    RuleCase("GridSample", [symbolic(.float32, nil), symbolic(.float32, ["n", "w", 1])], gives: "float32[n,t.channels,w]"),
    RuleCase("GridSample", [symbolic(.float32, ["n", 3, 8, 8]), symbolic(.float32, nil)], gives: "float32[t.0,t.1,t.2,t.3]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("GridSample", [f32([1], [1, 1, 1, 1]), f32([0], [1, 1, 1])], says: "must be equal"),
    FailureCase("GridSample", [f32([1], [1, 1, 1]), f32([0, 0], [1, 1, 2])], says: "number of spatial axes: 2 and 1"),
    FailureCase("GridSample", [f32([1], [1, 1, 1]), f32([0, 0], [2, 1, 1])], says: "batch size: 1 and 2"),
    FailureCase("GridSample", [f32([], [1, 1, 0]), f32([0], [1, 1, 1])], says: "empty input"),
    FailureCase("GridSample", [f32([1], [1, 1]), f32([0], [1, 1])], says: "rank 3 or more"),
    FailureCase("GridSample", [f32([1], [1, 1, 1]), f32([0], [1, 1, 1])], ["mode": .text("bilinear")], says: "'mode' is 'bilinear'"),
    FailureCase("GridSample", [strings(["a"], [1, 1, 1]), f32([0], [1, 1, 1])], says: "Strings cannot be interpolated"),
    FailureCase(
      "GridSample", [f32([1], [1, 1, 1, 1, 1, 1, 1, 1, 1]), f32([0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1, 7])], code: .unsupported,
      says: "7 spatial axes"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
