import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows of transformers against the scalar reference, as `KernelRowTests` does for all others.
@Suite("Transformer rows equal the reference")
struct TransformerRowTests {
  static func axes(_ q: String, _ k: String, _ v: String, _ y: String, mask: String? = nil) -> [String: Attribute] {
    var attributes: [String: Attribute] = [
      "q_axes": .text(q), "k_axes": .text(k), "v_axes": .text(v), "y_axes": .text(y), "scale": .float(0.25),
    ]
    if let mask { attributes["m_axes"] = .text(mask) }
    return attributes
  }

  static let products: [NodeCase] = [("none", [Float]()), ("relu", []), ("gelu", []), ("clip", [-10, 20])].flatMap {
    name, parameters -> [NodeCase] in
    var attributes: [String: Attribute] = ["activation": .text(name)]
    if !parameters.isEmpty { attributes["activation_params"] = .floats(parameters) }
    return [
      NodeCase("FusedMatMul", [.float([2, 17, 40]), .weight([40, 33]), .weight([33])], attributes, domain: "onyx"),
      NodeCase("FusedMatMul", [.float([3, 5, 64]), .weight([64, 96]), .none, .float([3, 5, 96])], attributes, domain: "onyx"),
      NodeCase("FusedMatMul", [.float([1, 1, 64]), .weight([64, 50]), .weight([50]), .float([1, 1, 50])], attributes, domain: "onyx"),
    ]
  }

  static let points: [NodeCase] = [
    NodeCase("Conv", [.float([1, 40, 1, 1]), .weight([19, 40, 1, 1]), .weight([19])]),
    NodeCase("Conv", [.float([3, 40, 1, 1]), .weight([19, 40, 1, 1])]),
    NodeCase("Conv", [.float([2, 5, 3, 4]), .weight([18, 5, 3, 4]), .weight([18])]),
    NodeCase(
      "FusedConv", [.float([1, 24, 1, 1]), .weight([70, 24, 1, 1]), .weight([70])],
      ["activation": .text("hardSigmoid"), "activation_params": .floats([0.2, 0.5])], domain: "onyx"),
    NodeCase(
      "FusedConv", [.float([2, 24, 1, 1]), .weight([33, 24, 1, 1]), .none, .float([2, 33, 1, 1])], ["activation": .text("relu")],
      domain: "onyx"),
    NodeCase("Gemm", [.float([1, 300]), .weight([70, 300]), .weight([70])], ["transB": .int(1), "alpha": .float(0.5)]),
    NodeCase(
      "FusedGemm", [.float([1, 300]), .weight([70, 300]), .weight([70]), .float([1, 70])],
      ["transB": .int(1), "activation": .text("relu")], domain: "onyx"),
    NodeCase(
      "FusedGemm", [.float([7, 30]), .weight([30, 70]), .weight([70]), .float([7, 70])], ["activation": .text("gelu")], domain: "onyx"),
    NodeCase(
      "FusedGemm", [.float([30, 7]), .weight([30, 9]), .weight([9]), .float([7, 9])], ["transA": .int(1), "activation": .text("relu")],
      domain: "onyx"),
  ]

  static let attentions: [NodeCase] = [
    NodeCase(
      "FusedAttention", [.float([2, 17, 3, 2, 8]), .float([2, 11, 2, 8]), .float([2, 11, 2, 5])],
      axes("b s 1 h d", "b t h d", "b t h e", "b s h e"), domain: "onyx"),
    NodeCase(
      "FusedAttention", [.float([2, 16, 35]), .float([2, 16, 40]), .float([2, 9, 40])], axes("b d s", "b d t", "b e t", "b e s"),
      domain: "onyx"),
    NodeCase(
      "FusedAttention", [.float([2, 3, 9, 4]), .float([3, 10, 4]), .float([3, 10, 6]), .float([3, 9, 10])],
      axes("b h s d", "h t d", "h t e", "b s h e", mask: "h s t"), domain: "onyx"),
    NodeCase(
      "FusedAttention", [.float([5, 4]), .float([6, 4]), .float([6, 3]), .float([1, 6])], axes("s d", "t d", "t e", "s e", mask: "0 t"),
      domain: "onyx"),
    NodeCase("Attention", [.float([2, 3, 9, 8]), .float([2, 3, 12, 8]), .float([2, 3, 12, 6])]),
    NodeCase(
      "Attention", [.float([2, 6, 9, 8]), .float([2, 2, 9, 8]), .float([2, 2, 9, 8])], ["is_causal": .int(1), "scale": .float(0.5)]),
    NodeCase(
      "Attention", [.float([2, 7, 12]), .float([2, 5, 4]), .float([2, 5, 6]), .float([7, 5])],
      ["q_num_heads": .int(3), "kv_num_heads": .int(1)]),
    NodeCase(
      "Attention", [.float([1, 2, 40, 8]), .float([1, 2, 40, 8]), .float([1, 2, 40, 8]), .float([40, 40])], ["softcap": .float(2)]),
    NodeCase("Attention", heads(2, 37, 300, 8), ["left_window_size": .int(9), "right_window_size": .int(270)]),
    NodeCase("Attention", heads(2, 3, 50, 16), ["left_window_size": .int(0), "right_window_size": .int(2), "softcap": .float(1.5)]),
    NodeCase("Attention", heads(4, 1, 700, 64), ["is_causal": .int(0)]),
    NodeCase("Attention", heads(1, 4, 9, 3) + [.float([4, 9])], ["is_causal": .int(1)]),
  ]

  /// One sequence of heads.
  static func heads(_ count: Int, _ queries: Int, _ keys: Int, _ features: Int) -> [NodeCase.Input] {
    [.float([1, count, queries, features]), .float([1, count, keys, features]), .float([1, count, keys, features])]
  }

  static let past: [NodeCase.Input] = [.none, .float([2, 2, 30, 8]), .float([2, 2, 30, 8])]
  /// Caches, lengths, and results that are the joined keys and values.
  static let cached: [NodeCase] = [
    NodeCase("Attention", [.float([2, 6, 1, 8]), .float([2, 2, 1, 8]), .float([2, 2, 1, 8])] + past, outputs: 3),
    NodeCase(
      "Attention", [.float([2, 6, 9, 8]), .float([2, 2, 9, 8]), .float([2, 2, 9, 8])] + past, ["is_causal": .int(1)], outputs: 3),
    NodeCase(
      "Attention", [.float([2, 5, 32]), .float([2, 5, 16]), .float([2, 5, 16])] + past,
      ["q_num_heads": .int(4), "kv_num_heads": .int(2), "left_window_size": .int(12)]),
    NodeCase("Attention", [.float([2, 6, 9, 8]), .float([2, 2, 9, 8]), .float([2, 2, 9, 8])], outputs: 3),
  ]

  @Test(arguments: cached) func cachesEqualTheReference(_ test: NodeCase) throws { try KernelRowTests.expectReference(test) }

  /// Masks of truth values, one of them shorter than the keys, and lengths of sequences.
  @Test func flagsAndLengthsEqualTheReference() throws {
    for (queries, shape) in [(20, [1, 1, 20, 11]), (3, [2, 1, 7])] as [(Int, Shape)] {
      let flags = try Tensor((0..<shape.elementCount).map { $0 % 3 != 0 }, shape: shape)
      try KernelRowTests.expectReference(NodeCase("Attention", Self.heads(2, queries, 11, 8) + [.given(flags)]))
    }
    for (queries, lengths, attributes) in [
      (4, [50, 7], ["is_causal": .int(1)]), (40, [0, 41], ["is_causal": .int(1), "left_window_size": .int(5)]), (1, [1, 50], [:]),
    ] as [(Int, [Int64], [String: Attribute])] {
      let inputs: [NodeCase.Input] = [.float([2, 6, queries, 8] as Shape), .float([2, 2, 50, 8]), .float([2, 2, 50, 8])]
      try KernelRowTests.expectReference(
        NodeCase("Attention", inputs + [.none, .none, .none, .given(try Tensor(lengths))], attributes))
    }
  }

  /// A length past the keys is refused as the reference refuses it.
  @Test func refusesLengths() throws {
    let test = NodeCase("Attention", Self.heads(2, 1, 5, 8) + [.none, .none, .none, .given(try Tensor([Int64(6)]))])
    for table in [KernelTable(), .referenceOnly] { #expect(throws: (any Error).self) { try test.run(table) } }
  }

  static let depthwise: [NodeCase] = [
    NodeCase(
      "ChannelsLastConv", [.float([2, 9, 8, 20]), .weight([20, 1, 7, 7]), .weight([20])],
      ["group": .int(20), "pads": .ints([3, 3, 3, 3])], domain: "onyx"),
    NodeCase(
      "ChannelsLastConv", [.float([1, 9, 8, 16]), .weight([16, 1, 3, 5])],
      ["group": .int(16), "strides": .ints([2, 1]), "dilations": .ints([2, 1])], domain: "onyx"),
  ]

  @Test(arguments: products + points + attentions + depthwise) func equalsTheReference(_ test: NodeCase) throws {
    try KernelRowTests.expectReference(test)
  }

  static let ordinary: [NodeCase] = [
    NodeCase("Attention", [.float([1, 2, 4, 8]), .float([1, 2, 4, 8]), .float([1, 2, 4, 8])], outputs: 4),
    NodeCase("FusedAttention", [.float([3, 4]), .float([0, 4]), .float([0, 2])], axes("s d", "t d", "t e", "s e"), domain: "onyx"),
    NodeCase("ChannelsLastConv", [.float([1, 5, 5, 4]), .weight([6, 4, 3, 3])], domain: "onyx"),
    NodeCase("FusedMatMul", [.float([2, 3]), .float([3, 4])], domain: "onyx"),
  ]

  /// What no row serves runs as the reference.
  @Test(arguments: ordinary) func othersRunTheReference(_ test: NodeCase) throws {
    #expect(try test.run(KernelTable()).rows == ["reference"])
  }
}
