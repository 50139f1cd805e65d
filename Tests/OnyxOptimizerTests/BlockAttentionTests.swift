import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Attention blocks between blocked convolutions work on the blocked values.
struct BlockAttentionTests {
  static let x = Expression.op("Conv", .value("x"), .value("w"), attributes: ["pads": .is(.ints([1, 1, 1, 1]))])

  static func constants() throws -> [String: Tensor] {
    try [
      "w": random([20, 20, 3, 3], seed: 3, -0.2...0.2), "w1": random([5, 20, 1, 1], seed: 4), "w2": random([20, 5, 1, 1], seed: 5),
      "point": random([24, 20, 1, 1], seed: 6, -0.3...0.3), "map": random([1, 2, 3, 3], seed: 7), "channel": Tensor([1]),
    ]
  }

  static func gates(_ x: Expression) -> Expression {
    .op("Sigmoid", .op("Conv", .op("Relu", .op("Conv", .op("GlobalAveragePool", x), .value("w1"))), .value("w2")))
  }

  static func optimized(_ formula: Expression) throws -> Graph {
    let inputs: [(name: String, shape: [Dimension])] = [("x", ["batch", 20, 6, 5])]
    return try differential(graph(formula, inputs: inputs, constants: constants()), symbols: ["batch": 2]).graph
  }

  @Test func blockAndResidual() throws {
    let conv = Self.x.named("conv")
    let graph = try Self.optimized(.op("Relu", conv * Self.gates(conv) + .value("x")))
    #expect(operators(graph) == ["onyx.BlockChannels", "onyx.BlockedConv", "onyx.AttentionBlock", "onyx.UnblockChannels"])
    #expect(nodeLines(graph)[2].contains("channels=20"))
  }

  @Test func gatesJoinAPointConvolution() throws {
    let conv = Self.x.named("conv")
    let graph = try Self.optimized(.op("Conv", conv * Self.gates(conv), .value("point")))
    #expect(
      operators(graph) == ["onyx.BlockChannels", "onyx.BlockedConv", "onyx.AttentionBlock", "onyx.BlockedConv", "onyx.UnblockChannels"])
    #expect(nodeLines(graph)[2].contains("result=\"gate\""))
  }

  @Test func scaledValuesThatAreReadTwiceStay() throws {
    let conv = Self.x.named("conv")
    let scaled = (conv * Self.gates(conv)).named("scaled")
    let graph = try Self.optimized(.op("Concat", .op("Conv", scaled, .value("point")), scaled, attributes: ["axis": .is(.int(1))]))
    #expect(nodeLines(graph).allSatisfy { !$0.contains("result=\"gate\"") })
  }

  /// Only 1×1 convolutions scale what they read; spatial parts are more than factors of channels.
  @Test func otherConvolutionsAndBlocksStay() throws {
    let conv = Self.x.named("conv")
    let wide = try Self.optimized(.op("Conv", conv * Self.gates(conv), .value("w")))
    #expect(nodeLines(wide).allSatisfy { !$0.contains("result=\"gate\"") })
    let maps = Expression.op(
      "Concat", .op("ReduceMax", conv, .value("channel")), .op("ReduceMean", conv, .value("channel")), attributes: ["axis": .is(.int(1))])
    let spatial = Expression.op("Sigmoid", .op("Conv", maps, .value("map"), attributes: ["pads": .is(.ints([1, 1, 1, 1]))]))
    let graph = try Self.optimized(.op("Conv", conv * spatial, .value("point")))
    #expect(operators(graph).contains("onyx.AttentionBlock"))
    #expect(nodeLines(graph).allSatisfy { !$0.contains("result=\"gate\"") })
  }
}
