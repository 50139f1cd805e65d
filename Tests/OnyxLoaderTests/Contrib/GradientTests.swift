import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// ai.onnx.preview.training.Gradient. Expected: torch.autograd in float64.
struct GradientTests {
  @Test(arguments: cases) func matchesAutograd(_ test: GradientCase) throws { try test.run() }

  private static let a = numbers(.float32, [0.5, -1.5, 2, 3, 0.25, -0.75], [2, 3])
  private static let m = numbers(.float32, [1, -2, 0.5, 3, 2, 0.25], [3, 2])

  static let cases: [GradientCase] = [
    GradientCase(
      "Div", [a, numbers(.float32, [2, 4, -0.5, 1, -2, 8], [2, 3])],
      gives: [[0.5, 0.25, -2, 1, -0.5, 0.125], [-0.125, 0.09375, -8, -3, -0.0625, 0.01171875]]
    ) { $0.node("Div", $1[0], $1[1]) },
    GradientCase(
      "Div, broadcast", [a, numbers(.float32, [4, -2, 0.5], [3])],
      gives: [[0.25, -0.5, 2, 0.25, -0.5, 2], [-0.21875, 0.3125, -5]]
    ) { $0.node("Div", $1[0], $1[1]) },
    GradientCase(
      "Tanh of MatMul", [a, m],
      gives: [
        [0.001846726, 0.001649696, 0.00446518, 0.143582965, 0.072094279, 0.287487651],
        [0.432308036, 0.000317889, 0.032618752, -0.00025345, -0.103380988, 0.000306392],
      ]
    ) { $0.node("Tanh", $0.node("MatMul", $1[0], $1[1])) },
    GradientCase(
      "Sigmoid of MatMul with a batch",
      [numbers(.float32, [1, 0.5, -1, 2, 0, 1, 0.25, 1, 0.5, -1, 2, -0.5], [2, 2, 3]), m],
      gives: [
        [
          -0.217894994, 0.762632478, 0.490263736, -0.027236115, 0.076179584, 0.040937765, 0.000160954, 0.25201702, 0.268004484, 0.195852253,
          0.099445487, 0.393318827,
        ], [0.088140779, 0.278160008, 0.628300589, 0.172691313, -0.235473642, -0.164143436],
      ]
    ) { $0.node("Sigmoid", $0.node("MatMul", $1[0], $1[1])) },
    GradientCase("Tanh", [a], gives: [[0.786447733, 0.180706639, 0.070650825, 0.009866037, 0.940014849, 0.596585808]]) {
      $0.node("Tanh", $1[0])
    },
    GradientCase("Sigmoid", [a], gives: [[0.235003712, 0.149146452, 0.104993585, 0.04517666, 0.246134083, 0.217894994]]) {
      $0.node("Sigmoid", $1[0])
    },
    GradientCase("Relu", [a], gives: [[1, 0, 1, 1, 1, 0]]) { $0.node("Relu", $1[0]) },
    GradientCase("Sqrt", [numbers(.float32, [0.25, 4, 2], [1, 3])], gives: [[1, 0.25, 0.353553391]]) { $0.node("Sqrt", $1[0]) },
    GradientCase(
      "Exp, Cos, Log", [a], gives: [[1.967292635, -1.34031909, -8.707763685, -41.462742596, 5.677540811, -2.250990908]], tolerance: 2e-5
    ) { $0.node("Mul", $0.node("Cos", $0.node("Exp", $1[0])), $0.node("Log", $0.node("Mul", $1[0], $1[0]))) },
    GradientCase(
      "Transpose", [a, m],
      gives: [
        [1.648721271, 0.236183276, 109.196300066, -0.004957504, 6.35100005, 0.20725728],
        [0.824360635, 0.007436257, -0.708549829, 0.529250004, 109.196300066, -0.621771839],
      ]
    ) { $0.node("Exp", $0.node("Mul", $0.node("Transpose", $1[0]), $1[1])) },
    GradientCase(
      "Transpose, perm",
      [numbers(.float32, [1, 2, 3, 4, 5, 6], [1, 2, 3]), numbers(.float32, [0.5, 1, -1, 0.25, 2, 0.1], [2, 3, 1])],
      gives: [
        [0.438791281, -0.416146837, 0.989992497, 0.135075576, -1.678143058, 0.082533561],
        [0.877582562, -0.832293673, -2.96997749, 2.161209223, -4.195357645, 4.952013689],
      ]
    ) { $0.node("Sin", $0.node("Mul", $0.node("Transpose", $1[0], attributes: ["perm": .ints([1, 2, 0])]), $1[1])) },
    GradientCase("Reshape", [a, m], gives: [[1, -2, 0.5, 3, 2, 0.25], [0.5, -1.5, 2, 3, 0.25, -0.75]]) {
      $0.node("Mul", $0.node("Reshape", $1[0], $0.constant(numbers(.int64, [3, 2], [2]))), $1[1])
    },
    GradientCase(
      "sums over broadcast axes", [a, numbers(.float32, [1, -2], [2, 1]), numbers(.float32, [3], [])],
      gives: [[3, 3, 3, 3, 3, 3], [6, 6], [0.5]]
    ) { $0.node("Sub", $0.node("Mul", $0.node("Add", $1[0], $1[1]), $1[2]), $1[1]) },
    GradientCase("squares in a row", [numbers(.float32, [1.1], [])], gives: [[25936.963983]], tolerance: 2e-5) { builder, x in
      (0..<6).reduce(x[0]) { square, _ in builder.node("Mul", square, square) }
    },
    GradientCase("a residual chain", [numbers(.float32, [0.5], [1])], gives: [[729]]) { builder, x in
      // Each link is x + (x + x).
      (0..<6).reduce(x[0]) { sum, _ in builder.node("Add", sum, builder.node("Add", sum, sum)) }
    },
    GradientCase("no dependence", [a, m], gives: [[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]]) { $0.node("Identity", $1[0]) },
    GradientCase("the value itself", [a], gives: [[1, 1, 1, 1, 1, 1]]) { $1[0] },
    GradientCase("a constant factor without a rule", [a], gives: [[2, 2, 2, 2, 2, 2]]) {
      $0.node("Mul", $1[0], $0.node("Abs", $0.constant(numbers(.float32, [-2], []))))
    },
  ]

  /// y = a·b at a = b = x: each derivative is x.
  @Test func oneTensorForTwoNames() throws {
    let (a, b, x) = (numbers(.float32, [2, 3], [2]), numbers(.float32, [5, 7], [2]), numbers(.float32, [-1, 4], [2]))
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let ids = [builder.input("a", .float32, [2]), builder.input("b", .float32, [2]), builder.input("x", .float32, [2])]
    let y = builder.node("Mul", ids[0], ids[1])
    let results = builder.gradient(of: y, over: ["a", "b"], at: [ids[2], ids[2]])
    #expect(try GradientCase.values(builder, results, [a, b, x]) == [[-1, 4], [-1, 4]])
  }

  /// y = a·b with only a in xs, at a = b: the derivative is b, not 2·b.
  @Test func aTensorThatYReadsToo() throws {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let ids = [builder.input("a", .float32, [2]), builder.input("b", .float32, [2])]
    let y = builder.node("Mul", ids[0], ids[1])
    let results = builder.gradient(of: y, over: ["a"], at: [ids[1]])
    #expect(try GradientCase.values(builder, results, [numbers(.float32, [2, 3], [2]), numbers(.float32, [5, 7], [2])]) == [[5, 7]])
  }

  /// y = a·b, b of zs: taken at b = 10, 20, and no derivative of it is made.
  @Test func valuesHeldConstant() throws {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let ids = [builder.input("a", .float32, [2]), builder.input("b", .float32, [2])]
    let y = builder.node("Mul", ids[0], ids[1])
    let z = builder.constant(numbers(.float32, [10, 20], [2]))
    let results = builder.gradient(of: y, over: ["a"], holding: ["b"], at: [ids[0], z])
    #expect(try GradientCase.values(builder, results, [numbers(.float32, [2, 3], [2]), numbers(.float32, [5, 7], [2])]) == [[10, 20]])
  }

  /// An independent value that the node of another output of y makes: y = s₀·s₁ with s₀ in xs.
  @Test func anIndependentValueBetweenOthers() throws {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [4])
    let parts = builder.nodes("Split", [x], outputs: 2, attributes: ["num_outputs": .int(2)], name: "s")
    let y = builder.node("Mul", parts[0], parts[1])
    let results = builder.gradient(of: y, over: ["s_output_0"], at: [parts[0]])
    #expect(try GradientCase.values(builder, results, [numbers(.float32, [1, 2, 3, 4], [4])]) == [[3, 4]])
  }

  @Test(arguments: refused) func isRefused(_ test: RefusedGradient) {
    let error = #expect(throws: OnyxError.self) { try ContribOperators.translate(test.graph()) }
    #expect(error?.code == test.code && error?.description.contains(test.says) == true, "\(test): \(String(describing: error))")
  }

  static let refused: [RefusedGradient] = [
    RefusedGradient("other outputs", .unsupported, "output 1 of Split") { builder, x in
      let parts = builder.nodes("Split", [x], outputs: 2, attributes: ["num_outputs": .int(2), "axis": .int(0)])
      return builder.node("Mul", parts[0], parts[1])
    },
    RefusedGradient("only another output", .unsupported, "output 1 of Split") { builder, x in
      builder.node("Exp", builder.nodes("Split", [x], outputs: 2, attributes: ["num_outputs": .int(2), "axis": .int(0)])[1])
    },
    RefusedGradient("no rule", .unsupported, "Add, Cos, Div") { $0.node("Erf", $1) },
    RefusedGradient("a translated operator", .unsupported, "com.microsoft.Gelu") {
      $0.nodes("Gelu", [$1], outputs: 1, domain: "com.microsoft")[0]
    },
    RefusedGradient("an unknown name", .invalidModel, "no value 'q'", over: ["q"]) { $0.node("Exp", $1) },
    RefusedGradient("an empty name", .invalidModel, "no value ''", over: [""]) { $0.node("Exp", $1) },
    RefusedGradient("a name twice", .invalidModel, "'x' twice", over: ["x", "x"]) { $0.node("Exp", $1) },
    RefusedGradient("too few names", .invalidModel, "1 inputs for 0 names", over: []) { $0.node("Exp", $1) },
    RefusedGradient("products with vectors", .unsupported, "MatMul with vectors") { $0.node("MatMul", $1, $1) },
  ]

  /// Each node copies a chain of 100, which the budget allows for some of them.
  @Test func manyDerivativesOfALongChainAreRefused() throws {
    var options = LoadOptions()
    options.largestExpansion = 10_000
    func graph(_ count: Int) -> Graph {
      var builder = GraphBuilder("g", opset: Catalog.newestOpset)
      let x = builder.input("x", .float32, [2])
      let y = (0..<100).reduce(x) { last, _ in builder.node("Neg", last) }
      for _ in 0..<count { builder.output(builder.gradient(of: y, over: ["x"], at: [x])[0]) }
      return builder.graph
    }
    #expect(try ContribOperators.translate(graph(5), budget: ExpansionBudget(options)).nodes.count > 1000)
    let error = #expect(throws: OnyxError.self) { try ContribOperators.translate(graph(100), budget: ExpansionBudget(options)) }
    #expect(error?.code == .budgetExceeded && error?.reason.contains("derivatives of the model expand to more than 10000") == true)
  }
}

/// Gradient nodes of whole models.
struct GradientModelTests {
  /// y = −…−x, 50 times, and `count` derivatives of it.
  private static func model(_ count: Int) -> [UInt8] {
    let chain = (0..<50).map { Onnx.node("Neg", [$0 == 0 ? "x" : "t\($0)"], [$0 == 49 ? "y" : "t\($0 + 1)"]) }
    let attributes = [
      Wire.text(1, "xs") + Wire.text(9, "x") + Wire.int(20, 8), Wire.text(1, "y") + Wire.text(4, "y") + Wire.int(20, 3),
    ]
    let derivatives = (0..<count).map {
      Onnx.node("Gradient", ["x"], ["d\($0)"], domain: "ai.onnx.preview.training", attributes: attributes)
    }
    return Onnx.model(
      Onnx.graph(nodes: chain + derivatives, outputs: ["y", "d0"]),
      Wire.message(8, Wire.text(1, "ai.onnx.preview.training"), Wire.int(2, 1)))
  }

  @Test func theLoaderTranslatesThem() throws {
    let graph = try ModelLoader.load(bytes: Self.model(2)).graph
    #expect(Set(graph.nodes.map(\.op.description)) == ["Neg", "Identity", "Shape", "Expand", "onyx.SumTo"])
  }

  @Test func theBudgetIsThatOfTheLoad() throws {
    var options = LoadOptions()
    options.largestExpansion = 10_000
    #expect(try ModelLoader.load(bytes: Self.model(5), options: options).graph.nodes.count > 500)
    let error = #expect(throws: OnyxError.self) { try ModelLoader.load(bytes: Self.model(100), options: options) }
    #expect(error?.code == .budgetExceeded)
  }
}

/// A function and its derivatives: a row of a test table.
struct GradientCase: Sendable, CustomTestStringConvertible {
  typealias Function = @Sendable (inout GraphBuilder, [ValueID]) -> ValueID

  let testDescription: String
  let inputs: [Tensor]
  /// The elements of the derivative with respect to each input, whose shape it has.
  let expected: [[Double]]
  /// Largest difference, absolute and relative.
  let tolerance: Double
  /// Adds y over the inputs a, b, c …
  let function: Function

  init(_ name: String, _ inputs: [Tensor], gives expected: [[Double]], tolerance: Double = 2e-6, _ function: @escaping Function) {
    testDescription = name
    self.inputs = inputs
    self.expected = expected
    self.tolerance = tolerance
    self.function = function
  }

  /// Differentiates with known and with symbolic shapes; the derivatives stand before what they differentiate, too.
  func run() throws {
    for isSymbolic in [false, true] {
      for isFirst in [false, true] {
        var builder = GraphBuilder("g", opset: Catalog.newestOpset)
        let names = inputs.indices.map { String(UnicodeScalar(UInt8(97 + $0))) }
        let ids = zip(names, inputs).map { name, input in
          builder.input(
            name, input.elementType, input.shape.enumerated().map { isSymbolic ? Dimension(symbol: "\(name)\($0)") : Dimension($1) })
        }
        let y = function(&builder, ids)
        let results = builder.gradient(of: y, over: names, at: ids)
        let label = "\(testDescription)\(isSymbolic ? ", symbolic" : "")\(isFirst ? ", first" : "")"
        let values = try Self.tensors(builder, results, inputs, isFirst: isFirst)
        for (index, (got, want)) in zip(values, expected).enumerated() {
          #expect(got.shape == inputs[index].shape && got.elementCount == want.count, "\(label): \(got.typeDescription)")
          let elements = try got.doubles()
          for (x, y) in zip(elements, want) {
            #expect(abs(x - y) <= tolerance * max(1, abs(y)), "\(label), \(index): \(elements) instead of \(want)")
          }
        }
      }
    }
  }

  /// The elements of the values `results` of the graph, translated.
  static func values(_ builder: GraphBuilder, _ results: [ValueID], _ inputs: [Tensor]) throws -> [[Double]] {
    try tensors(builder, results, inputs).map { try $0.doubles() }
  }

  private static func tensors(
    _ builder: GraphBuilder, _ results: [ValueID], _ inputs: [Tensor], isFirst: Bool = false
  ) throws -> [Tensor] {
    var graph = builder.graph
    graph.outputs = results
    if isFirst { graph.nodes.insert(graph.nodes.removeLast(), at: 0) }
    graph = try ContribOperators.translate(graph)
    try graph.validate()
    #expect(graph.nodes.allSatisfy { $0.op.domain.isEmpty || $0.op.domain == "onyx" })
    _ = try GraphInference(graph)
    let values = try interpreted(graph, Dictionary(uniqueKeysWithValues: zip(graph.inputs, inputs)))
    return try results.map { try #require(values[$0]) }
  }
}

/// A function of x whose derivative is refused.
struct RefusedGradient: Sendable, CustomTestStringConvertible {
  typealias Function = @Sendable (inout GraphBuilder, ValueID) -> ValueID

  let testDescription: String
  let code: OnyxError.Code
  let says: String
  let xs: [String]
  let function: Function

  init(_ name: String, _ code: OnyxError.Code, _ says: String, over xs: [String] = ["x"], _ function: @escaping Function) {
    testDescription = name
    self.code = code
    self.says = says
    self.xs = xs
    self.function = function
  }

  func graph() -> Graph {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [4])
    let y = function(&builder, x)
    let results = builder.gradient(of: y, over: xs, at: Array(repeating: x, count: max(xs.count, 1)))
    for result in results { builder.output(result) }
    return builder.graph
  }
}

extension GraphBuilder {
  /// A Gradient node: the derivatives of y with respect to the named values at the given ones.
  fileprivate mutating func gradient(of y: ValueID, over xs: [String], holding zs: [String] = [], at inputs: [ValueID]) -> [ValueID] {
    var attributes: [String: Attribute] = ["y": .text(graph[y].name), "xs": .strings(xs.map { Array($0.utf8) })]
    if !zs.isEmpty { attributes["zs"] = .strings(zs.map { Array($0.utf8) }) }
    return nodes("Gradient", inputs, outputs: max(xs.count, 1), attributes: attributes, domain: "ai.onnx.preview.training")
  }
}
