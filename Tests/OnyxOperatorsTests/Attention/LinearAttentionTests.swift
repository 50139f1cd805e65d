import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Expected: the reference evaluator of onnx 1.23.2.
struct LinearAttentionTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }
  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }
  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "LinearAttention",
      [
        f32([-0.625, -0.125, -0.875, -0.5, -0.125, 0, -1, 0.875], [1, 2, 4]), f32([-0.125, -0.625, -0.625, 0.5], [1, 2, 2]),
        f32([-0.125, -0.5, -0.125, -0.625], [1, 2, 2]),
      ], ["update_rule": .text("linear"), "q_num_heads": .int(2), "kv_num_heads": .int(1)],
      gives: f32(
        [-0.0138106793, -0.0552427173, -0.0372888334, -0.149155334, -0.00828640722, -0.0400509685, -0.0566237867, -0.320407748], [1, 2, 4]),
      f32([0.09375, 0.453125, 0.015625, 0], [1, 1, 2, 2]), tolerance: 4e-06, note: "linear"),
    OperatorCase(
      "LinearAttention",
      [
        f32([-0.75, -0.375, 1, -0.875, 0.125, 0.875, -0.125, -0.25], [1, 2, 4]), f32([0.125, -0.75, 0.375, -1], [1, 2, 2]),
        f32([0.125, -0.875, -1, -0.625], [1, 2, 2]), nil, f32([-0.5, -0.125, -0.125, -0.25], [1, 2, 2]),
      ], ["update_rule": .text("gated"), "q_num_heads": .int(2), "kv_num_heads": .int(1)],
      gives: f32(
        [0.0165728144, -0.116009705, 0.0690533966, -0.483373791, 0.541617334, 0.673670948, -0.131942928, -0.171586335], [1, 2, 4]),
      f32([-0.361210972, -0.330898106, 0.92698741, 1.13608789], [1, 1, 2, 2]), tolerance: 4e-06, note: "gated"),
    OperatorCase(
      "LinearAttention",
      [
        f32([-0.875, 1, 0, 0.875, 0.5, -0.5, -0.375, 0.25], [1, 2, 4]), f32([0.75, 0.875, 0, -0.875], [1, 2, 2]),
        f32([1, 0.75, 0.5, -0.25], [1, 2, 2]), f32([-0.75, 0.625, -0.625, -0.375], [1, 1, 2, 2]), nil, f32([0.75, 0.25], [1, 2, 1]),
      ], ["update_rule": .text("delta"), "q_num_heads": .int(2), "kv_num_heads": .int(1)],
      gives: f32(
        [0.266805053, -0.581170678, 0.469778895, 0.015407539, -0.0240587704, 0.315705508, -0.0265542008, -0.243392661], [1, 2, 4]),
      f32([0.436523438, 0.967773438, 0.504571915, 0.0748233795], [1, 1, 2, 2]), tolerance: 4e-06, note: "delta"),
    OperatorCase(
      "LinearAttention",
      [
        f32([-0.375, 0, 0.25, -0.875, -0.5, 0.5, 0.25, 0.625], [1, 2, 4]), f32([0.5, 0, -0.375, -0.25], [1, 2, 2]),
        f32([-0.625, 1, -1, -0.25], [1, 2, 2]), f32([-0.875, 0.75, 0.375, -0.125], [1, 1, 2, 2]), f32([-0.625, -0.25], [1, 2, 1]),
        f32([0.125, 0.25], [1, 2, 1]),
      ], ["update_rule": .text("gated_delta"), "q_num_heads": .int(2), "kv_num_heads": .int(1)],
      gives: f32([0.130668059, -0.119695723, -0.21130307, 0.121194161, 0.178747624, -0.144164532, 0.0500701405, 0.0449155495], [1, 2, 4]),
      f32([-0.28019917, 0.363850832, 0.225375473, -0.0439080447], [1, 1, 2, 2]), tolerance: 4e-06, note: "gated_delta"),
    OperatorCase(
      "LinearAttention",
      [
        f16([0.5, -0.875, 0.125, -0.5], [2, 1, 2]), f16([1, -0.625, -0.25, -0.875], [2, 1, 2]),
        f16([0, 0.125, 0.5, -0.125, -0.5, -1, 0.875, -0.75], [2, 1, 4]),
        f32([0.625, 0.875, -0.375, -0.75, 0.375, -0.25, -1, 1], [2, 2, 1, 2]), f16([-0.875, -0.875, -0.5, -0.25], [2, 1, 2]),
        f16([0.875, 0.625, 0.75, 1], [2, 1, 2]),
      ], ["q_num_heads": .int(2), "kv_num_heads": .int(2), "scale": .float(0.5), "chunk_size": .int(1)],
      gives: f16(
        [0.00814056396, 0.0387573242, 0.137084961, 0.08203125, 0.0194091797, 0.00268554688, 0.237060547, -0.209716797], [2, 1, 4]),
      f32([0.0325673521, 0.154969275, -0.3134709, -0.187488675, 0.310537338, 0.0429751277, -0.948156476, 0.838781476], [2, 2, 1, 2]),
      tolerance: 0.001, note: "halves, state of floats"),
    OperatorCase(
      "LinearAttention", [bf16([1, 2], [1, 1, 2]), bf16([2, 1], [1, 1, 2]), bf16([3], [1, 1, 1])],
      ["update_rule": .text("linear"), "q_num_heads": .int(1), "kv_num_heads": .int(1), "scale": .float(1)],
      gives: bf16([12], [1, 1, 1]), bf16([6, 3], [1, 1, 2, 1])),
    OperatorCase(
      "LinearAttention", [f32([], [1, 0, 2]), f32([], [1, 0, 2]), f32([], [1, 0, 1]), f32([1, 2], [1, 1, 2, 1])], linear,
      gives: f32([], [1, 0, 1]), f32([1, 2], [1, 1, 2, 1]), note: "no tokens"),
  ]

  static let linear: [String: Attribute] = ["update_rule": .text("linear"), "q_num_heads": .int(1), "kv_num_heads": .int(1)]
  static let gated: [String: Attribute] = ["update_rule": .text("gated"), "q_num_heads": .int(1), "kv_num_heads": .int(1)]
  static let delta: [String: Attribute] = ["update_rule": .text("delta"), "q_num_heads": .int(1), "kv_num_heads": .int(1)]
  static let two = f32([1, 2], [1, 1, 2])
  static let one = f32([1], [1, 1, 1])

  static let refused: [FailureCase] = [
    FailureCase(
      "LinearAttention", [two, two, two], ["q_num_heads": .int(1 << 62), "kv_num_heads": .int(1 << 62), "update_rule": .text("linear")],
      outputs: 2, says: "cannot share"),
    FailureCase("LinearAttention", [f32([1]), two, two], linear, outputs: 2, says: "'query' has rank 1"),
    FailureCase("LinearAttention", [two, two, two, f32([1])], linear, outputs: 2, says: "'past_state' has rank 1"),
    FailureCase("LinearAttention", [two, two, two], gated, outputs: 2, says: "needs the input 'decay'"),
    FailureCase("LinearAttention", [two, two, two], delta, outputs: 2, says: "needs the input 'beta'"),
    FailureCase("LinearAttention", [two, two, two, nil, one], linear, outputs: 2, says: "does not use the input 'decay'"),
    FailureCase("LinearAttention", [two, two, two, nil, nil, one], linear, outputs: 2, says: "does not use the input 'beta'"),
    FailureCase("LinearAttention", [two, one, two], linear, outputs: 2, says: "differ in the features of a head"),
    FailureCase("LinearAttention", [two, two, f32([1, 2], [1, 2, 1])], linear, outputs: 2, says: "differ in axis 1"),
    FailureCase("LinearAttention", [two, two, two, f32([1, 2], [1, 1, 2, 1])], linear, outputs: 2, says: "wrong extent in axis 3"),
    FailureCase("LinearAttention", [two, two, two, nil, f32([1, 2, 3], [1, 1, 3])], gated, outputs: 2, says: "has 3 features"),
    FailureCase("LinearAttention", [two, two, two, nil, f32([1, 2], [1, 2, 1])], gated, outputs: 2, says: "number of tokens"),
    FailureCase("LinearAttention", [two, two, two, nil, nil, f32([1, 2], [1, 1, 2])], delta, outputs: 2, says: "has 2 features"),
    FailureCase(
      "LinearAttention", [two, two, two], ["update_rule": .text("linear"), "q_num_heads": .int(3), "kv_num_heads": .int(2)], outputs: 2,
      says: "must be a multiple"),
    FailureCase(
      "LinearAttention", [two, two, two], ["update_rule": .text("linear"), "q_num_heads": .int(3), "kv_num_heads": .int(3)], outputs: 2,
      says: "cannot be shared between 3 heads"),
    FailureCase(
      "LinearAttention", [two, two, two], ["update_rule": .text("linear"), "q_num_heads": .int(0), "kv_num_heads": .int(0)], outputs: 2,
      says: "must be a multiple"),
    FailureCase("LinearAttention", [two, two, two], ["update_rule": .text("linear")], outputs: 2, says: "'q_num_heads' is missing"),
  ]

  static let rules: [RuleCase] = [
    RuleCase(
      "LinearAttention", [symbolic(.float32, ["b", "t", 8]), symbolic(.float32, ["b", "t", 4]), symbolic(.float32, ["b", "t", 6])],
      ["update_rule": .text("linear"), "q_num_heads": .int(4), "kv_num_heads": .int(2)], gives: "float32[b,t,12]", "float32[b,2,2,3]"),
    RuleCase(
      "LinearAttention", [symbolic(.float32, nil), symbolic(.float32, nil), symbolic(.float32, nil), symbolic(.float16, ["b", 1, 2, 3])],
      linear,
      gives: "float32[b,t.tokens,3]", "float16[b,1,2,3]"),
  ]

  @Test func countsProducts() throws {
    let type = ValueType.tensor(.float32, shape: [2, 5, 4])
    let made = try make("LinearAttention", Self.linear, inputs: 3, outputs: 2)
    let state = ValueType.tensor(.float32, shape: [2, 1, 4, 4])
    #expect(made.multiplyAccumulates(inputs: [type, type, type], outputs: [type, state])?.known == 320)
  }
}
