import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Attention over branches becomes one node; convolutions before it stay.
struct FuseSplitAttentionTests {
  static let inputs: [(name: String, shape: [Dimension])] = [("p", ["batch", 6, 5, 4]), ("q", ["batch", 6, 5, 4])]

  static func constants() throws -> [String: Tensor] {
    try [
      "w1": random([4, 6], seed: 3), "b1": random([4], seed: 4), "u": random([4, 6], seed: 5), "v": random([6, 4], seed: 6),
      "bu": random([6], seed: 7),
      "bv": random([6], seed: 8), "c1": random([4, 6, 1, 1], seed: 9), "c2": random([12, 4, 1, 1], seed: 10), "zero": Tensor([0]),
      "one": Tensor([1]),
      "last": Tensor([-1]), "column": Tensor([0, 6, 1, 1]), "split": Tensor([0, 2, 6, 1, 1]), "sides": Tensor([2, 3]),
    ]
  }

  static let branches: [Expression] = [.op("Relu", .value("p")).named("left"), .op("Tanh", .value("q")).named("right")]

  static func stack(_ parts: [Expression], axis: Int64) -> Expression {
    let name = axis == 0 ? "zero" : "one"
    return .op(
      "Concat", .op("Unsqueeze", parts[0], .value(name)), .op("Unsqueeze", parts[1], .value(name)), attributes: ["axis": .is(.int(axis))])
  }

  /// One layer for each branch, stacked in front of the batch.
  static func layers(_ activation: (Expression) -> Expression) -> Expression {
    let sum = branches[0] + branches[1]
    let flat: [String: AttributePattern] = ["keepdims": .is(.int(0))]
    let pooled = Expression.op("ReduceMean", .op("ReduceMean", sum, .value("last"), attributes: flat), .value("last"), attributes: flat)
    let hidden = activation(.op("Gemm", pooled, .value("w1"), .value("b1"), attributes: ["transB": .is(.int(1))])).named("hidden")
    let first = Expression.op("Gemm", hidden, .value("u"), .value("bu"))
    let second = Expression.op("Gemm", hidden, .value("v"), .value("bv"), attributes: ["transB": .is(.int(1))])
    let scores = stack([first, second].map { .op("Reshape", $0, .value("column")) }, axis: 0)
    let weights = Expression.op("Softmax", scores, attributes: ["axis": .is(.int(0))])
    return .op("ReduceSum", weights * stack(branches, axis: 0), .value("zero"), attributes: flat)
  }

  /// One layer for all branches, stacked behind the batch.
  static let convolutions: Expression = {
    let all = stack(branches, axis: 1).named("stack")
    let flat: [String: AttributePattern] = ["keepdims": .is(.int(0))]
    let pooled = Expression.op("ReduceMean", .op("ReduceSum", all, .value("one"), attributes: flat), .value("sides"))
    let scores = Expression.op("Conv", .op("Relu", .op("Conv", pooled, .value("c1"), .value("b1"))), .value("c2"))
    let weights = Expression.op("Softmax", .op("Reshape", scores, .value("split")), attributes: ["axis": .is(.int(1))])
    return .op("ReduceSum", all * weights, .value("one"), attributes: flat)
  }()

  @Test func oneLayerForEachBranch() throws {
    for activation in ["", "Relu"] {
      let formula = Self.layers { activation.isEmpty ? $0 : .op(activation, $0) }
      let result = try differential(graph(formula, inputs: Self.inputs, constants: Self.constants()), symbols: ["batch": 2])
      #expect(operators(result.graph) == ["Relu", "Tanh", "onyx.SplitAttention"])
      #expect(nodeLines(result.graph)[2].contains("hidden_activation=\"relu\"") == !activation.isEmpty)
    }
  }

  @Test func oneLayerForAll() throws {
    let result = try differential(graph(Self.convolutions, inputs: Self.inputs, constants: Self.constants()), symbols: ["batch": 3])
    #expect(operators(result.graph) == ["Relu", "Tanh", "onyx.SplitAttention"])
  }

  @Test func fetchedWeightsStay() throws {
    let graph = try graph(Self.convolutions, inputs: Self.inputs, constants: Self.constants())
    let weights = try #require(graph.nodes.first { $0.op.name == "Softmax" }?.outputs[0])
    try expectDeclined(
      graph, "fuse-split-attention", because: "is fetched", OptimizerOptions(kept: [graph[weights].name]), symbols: ["batch": 2])
  }

  /// Between blocked convolutions the block works on channel blocks.
  @Test func betweenBlockedConvolutions() throws {
    var constants = try Self.constants()
    for (seed, name) in ["p", "q"].enumerated() { constants["w\(name)"] = try random([8, 6, 3, 3], seed: UInt64(seed) + 20, -0.2...0.2) }
    for (name, shape) in [("c1", [4, 8, 1, 1]), ("c2", [16, 4, 1, 1])] { constants[name] = try random(try Shape(shape), seed: 30) }
    constants["split"] = try Tensor([0, 2, 8, 1, 1])
    let parts = ["p", "q"].map { Expression.op("Relu", .op("Conv", .value($0), .value("w\($0)"))).named("branch \($0)") }
    let all = Self.stack(parts, axis: 1).named("stack")
    let flat: [String: AttributePattern] = ["keepdims": .is(.int(0))]
    let pooled = Expression.op("ReduceMean", .op("ReduceSum", all, .value("one"), attributes: flat), .value("sides"))
    let scores = Expression.op("Conv", .op("Relu", .op("Conv", pooled, .value("c1"), .value("b1"))), .value("c2"))
    let weights = Expression.op("Softmax", .op("Reshape", scores, .value("split")), attributes: ["axis": .is(.int(1))])
    let formula = Expression.op("ReduceSum", all * weights, .value("one"), attributes: flat)
    let result = try differential(graph(formula, inputs: Self.inputs, constants: constants), symbols: ["batch": 2])
    #expect(operators(result.graph).suffix(2) == ["onyx.SplitAttention", "onyx.UnblockChannels"])
  }
}
