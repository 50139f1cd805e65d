import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the reference evaluator of onnx 1.23.2.
struct CausalConvWithStateTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }
  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }
  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "CausalConvWithState",
      [
        f32([0.75, 0.125, 0.25, 0, 0.25, 0.25, 0.875, -0.5, -0.25, 0.125, -0.375, 0.375], [2, 2, 3]),
        f32([0.75, -0.625, -1, 1, 0, 0.5], [2, 1, 3]),
      ],
      gives: f32([-0.75, -0.59375, 0.234375, 0, 0.125, 0.125, -0.875, -0.046875, 1.21875, 0.0625, -0.1875, 0.3125], [2, 2, 3]),
      f32([0.125, 0.25, 0.25, 0.25, -0.5, -0.25, -0.375, 0.375], [2, 2, 2]), tolerance: 1e-06, note: "nothing before"),
    OperatorCase(
      "CausalConvWithState",
      [
        f32([0.5, 1], [1, 2, 1]), f32([-1, -0.5, 1, -0.125, -0.25, -0.5], [2, 1, 3]), f32([-1, -1]), f32([1, -1, -0.75, -0.5], [1, 2, 2]),
      ], ["activation": .text("silu")],
      gives: f32([-0.268941402, -0.278463721], [1, 2, 1]), f32([-1, 0.5, -0.5, 1], [1, 2, 2]), tolerance: 2e-06, note: "one token"),
    OperatorCase(
      "CausalConvWithState", [f32([-0.5], [1, 1, 1]), f32([0.75, -0.375, -0.75, -0.25], [1, 1, 4]), f32([0.375])],
      ["activation": .text("swish")],
      gives: f32([0.311229676], [1, 1, 1]), f32([0, 0, -0.5], [1, 1, 3]), tolerance: 2e-06, note: "shorter than the kernel"),
    OperatorCase(
      "CausalConvWithState", [f16([-0.125, -0.5, -0.75], [1, 1, 3]), f16([-0.875], [1, 1, 1])],
      gives: f16([0.109375, 0.4375, 0.65625], [1, 1, 3]), f16([], [1, 1, 0]), tolerance: 0.001, note: "one tap"),
    OperatorCase(
      "CausalConvWithState",
      [f32([], [1, 2, 0]), f32([0, -0.625, 0.125, 0.375], [2, 1, 2]), f32([-0.25, 0]), f32([-1, 0.125], [1, 2, 1])],
      gives: f32([], [1, 2, 0]), f32([-1, 0.125], [1, 2, 1]), tolerance: 1e-06, note: "no tokens"),
    OperatorCase(
      "CausalConvWithState", [bf16([1, 2], [1, 1, 2]), bf16([2, 1], [1, 1, 2])], gives: bf16([1, 4], [1, 1, 2]), bf16([2], [1, 1, 1])),
  ]

  static let x = f32([1, 2], [1, 1, 2])
  static let w = f32([1, 2], [1, 1, 2])

  static let refused: [FailureCase] = [
    FailureCase("CausalConvWithState", [f32([1]), w], outputs: 2, says: "'input' has rank 1"),
    FailureCase("CausalConvWithState", [x, f32([1])], outputs: 2, says: "'weight' has rank 1"),
    FailureCase("CausalConvWithState", [x, f32([1, 2], [2, 1, 1])], outputs: 2, says: "number of channels"),
    FailureCase("CausalConvWithState", [x, f32([1, 2], [1, 2, 1])], outputs: 2, says: "one filter"),
    FailureCase("CausalConvWithState", [x, f32([], [1, 1, 0])], outputs: 2, says: "no taps"),
    FailureCase("CausalConvWithState", [x, w, f32([1, 2])], outputs: 2, says: "bias has 2 elements"),
    FailureCase("CausalConvWithState", [x, w, nil, f32([1, 2], [1, 1, 2])], outputs: 2, says: "wrong extent in axis 2"),
    FailureCase("CausalConvWithState", [x, w], ["activation": .text("relu")], outputs: 2, says: "'activation' is 'relu'"),
  ]

  static let rules: [RuleCase] = [
    RuleCase(
      "CausalConvWithState", [symbolic(.float32, ["b", "c", "t"]), symbolic(.float32, ["c", 1, 4])], gives: "float32[b,c,t]",
      "float32[b,c,3]"),
    RuleCase(
      "CausalConvWithState", [symbolic(.float32, nil), symbolic(.float32, nil), nil, symbolic(.float32, ["b", "c", 3])],
      gives: "float32[?]", "float32[b,c,3]"),
  ]

  @Test func countsProducts() throws {
    #expect(
      try countedProducts("CausalConvWithState", [.tensor(.float32, shape: [2, 3, 5]), .tensor(.float32, shape: [3, 1, 4])]) == "120")
  }
}
