import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Formulas that have an operator of their own.
struct RecogniseTests {
  static let x = Expression.value("x")
  static let input: [(name: String, shape: [Dimension])] = [("x", ["batch", 8])]
  static let rsqrt2 = Expression.number(0.5.squareRoot(), ulps: 0)
  static let sqrt2 = Expression.number(2.0.squareRoot(), ulps: 0)
  static func erf(_ x: Expression) -> Expression { .op("Erf", x) }

  static let geluForms: [Expression] = [
    x * 0.5 * (1 + erf(x / sqrt2)),
    x * (0.5 * (1 + erf(x / sqrt2))),
    0.5 * (x * (erf(x * rsqrt2) + 1)),
    (erf(rsqrt2 * x) + 1) * x * 0.5,
    (x * (1 + erf(x / sqrt2))) * 0.5,
  ]

  @Test(arguments: geluForms.indices) func gelu(_ form: Int) throws {
    let result = try differential(graph(Self.geluForms[form], inputs: Self.input), symbols: ["batch": 3])
    #expect(operators(result.graph) == ["Gelu"])
    #expect(result.report.counts == ["recognise-gelu": 1])
  }

  @Test func geluDump() throws {
    let result = try Optimizer.optimize(graph(Self.geluForms[0], inputs: Self.input))
    #expect(
      result.graph.text == """
        graph test(x: float32[batch,8]) -> (Mul_4_output)
          Mul_4_output = Gelu(x) {approximate="none"}

        """)
  }

  @Test(arguments: [0.4999, 0.5000001]) func geluNeedsItsConstants(_ half: Double) throws {
    let formula = Self.x * .number(half, ulps: 0) * (1 + Self.erf(Self.x / Self.sqrt2))
    #expect(try differential(graph(formula, inputs: Self.input), symbols: ["batch": 3]).report.counts["recognise-gelu"] == nil)
  }

  @Test func geluInFloat16() throws {
    let formula = try graph(Self.geluForms[0], inputs: [("x", [4])], type: .float16)
    #expect(operators(try Optimizer.optimize(formula, options: OptimizerOptions(level: .canonicalise)).graph) == ["Gelu"])
    #expect(operators(try Optimizer.optimize(formula).graph) == ["Gelu"])
  }

  @Test func geluWithAnInnerValueThatIsFetched() throws {
    let graph = try graph(Self.geluForms[0], inputs: Self.input)
    try expectDeclined(
      graph, "recognise-gelu", because: "'Erf_2_output' is fetched", OptimizerOptions(kept: ["Erf_2_output"]), symbols: ["batch": 2])
  }

  @Test func tanhGelu() throws {
    let x = Self.x
    let k = Expression.number((2 / Double.pi).squareRoot(), ulps: 0)
    let forms = [
      0.5 * x * (1 + .op("Tanh", k * (x + 0.044715 * .op("Pow", x, 3)))),
      x * (0.5 * (.op("Tanh", (x + x * x * x * 0.044715) * k) + 1)),
    ]
    for form in forms {
      let result = try differential(graph(form, inputs: Self.input), symbols: ["batch": 3])
      #expect(nodeLines(result.graph).count == 1 && nodeLines(result.graph)[0].hasSuffix("= Gelu(x) {approximate=\"tanh\"}"))
    }
    let square = 0.5 * x * (1 + .op("Tanh", k * (x + 0.044715 * .op("Pow", x, 2))))
    #expect(try differential(graph(square, inputs: Self.input), symbols: ["batch": 3]).report.counts["recognise-tanh-gelu"] == nil)
  }

  @Test func swish() throws {
    let result = try differential(graph(.op("Sigmoid", Self.x) * Self.x, inputs: Self.input), symbols: ["batch": 3])
    #expect(operators(result.graph) == ["Swish"])
    let other = try graph(.op("Sigmoid", Self.x) * .value("y"), inputs: [("x", [4]), ("y", [4])])
    #expect(operators(try differential(other).graph) == ["Sigmoid", "Mul"])
  }

  @Test func swishWithASigmoidThatIsReadElsewhere() throws {
    let sigmoid = Expression.op("Sigmoid", Self.x).named("s")
    let graph = try graph(sigmoid * Self.x + sigmoid, inputs: Self.input)
    try expectDeclined(graph, "recognise-swish", because: "is also read by Add_2", symbols: ["batch": 3])
  }

  static func shifted(_ low: Expression = 0, _ high: Expression = 6) -> Expression { .op("Clip", x + 3, low, high) }

  @Test func hardSigmoidAndHardSwish() throws {
    let sixth = Expression.number(1.0 / 6, ulps: 0)
    for form in [Self.shifted() / 6, Self.shifted() * sixth] {
      #expect(operators(try differential(graph(form, inputs: Self.input), symbols: ["batch": 5]).graph) == ["HardSigmoid"])
    }
    for form in [Self.x * (Self.shifted() / 6), Self.x * Self.shifted() / 6, sixth * (Self.shifted() * Self.x)] {
      #expect(operators(try differential(graph(form, inputs: Self.input), symbols: ["batch": 5]).graph) == ["HardSwish"])
    }
    for form in [Self.shifted(0, 5) / 6, Self.shifted(1, 6) / 6, Self.shifted() / 5] {
      #expect(try differential(graph(form, inputs: Self.input), symbols: ["batch": 5]).report.applied.isEmpty)
    }
  }

  @Test func hardSigmoidOfIntegersIsADivision() throws {
    try expectDeclined(
      graph(Self.shifted() / 6, inputs: [("x", [5])], type: .int32), "recognise-hard-sigmoid", because: "must be floating")
  }

  @Test func hardSwishNeedsItsGate() throws {
    let gate = Expression.op("HardSigmoid", Self.x, attributes: ["alpha": .is(.float(0.2)), "beta": .is(.float(0.5))])
    try expectDeclined(graph(Self.x * gate, inputs: [("x", [5])]), "recognise-hard-swish", because: "alpha 1/6 and beta 1/2")
  }
}
