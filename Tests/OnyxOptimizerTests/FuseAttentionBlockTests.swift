import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Attention blocks in the spellings of exporters become one node that gives the same results.
struct FuseAttentionBlockTests {
  static let x = Expression.value("x")
  static let input: [(name: String, shape: [Dimension])] = [("x", ["batch", 6, 5, 4])]

  static func average(_ x: Expression) -> Expression { .op("GlobalAveragePool", x) }
  static func maximum(_ x: Expression) -> Expression { .op("GlobalMaxPool", x) }
  static func sigmoid(_ x: Expression) -> Expression { .op("Sigmoid", x) }
  static func flat(_ x: Expression) -> Expression { .op("Flatten", x) }
  static func column(_ x: Expression) -> Expression { .op("Reshape", x, .value("column")) }

  /// Two linear layers as 1×1 convolutions, as timm writes them.
  static func convolutions(_ pooled: Expression, _ activation: String = "Relu") -> Expression {
    .op("Conv", .op(activation, .op("Conv", pooled, .value("w1"), .value("b1"))), .value("w2"), .value("b2"))
  }

  static func products(_ pooled: Expression) -> Expression {
    .op("MatMul", .op("Relu", .op("MatMul", flat(pooled), .value("m1"))), .value("m2"))
  }

  static func gemms(_ pooled: Expression, transposed: Bool) -> Expression {
    let attributes: [String: AttributePattern] = transposed ? ["transB": .is(.int(1))] : [:]
    let (w1, w2) = transposed ? ("r1", "r2") : ("m1", "m2")
    let first = Expression.op("Gemm", flat(pooled), .value(w1), .value("b1"), attributes: attributes)
    return .op("Gemm", .op("Relu", first), .value(w2), .value("b2"), attributes: attributes)
  }

  /// A convolution along the channels, over [N, 1, C].
  static func alongChannels(_ pooled: Expression, _ taps: Int64 = 3) -> Expression {
    let half = taps / 2
    let line = Expression.op("Transpose", .op("Squeeze", pooled, .value("last")), attributes: ["perm": .is(.ints([0, 2, 1]))])
    let conv = Expression.op("Conv", line, .value("k\(taps)"), attributes: ["pads": .is(.ints([half, half]))])
    return .op("Unsqueeze", .op("Transpose", conv, attributes: ["perm": .is(.ints([0, 2, 1]))]), .value("last"))
  }

  static func spatial(_ x: Expression, meanFirst: Bool = false, bias: Bool = false) -> Expression {
    let maps = [Expression.op("ReduceMax", x, .value("channel")), .op("ReduceMean", x, .value("channel"))]
    let both = Expression.application(
      .init(op: OperatorName("Concat"), inputs: meanFirst ? maps.reversed() : maps, attributes: ["axis": .is(.int(1))]))
    let attributes: [String: AttributePattern] = ["pads": .is(.ints([1, 2, 1, 2]))]
    return sigmoid(
      bias
        ? .op("Conv", both, .value("map"), .value("one"), attributes: attributes) : .op("Conv", both, .value("map"), attributes: attributes)
    )
  }

  static func point(_ x: Expression) -> Expression { sigmoid(.op("Conv", x, .value("point"), .value("one"))) }

  static func constants() throws -> [String: Tensor] {
    var constants: [String: Tensor] = [
      "w1": try random([3, 6, 1, 1], seed: 3), "w2": try random([6, 3, 1, 1], seed: 4), "b1": try random([3], seed: 5),
      "b2": try random([6], seed: 6), "m1": try random([6, 3], seed: 7), "m2": try random([3, 6], seed: 8),
      "full": try random([6, 6, 1, 1], seed: 9),
      "k3": try random([1, 1, 3], seed: 10), "k5": try random([1, 1, 5], seed: 11), "flatTaps": try random([1, 1, 5, 1], seed: 12),
      "map": try random([1, 2, 3, 5], seed: 13), "one": try random([1], seed: 14), "point": try random([1, 6, 1, 1], seed: 15),
      "r1": try random([3, 6], seed: 16), "r2": try random([6, 3], seed: 17),
    ]
    constants["column"] = try Tensor([0, 6, 1, 1])
    constants["line"] = try Tensor([0, 1, 6])
    constants["last"] = try Tensor([-1])
    constants["channel"] = try Tensor([1])
    constants["sides"] = try Tensor([-1, -2])
    constants["whole"] = try Tensor([1, 6, 5, 4])
    constants["lines"] = try Tensor([0, 1, 6, 1])
    return constants
  }

  static func make(_ formula: Expression, inputs: [(name: String, shape: [Dimension])] = input) throws -> Graph {
    try graph(formula, inputs: inputs, constants: constants())
  }

  /// Formula → the attributes of its one node.
  static let forms: [(String, Expression, String)] = [
    ("SE of 1×1 convolutions", x * sigmoid(convolutions(average(x))), "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"avg\""),
    ("gate first", sigmoid(convolutions(average(x))) * x, "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"avg\""),
    ("max", x * sigmoid(convolutions(maximum(x))), "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"max\""),
    (
      "HardSigmoid, Swish", x * .op("HardSigmoid", convolutions(average(x), "Swish")),
      "gate=\"mlp\", gate_activation=\"hardSigmoid\", gate_activation_params=[0.2, 0.5], hidden_activation=\"swish\", pooling=\"avg\""
    ),
    ("MatMul", x * column(sigmoid(products(average(x)))), "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"avg\""),
    ("Gemm", x * column(sigmoid(gemms(average(x), transposed: false))), "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"avg\""),
    (
      "Gemm transB, Expand",
      x * .op("Expand", column(sigmoid(gemms(.op("ReduceMean", x, .value("sides")), transposed: true))), .value("whole")),
      "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"avg\""
    ),
    (
      "MatMul + bias before the reshape",
      x
        * sigmoid(
          column(.op("MatMul", .op("Relu", .op("MatMul", flat(average(x)), .value("m1")) + .value("b1")), .value("m2")) + .value("b2"))),
      "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"avg\""
    ),
    (
      "ESE", x * .op("HardSigmoid", .op("Conv", average(x), .value("full"))),
      "gate=\"fc\", gate_activation=\"hardSigmoid\", gate_activation_params=[0.2, 0.5], pooling=\"avg\""
    ),
    ("ECA", x * sigmoid(alongChannels(average(x))), "gate=\"conv1d\", pooling=\"avg\""),
    (
      "ECA of Conv2d",
      x
        * column(
          sigmoid(
            .op("Conv", .op("Reshape", average(x), .value("lines")), .value("flatTaps"), attributes: ["pads": .is(.ints([2, 0, 2, 0]))]))),
      "gate=\"conv1d\", pooling=\"avg\""
    ),
    (
      "CBAM channel", x * sigmoid(convolutions(average(x)) + convolutions(maximum(x))),
      "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"both\""
    ),
    ("CBAM channel, Conv1d", x * sigmoid(alongChannels(maximum(x), 5) + alongChannels(average(x), 5)), "gate=\"conv1d\", pooling=\"both\""),
    ("CBAM spatial", x * spatial(x), "spatial=\"conv\""),
    ("CBAM spatial, mean first, bias", x * spatial(x, meanFirst: true, bias: true), "spatial=\"conv\""),
    ("sSE", x * point(x), "spatial=\"point\""),
    ("sSE with Expand", .op("Expand", point(x), .value("whole")) * x, "spatial=\"point\""),
    (
      "scSE", x * sigmoid(convolutions(average(x))) + x * point(x),
      "gate=\"mlp\", hidden_activation=\"relu\", join=\"parallel\", pooling=\"avg\", spatial=\"point\""
    ),
    (
      "sSE + cSE", x * point(x) + x * sigmoid(convolutions(average(x))),
      "gate=\"mlp\", hidden_activation=\"relu\", join=\"parallel\", pooling=\"avg\", spatial=\"point\""
    ),
    ("CBAM", cbam(x), "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"both\", spatial=\"conv\""),
    ("residual", cbam(x) + x, "gate=\"mlp\", hidden_activation=\"relu\", pooling=\"both\", spatial=\"conv\""),
    (
      "activation", .op("Relu", cbam(x)),
      "activation=\"relu\", gate=\"mlp\", hidden_activation=\"relu\", pooling=\"both\", spatial=\"conv\""
    ),
    (
      "residual and activation", .op("Relu", x + x * sigmoid(alongChannels(average(x)))),
      "activation=\"relu\", gate=\"conv1d\", pooling=\"avg\""
    ),
  ]

  static func cbam(_ x: Expression) -> Expression {
    let scaled = (x * sigmoid(convolutions(average(x)) + convolutions(maximum(x)))).named("scaled")
    return scaled * spatial(scaled, meanFirst: true)
  }

  @Test(arguments: forms.indices) func form(_ row: Int) throws {
    let (name, formula, attributes) = Self.forms[row]
    let result = try differential(Self.make(formula, inputs: [("x", [1, 6, 5, 4])]), seed: UInt64(row) + 1)
    let lines = nodeLines(result.graph)
    #expect(lines.count == 1 && lines[0].contains("onyx.AttentionBlock(x,") && lines[0].hasSuffix("{\(attributes)}"), "\(name): \(lines)")
    // A symbolic batch; formulas that expand to a fixed shape are of one batch.
    if !name.contains("Expand") {
      #expect(operators(try differential(Self.make(formula), symbols: ["batch": 2]).graph) == ["onyx.AttentionBlock"], "\(name)")
    }
  }

  @Test func channelsLast() throws {
    let pooled = Expression.op("ReduceMean", Self.x, .value("pixels"), attributes: ["keepdims": .is(.int(0))])
    let dense = Expression.op("Relu", .op("MatMul", .op("Relu", .op("MatMul", pooled, .value("m1"))), .value("m2")))
    let gates = Expression.op("Reshape", Self.sigmoid(dense), .value("row"))
    let constants = try Self.constants().merging(["pixels": Tensor([1, 2]), "row": Tensor([0, 1, 1, 6])]) { $1 }
    let result = try differential(
      graph(Self.x * gates, inputs: [("x", ["batch", 5, 4, 6])], constants: constants), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["onyx.AttentionBlock"])
    #expect(nodeLines(result.graph)[0].contains("layout=\"last\", output_activation=\"relu\""))
  }

  /// What the optimizer leaves of the formula; the reasons why.
  static func declined(_ formula: Expression, kept: Set<String> = []) throws -> [String] {
    let result = try differential(make(formula), OptimizerOptions(kept: kept), symbols: ["batch": 2])
    #expect(result.report.counts["fuse-attention-block"] == nil)
    return result.report.declined.filter { $0.rewrite == "fuse-attention-block" }.map(\.reason)
  }

  @Test func fetchedGateStays() throws {
    let graph = try Self.make(Self.x * Self.sigmoid(Self.convolutions(Self.average(Self.x))))
    let gate = try #require(graph.nodes.first { $0.op.name == "Sigmoid" }?.outputs[0])
    try expectDeclined(
      graph, "fuse-attention-block", because: "is fetched", OptimizerOptions(kept: [graph[gate].name]), symbols: ["batch": 2])
  }

  @Test func gateThatIsReadElsewhereStays() throws {
    let gate = Self.sigmoid(Self.convolutions(Self.average(Self.x))).named("gate")
    #expect(try Self.declined((Self.x * gate) * .op("Sqrt", gate)).contains { $0.contains("also read by") })
  }

  /// The channel part alone still becomes a node when the whole cannot.
  @Test func fetchedMiddleOfCBAM() throws {
    let graph = try Self.make(Self.cbam(Self.x))
    let middle = try #require(graph.nodes.first { $0.op.name == "Mul" }?.outputs[0])
    let result = try differential(graph, OptimizerOptions(kept: [graph[middle].name]), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["onyx.AttentionBlock", "onyx.AttentionBlock"])
  }

  @Test func residualOfAnotherShape() throws {
    let block = Self.x * Self.sigmoid(Self.alongChannels(Self.average(Self.x)))
    let result = try differential(Self.make(block + .value("one"), inputs: Self.input), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["onyx.AttentionBlock", "Add"])
    #expect(result.report.declined.contains { $0.rewrite == "fuse-attention-residual" && $0.reason.contains("shape of the map") })
  }

  @Test func residualBehindAnActivation() throws {
    let block = Expression.op("Relu", Self.x * Self.sigmoid(Self.alongChannels(Self.average(Self.x))))
    let result = try differential(Self.make(block + Self.x), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["onyx.AttentionBlock", "Add"])
    #expect(
      result.report.declined.contains { $0.rewrite == "fuse-attention-residual" && $0.reason.contains("without residual and activation") })
    let twice = try differential(Self.make(.op("Sigmoid", block)), symbols: ["batch": 2])
    #expect(operators(twice.graph) == ["onyx.AttentionBlock", "Sigmoid"])
  }

  @Test func mapsWithOneSideStay() throws {
    let gates = Self.sigmoid(.op("Conv", Self.average(Self.x), .value("w"), .value("b2")))
    let graph = try graph(
      Self.x * gates, inputs: [("x", [2, 6, 9])], constants: ["w": random([6, 6, 1], seed: 2), "b2": random([6], seed: 3)])
    try expectDeclined(graph, "fuse-attention-block", because: "must have two sides")
  }

  /// Formulas that look like blocks and are none.
  static let others: [(String, Expression)] = [
    ("SiLU", x * sigmoid(x)),
    ("gated linear unit", .op("Conv", x, .value("full")) * sigmoid(.op("Conv", x, .value("full"), .value("b2")))),
    ("pooled value of another map", x * sigmoid(convolutions(average(.op("Relu", x))))),
    ("no layers", x * sigmoid(average(x))),
    ("no gate activation", x * convolutions(average(x))),
    ("tanh", x * .op("Tanh", convolutions(average(x)))),
    ("two different layers", x * sigmoid(convolutions(average(x)) + .op("Conv", maximum(x), .value("full")))),
    ("pooled along one side", x * sigmoid(.op("Conv", .op("ReduceMean", x, .value("last")), .value("full")))),
    ("classifier", .op("Softmax", flat(convolutions(average(x))))),
    ("maximum and minimum", x * sigmoid(.op("Conv", minimum, .value("map"), attributes: ["pads": .is(.ints([1, 2, 1, 2]))]))),
  ]

  /// The sum is one layer of twice the weights.
  @Test func twiceTheSamePooling() throws {
    let layers = Self.convolutions(Self.average(Self.x))
    let result = try differential(Self.make(Self.x * Self.sigmoid(layers + Self.convolutions(Self.average(Self.x)))), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["onyx.AttentionBlock"])
  }

  private static let minimum = Expression.op(
    "Concat", .op("ReduceMax", x, .value("channel")), .op("ReduceMin", x, .value("channel")), attributes: ["axis": .is(.int(1))])

  @Test(arguments: others.indices) func other(_ row: Int) throws {
    let result = try differential(Self.make(Self.others[row].1), symbols: ["batch": 2])
    #expect(!operators(result.graph).contains("onyx.AttentionBlock"), "\(Self.others[row].0)")
  }
}
