import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Lowering of convolutions: what joins the weights, what becomes a fused node.
struct LowerConvTests {
  static let conv = Expression.op("Conv", .value("x"), .value("w"), .optional("b"), attributes: ["pads": .is(.ints([1, 1, 1, 1]))])
  static let input: [(name: String, shape: [Dimension])] = [("x", ["batch", 3, 5, 5])]

  static func constants(_ more: [String: Tensor] = [:], bias: Bool = true) throws -> [String: Tensor] {
    var constants = try ["w": random([4, 3, 3, 3], seed: 5)].merging(more) { $1 }
    if bias { constants["b"] = try random([4], seed: 6) }
    return constants
  }

  static func make(
    _ formula: Expression, _ more: [String: Tensor] = [:], bias: Bool = true, inputs: [(name: String, shape: [Dimension])] = input
  ) throws -> Graph {
    try graph(formula, inputs: inputs, constants: constants(more, bias: bias))
  }

  @Test(arguments: [true, false]) func biasFromAddend(_ bias: Bool) throws {
    for shape: Shape in [[4, 1, 1], [1, 4, 1, 1], [], [1]] {
      let result = try differential(Self.make(Self.conv + .value("c"), ["c": random(shape)], bias: bias), symbols: ["batch": 2])
      #expect(operators(result.graph) == ["Conv"])
      #expect(result.graph.nodes[0].inputs.count == 3)
    }
  }

  @Test func addendThatVariesInsideAChannel() throws {
    try expectDeclined(
      Self.make(Self.conv + .value("c"), ["c": random([5])]), "fold-bias-into-conv", because: "one number for each channel",
      symbols: ["batch": 2])
  }

  @Test func computedBiasStays() throws {
    let inputs: [(name: String, shape: [Dimension])] = [("x", [1, 3, 5, 5]), ("b", [4])]
    for (formula, name) in [
      (Self.conv + .value("c"), "fold-bias-into-conv"), (Self.conv * .value("c"), "fold-scale-into-conv"),
      (Self.normalized(Self.conv), "fold-batch-normalization-into-conv"),
    ] {
      let more = try Self.normalization(4).merging(["c": random([4, 1, 1])]) { $1 }
      try expectDeclined(Self.make(formula, more, bias: false, inputs: inputs), name, because: "bias of the convolution must be a constant")
    }
  }

  @Test(arguments: [true, false]) func scale(_ bias: Bool) throws {
    let result = try differential(Self.make(Self.conv * .value("c"), ["c": random([4, 1, 1])], bias: bias), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["Conv"])
    #expect(result.graph.nodes[0].inputs.count == (bias ? 3 : 2))
    try expectDeclined(
      Self.make(Self.conv * .value("c"), ["c": random([5, 5])]), "fold-scale-into-conv", because: "one number for each channel",
      symbols: ["batch": 2])
  }

  static func normalized(_ x: Expression) -> Expression {
    .op("BatchNormalization", x, .value("s"), .value("o"), .value("m"), .value("v"), attributes: ["epsilon": .is(.float(1e-3))])
  }

  static func normalization(_ count: Int, variance: ClosedRange<Double> = 0.5...2) throws -> [String: Tensor] {
    let shape = try Shape([count])
    return try [
      "s": random(shape, seed: 11), "o": random(shape, seed: 12), "m": random(shape, seed: 13), "v": random(shape, seed: 14, variance),
    ]
  }

  @Test(arguments: [true, false]) func batchNormalization(_ bias: Bool) throws {
    let result = try differential(Self.make(Self.normalized(Self.conv), Self.normalization(4), bias: bias), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["Conv"])
    #expect(result.report.counts == ["fold-batch-normalization-into-conv": 1])
  }

  @Test func groupedBatchNormalization() throws {
    let grouped = Expression.op("Conv", .value("x"), .value("w"), attributes: ["group": .is(.int(2))])
    let constants = try Self.normalization(6).merging(["w": random([6, 2, 3, 3])]) { $1 }
    let result = try differential(graph(Self.normalized(grouped), inputs: [("x", [2, 4, 4, 4])], constants: constants))
    #expect(operators(result.graph) == ["Conv"])
  }

  @Test func batchNormalizationWithoutFiniteFactors() throws {
    let graph = try Self.make(Self.normalized(Self.conv), Self.normalization(4, variance: -2 ... -1))
    try expectDeclined(graph, "fold-batch-normalization-into-conv", because: "must be finite", symbols: ["batch": 2])
  }

  static let activations: [(Expression, String)] = [
    (.op("Relu", conv), "activation=\"relu\""), (.op("Sigmoid", conv), "activation=\"sigmoid\""),
    (.op("Tanh", conv), "activation=\"tanh\""),
    (.op("HardSwish", conv), "activation=\"hardSwish\""), (.op("Gelu", conv), "activation=\"gelu\""),
    (.op("HardSigmoid", conv), "activation=\"hardSigmoid\", activation_params=[0.2, 0.5]"),
    (.op("LeakyRelu", conv, attributes: ["alpha": .is(.float(0.25))]), "activation=\"leakyRelu\", activation_params=[0.25]"),
    (.op("Clip", conv, 0, 6), "activation=\"clip\", activation_params=[0.0, 6.0]"),
    (.op("Clip", conv, 0), "activation=\"clip\", activation_params=[0.0, inf]"),
    (conv.named("c") * .op("Sigmoid", conv.named("c")), "activation=\"swish\""),
  ]

  @Test(arguments: activations.indices) func activation(_ row: Int) throws {
    let result = try differential(Self.make(Self.activations[row].0), symbols: ["batch": 2])
    #expect(operators(result.graph) == ["onyx.FusedConv"])
    #expect(nodeLines(result.graph)[0].hasSuffix("= onyx.FusedConv(x, w, b) {\(Self.activations[row].1), pads=[1, 1, 1, 1]}"))
  }

  @Test func activationWithBoundsOfTheRun() throws {
    let inputs: [(name: String, shape: [Dimension])] = [("x", [1, 3, 5, 5]), ("low", [])]
    try expectDeclined(
      Self.make(.op("Clip", Self.conv, .value("low")), inputs: inputs), "fuse-activation", because: "bounds must be constants")
    let tanh = Expression.op("Gelu", Self.conv, attributes: ["approximate": .is(.text("tanh"))])
    try expectDeclined(Self.make(tanh), "fuse-activation", because: "the plain one", symbols: ["batch": 1])
  }

  @Test func activationOfAValueThatIsReadElsewhere() throws {
    let conv = Self.conv.named("c")
    try expectDeclined(Self.make(.op("Relu", conv) - conv), "fuse-activation", because: "is also read by Sub_2", symbols: ["batch": 1])
  }

  @Test func residual() throws {
    let inputs: [(name: String, shape: [Dimension])] = Self.input + [("z", ["batch", 4, 5, 5])]
    for formula in [Self.conv + .value("z"), .value("z") + Self.conv] {
      let result = try differential(Self.make(.op("Relu", formula), inputs: inputs), symbols: ["batch": 2])
      #expect(
        nodeLines(result.graph).map { $0.split(separator: " = ")[1] } == [
          "onyx.FusedConv(x, w, b, z) {activation=\"relu\", pads=[1, 1, 1, 1]}"
        ])
    }
    let withoutBias = try differential(Self.make(Self.conv + .value("z"), bias: false, inputs: inputs), symbols: ["batch": 2])
    #expect(nodeLines(withoutBias.graph)[0].contains("FusedConv(x, w, _, z) {activation=\"none\""))
  }

  @Test func residualOfAnotherShape() throws {
    let inputs: [(name: String, shape: [Dimension])] = Self.input + [("z", ["batch", 4, 1, 1])]
    try expectDeclined(
      Self.make(Self.conv + .value("z"), inputs: inputs), "fuse-residual", because: "the shape of the product", symbols: ["batch": 2])
  }

  /// The first operand is read elsewhere, so the second is absorbed.
  @Test func residualOfTwoConvolutions() throws {
    let first = Expression.op("Conv", .value("x"), .value("w"), attributes: ["pads": .is(.ints([1, 1, 1, 1]))]).named("first")
    let second = Expression.op("Conv", .value("x"), .value("v"), attributes: ["pads": .is(.ints([1, 1, 1, 1]))])
    let result = try differential(
      Self.make((first + second) * first, ["v": random([4, 3, 3, 3], seed: 9)], bias: false), symbols: ["batch": 1])
    #expect(
      nodeLines(result.graph).map { $0.split(separator: " = ")[1].prefix { $0 != "{" } } == [
        "Conv(x, w) ", "onyx.FusedConv(x, v, _, Conv_0_output) ", "Mul(Add_2_output, Conv_0_output)",
      ])
  }

  @Test func convolutionPlusItself() throws {
    let conv = Self.conv.named("c")
    let result = try differential(Self.make(conv + conv), symbols: ["batch": 1])
    #expect(operators(result.graph) == ["Conv"], "its weights twice")
  }

  @Test func wholeBlock() throws {
    let block = Expression.op("Relu", Self.normalized(Self.conv) + .value("z"))
    let inputs: [(name: String, shape: [Dimension])] = Self.input + [("z", ["batch", 4, 5, 5])]
    let graph = try Self.make(block, Self.normalization(4), inputs: inputs)
    #expect(operators(try differential(graph, symbols: ["batch": 2]).graph) == ["onyx.FusedConv"])
    #expect(operators(try differential(graph, OptimizerOptions(level: .canonicalise), symbols: ["batch": 2]).graph).count == 4)
    #expect(operators(try differential(graph, OptimizerOptions(allowedChanges: [.exact]), symbols: ["batch": 2]).graph).count == 4)
  }
}
