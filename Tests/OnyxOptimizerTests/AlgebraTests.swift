import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Matching and building with one algebra.
struct AlgebraTests {
  static let x = Expression.value("x")

  /// The bindings of every match at the node that makes the only output, by name.
  static func matches(_ pattern: Expression, in graph: Graph) throws -> [[String: String]] {
    let workspace = try Workspace(graph, inputs: [:], kept: [])
    let root = try #require(graph.outputs.first.flatMap { workspace.producer(of: $0) })
    let site = Site(workspace: workspace, index: root, node: try #require(workspace.node(root)), foldingByteBudget: 0)
    return pattern.matches(at: site).map { $0.bindings.values.mapValues { workspace.name(of: $0) } }
  }

  static func make(_ formula: Expression, type: ElementType = .float32, shape: [Dimension] = [2]) throws -> Graph {
    try graph(formula, inputs: ["a", "b", "c", "d"].map { ($0, shape) }, type: type)
  }

  static let a = Expression.value("a")
  static let b = Expression.value("b")
  static let c = Expression.value("c")
  static let d = Expression.value("d")

  @Test func buildingAndFindingAreInverse() throws {
    let (a, b, c, d) = (Self.a, Self.b, Self.c, Self.d)
    let formulas: [Expression] = [
      a + b * c, (a - b) / (c - d), .op("Where", .op("IsNaN", a), b, c), (a + 1).named("s") * .op("Sqrt", (a + 1).named("s")),
      .anyOf(.op("Neg", a), .op("Abs", a)), .op("Softmax", a, attributes: ["axis": .is(.int(-1))]),
    ]
    for formula in formulas { #expect(try !Self.matches(formula, in: Self.make(formula)).isEmpty) }
  }

  @Test func namesAreTheSameValueEverywhere() throws {
    #expect(try Self.matches(Self.x - Self.x, in: Self.make(Self.a - Self.a)) == [["x": "a"]])
    #expect(try Self.matches(Self.x - Self.x, in: Self.make(Self.a - Self.b)).isEmpty)
    #expect(try Self.matches(Self.x - .value("y"), in: Self.make(Self.a - Self.a)) == [["x": "a", "y": "a"]])
  }

  @Test func onlyCommutativeOperatorsAreTurned() throws {
    let neg = Expression.op("Neg", Self.x)
    #expect(try Self.matches(neg + .value("y"), in: Self.make(Self.a + .op("Neg", Self.b))) == [["x": "b", "y": "a"]])
    #expect(try Self.matches(neg - .value("y"), in: Self.make(Self.a - .op("Neg", Self.b))).isEmpty)
  }

  /// The first order binds x to a, fails further on, and leaves nothing behind.
  @Test func failedBranchesLeaveNoBinding() throws {
    let pattern = Expression.value("y") * (Self.x / .value("y"))
    #expect(try Self.matches(pattern, in: Self.make((Self.a / Self.b) * Self.b)) == [["x": "a", "y": "b"]])
    let choice = Expression.anyOf(Self.x - Self.x, Self.x - .value("y"))
    #expect(try Self.matches(choice, in: Self.make(Self.a - Self.b)) == [["x": "a", "y": "b"]])
  }

  /// a · b · c · d in each bracketing and order is the chain of the pattern.
  @Test func chains() throws {
    let neg = Expression.op("Neg", Self.x)
    let pattern = Self.x * 2 * neg * .value("y")
    let forms = [
      ((Self.a * 2) * .op("Neg", Self.a)) * Self.b, (Self.b * 2) * (.op("Neg", Self.a) * Self.a),
      Self.b * (Self.a * (2 * .op("Neg", Self.a))),
    ]
    for form in forms { #expect(try Self.matches(pattern, in: Self.make(form)).contains(["x": "a", "y": "b"])) }
    #expect(try Self.matches(pattern, in: Self.make((Self.a * 2) * .op("Neg", Self.b) * Self.c)).isEmpty)
    #expect(try Self.matches(pattern, in: Self.make((Self.a * 2) * .op("Neg", Self.a))).isEmpty)
    // Subtraction is no chain.
    #expect(try Self.matches(Self.x - 2 - .value("y"), in: Self.make(Self.a - (2 - Self.b))).isEmpty)
  }

  /// A chain can share an operand that is itself the chain's operator.
  @Test func chainsOpenOnlyAsManyNodesAsTheyHaveTerms() throws {
    let found = try Self.matches(Self.x + .value("y") + .value("z"), in: Self.make((Self.a + Self.b) + (Self.c + Self.d)))
    #expect(found.count == 12)
    #expect(found.allSatisfy { Set($0.values).intersection(["a", "b", "c", "d"]).count == 2 })
  }

  @Test(arguments: [
    (ElementType.float32, Double(Float(0.1)), 0.0, true), (.float32, Double(Float(0.1).nextUp), 0, false),
    (.float32, Double(Float(0.1).nextUp), 1, true),
    (.float32, Double(Float(0.1).nextUp.nextUp), 1, false), (.float64, 0.1, 0, true), (.float64, Double(Float(0.1)), 1, false),
    (.float16, Double(Float16(0.1)), 0, true), (.float16, Double(Float16(0.1).nextDown), 1, true), (.bfloat16, 0.10009765625, 0, true),
    (.float32, -0.1, 8, false), (.float32, .nan, 8, false),
  ])
  func numbers(_ type: ElementType, _ found: Double, _ ulps: Double, _ expected: Bool) throws {
    let graph = try graph(
      .value("a") * .value("k"), inputs: [("a", [2])], constants: ["k": Tensor(floating: [found], as: type, shape: [1])], type: type)
    #expect(try !Self.matches(Self.x * .number(0.1, ulps: ulps), in: graph).isEmpty == expected)
  }

  @Test func numbersOfIntegersAreExact() throws {
    let graph = try Self.make(Self.a * 3, type: .int64)
    #expect(try Self.matches(Self.x * 3, in: graph).count == 1)
    #expect(try Self.matches(Self.x * .number(3.5, ulps: 1), in: graph).isEmpty)
  }

  @Test func numbersAreSingleElements() throws {
    let graph = try graph(.value("a") * .value("k"), inputs: [("a", [2])], constants: ["k": floats([2, 2])])
    #expect(try Self.matches(Self.x * 2, in: graph).isEmpty)
    #expect(try Self.matches(Self.x * .constant("c"), in: graph) == [["x": "a", "c": "k"]])
    #expect(try Self.matches(Self.x * .constant("c", where: { $0.elementCount == 1 }), in: graph).isEmpty)
  }

  @Test func attributes() throws {
    func softmax(_ pattern: AttributePattern?) -> Expression { .op("Softmax", Self.a, attributes: pattern.map { ["axis": $0] } ?? [:]) }
    let first = try Self.make(softmax(.is(.int(0))))
    let absent = try Self.make(softmax(nil))
    #expect(try Self.matches(softmax(.is(.int(0))), in: first).count == 1)
    #expect(try Self.matches(softmax(.is(.int(1))), in: first).isEmpty)
    #expect(try Self.matches(softmax(.isOrAbsent(.int(0))), in: first).count == 1)
    #expect(try Self.matches(softmax(.isOrAbsent(.int(-1))), in: first).isEmpty)
    #expect(try Self.matches(softmax(.isOrAbsent(.int(-1))), in: absent).count == 1)
    #expect(try Self.matches(softmax(.is(.int(-1))), in: absent).isEmpty)
    #expect(try Self.matches(softmax(nil), in: first).count == 1)
  }

  @Test func optionalInputs() throws {
    let pattern = Expression.op("Clip", Self.x, .optional("low"), .optional("high"))
    #expect(try Self.matches(pattern, in: Self.make(.op("Clip", Self.a), shape: [])) == [["x": "a"]])
    #expect(
      try Self.matches(pattern, in: Self.make(.op("Clip", Self.a, .optional("none"), Self.b), shape: [])) == [["x": "a", "high": "b"]])
    #expect(try Self.matches(.op("Clip", Self.x, .value("low")), in: Self.make(.op("Clip", Self.a))).isEmpty)
    #expect(try Self.matches(.op("Clip", Self.x), in: Self.make(.op("Clip", Self.a, Self.b), shape: [])).isEmpty)
  }

  @Test func buildingWithoutAValueIsABug() throws {
    var builder = GraphBuilder("test", opset: 26)
    var values: [String: ValueID] = [:]
    #expect(throws: OnyxError.self) { try Self.x.build(into: &builder, values: &values, scalars: .float32) }
    #expect(throws: OnyxError.self) { try Expression.anyOf([]).build(into: &builder, values: &values, scalars: .float32) }
  }

  @Test func equalAttributes() {
    let nan = Attribute.float(.nan)
    #expect(nan.isIdentical(to: nan) && !Attribute.float(0).isIdentical(to: .float(-0.0)) && !Attribute.int(1).isIdentical(to: .float(1)))
    #expect(Attribute.text("a").isIdentical(to: .text("a")) && !Attribute.ints([1]).isIdentical(to: .ints([1, 2])))
    #expect(!Attribute.graph(Graph()).isIdentical(to: .graph(Graph())))
  }
}
