import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// AffineGrid. Expected elements: the ONNX reference evaluator 1.23.2.
struct AffineGridTests {
  static let values: [OperatorCase] = [
    OperatorCase(
      "AffineGrid", [f32([1.5, 0.25, -0.5, 0.5, 2, 0.75, 1, 0, 0, 0, 1, 0], [2, 2, 3]), i64([2, 3, 2, 3])], ["align_corners": .int(0)],
      gives: f32(
        [
          -1.625, -0.5833333, -0.625, -0.25, 0.375, 0.083333336, -1.375, 1.4166666, -0.375, 1.75, 0.625, 2.0833333, -0.6666667, -0.5,
          -1.1102230246251565e-16, -0.5, 0.6666667, -0.5, -0.6666667, 0.5, -1.1102230246251565e-16, 0.5, 0.6666667, 0.5,
        ], [2, 2, 3, 2]), tolerance: 1e-6),
    OperatorCase(
      "AffineGrid", [f32([1.5, 0.25, -0.5, 0.5, 2, 0.75, 1, 0, 0, 0, 1, 0], [2, 2, 3]), i64([2, 3, 2, 3])], ["align_corners": .int(1)],
      gives: f32(
        [-2.25, -1.75, -0.75, -1.25, 0.75, -0.75, -1.75, 2.25, -0.25, 2.75, 1.25, 3.25, -1, -1, 0, -1, 1, -1, -1, 1, 0, 1, 1, 1],
        [2, 2, 3, 2]),
      tolerance: 1e-6),
    OperatorCase(
      "AffineGrid", [f32([1, 0.5, 0, 0.25, 0, 1, 0, -0.5, 0.5, 0, 2, 0], [1, 3, 4]), i64([1, 1, 2, 1, 3])],
      gives: f32(
        [
          -0.41666666, -0.5, -1.3333334, 0.25, -0.5, -1, 0.9166667, -0.5, -0.6666667, -0.41666666, -0.5, 0.6666667, 0.25, -0.5, 1,
          0.9166667, -0.5,
          1.3333334,
        ], [1, 2, 1, 3, 3]), tolerance: 1e-6),
    OperatorCase(
      "AffineGrid", [f64([1.5, 0.25, -0.5, 0.5, 2, 0.75], [1, 2, 3]), i64([1, 1, 1, 2])], ["align_corners": .int(1)],
      gives: f64([-2, 0.25, 1, 1.25], [1, 1, 2, 2]), note: "one row; as PyTorch 2.15 has it"),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("AffineGrid", [symbolic(.float32, ["n", 2, 3]), sizes(["n", 3, "h", "w"])], gives: "float32[n,h,w,2]"),
    RuleCase("AffineGrid", [symbolic(.float32, ["n", 3, 4]), symbolic(.int64, [5])], gives: "float32[t.0,t.1,t.2,t.3,3]"),
    RuleCase("AffineGrid", [symbolic(.float32, nil), symbolic(.int64, nil)], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("AffineGrid", [f32([1, 2, 3, 4, 5, 6], [1, 2, 3]), i64([1, 1, 2])], says: "must have 4 or 5"),
    FailureCase("AffineGrid", [f32([1, 2, 3, 4, 5, 6], [1, 2, 3]), i64([2, 1, 2, 2])], says: "batch size: 1 and 2"),
    FailureCase("AffineGrid", [f32([1, 2, 3, 4, 5, 6], [1, 3, 2]), i64([1, 1, 2, 2])], says: "rows of 'theta'"),
    FailureCase("AffineGrid", [f32([1, 2, 3, 4, 5, 6], [1, 2, 3]), i64([1, 1, -2, 2])], says: "negative dimension"),
    FailureCase(
      "AffineGrid", [f32([1, 2, 3, 4, 5, 6], [1, 2, 3]), i64([1, 1, 1 << 25, 1 << 25])], code: .budgetExceeded, says: "too large"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
