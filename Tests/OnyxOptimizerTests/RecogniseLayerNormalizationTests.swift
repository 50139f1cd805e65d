import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

struct RecogniseLayerNormalizationTests {
  static func formula(
    squareAxes: String = "axes", keepsDimensions: Int64 = 1, hasBias: Bool = true, reciprocal: Bool = false
  ) -> Expression {
    let x = Expression.value("x")
    func mean(_ x: Expression, _ axes: String) -> Expression {
      .op("ReduceMean", x, .value(axes), attributes: ["keepdims": .is(.int(keepsDimensions))])
    }
    let deviation = (x - mean(x, "axes")).named("d")
    let spread = Expression.op("Sqrt", mean(.op("Pow", deviation, 2), squareAxes) + .value("epsilon"))
    let normalized = (reciprocal ? deviation * .op("Reciprocal", spread) : deviation / spread) * .value("scale")
    return hasBias ? normalized + .value("bias") : normalized
  }

  static func constants(_ overrides: [String: Tensor] = [:]) throws -> [String: Tensor] {
    try [
      "axes": Tensor([-1]), "epsilon": floats([1e-5], .scalar), "scale": random([8], seed: 2), "bias": random([8], seed: 3),
      "otherAxes": Tensor([1]),
    ].merging(overrides) { $1 }
  }

  static let input: [(name: String, shape: [Dimension])] = [("x", ["batch", 3, 8])]
  static let name = "recognise-layer-normalization"

  @Test func everyForm() throws {
    for formula in [Self.formula(), Self.formula(hasBias: false), Self.formula(reciprocal: true)] {
      let result = try differential(graph(formula, inputs: Self.input, constants: Self.constants()), symbols: ["batch": 2])
      #expect(operators(result.graph) == ["LayerNormalization"])
      #expect(nodeLines(result.graph)[0].hasSuffix("{axis=-1, epsilon=1e-05}"))
    }
  }

  @Test func twoAxes() throws {
    let constants = try Self.constants(["axes": Tensor([2, 1]), "scale": random([3, 8]), "bias": random([3, 8])])
    let result = try differential(graph(Self.formula(), inputs: Self.input, constants: constants), symbols: ["batch": 2])
    #expect(nodeLines(result.graph)[0].hasSuffix("{axis=-2, epsilon=1e-05}"))
  }

  @Test func declines() throws {
    func expect(_ formula: Expression, _ overrides: [String: Tensor] = [:], type: ElementType = .float32, reason: String) throws {
      let graph = try graph(formula, inputs: Self.input, constants: Self.constants(overrides), type: type)
      try expectDeclined(graph, Self.name, because: reason, symbols: ["batch": 8])
    }
    try expect(Self.formula(squareAxes: "otherAxes"), reason: "same last axes")
    try expect(Self.formula(), ["axes": Tensor([1])], reason: "same last axes")
    try expect(Self.formula(), ["scale": random([1])], reason: "The scale must")
    try expect(Self.formula(), ["epsilon": floats([-1e-5], .scalar)], reason: "one positive number")
    try expect(Self.formula(), ["epsilon": floats(Array(repeating: 1e-5, count: 8))], reason: "one positive number")
    let wide = try Self.constants().mapValues {
      $0.elementType == .float32 ? try Tensor(floating: $0.doubles(), as: .float64, shape: $0.shape) : $0
    }
    try expect(Self.formula(), wide, type: .float64, reason: "float32")
  }

  @Test func biasOfAnotherShape() throws {
    let graph = try graph(Self.formula(), inputs: Self.input, constants: Self.constants(["bias": random([3, 8])]))
    try expectDeclined(graph, "merge-layer-normalization-bias", because: "the shape of the scale", symbols: ["batch": 2])
  }
}
