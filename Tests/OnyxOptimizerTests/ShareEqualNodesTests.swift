import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

struct ShareEqualNodesTests {
  static let x = Expression.value("x")

  @Test func equalNodes() throws {
    let formula = Expression.op("Sqrt", .op("Neg", Self.x)) * (.op("Sqrt", .op("Neg", Self.x)) + 1)
    let result = try differential(graph(formula, inputs: [("x", ["n"])]), symbols: ["n": 4])
    #expect(
      result.graph.text == """
        graph test(x: float32[n]) -> (Mul_5_output)
          const constant_5: float32[]
          Neg_0_output = Neg(x)
          Sqrt_1_output = Sqrt(Neg_0_output)
          Add_4_output = Add(Sqrt_1_output, constant_5)
          Mul_5_output = Mul(Sqrt_1_output, Add_4_output)

        """)
    #expect(result.report.counts == ["share-equal-nodes": 2])
  }

  @Test func differencesThatCount() throws {
    func reduce(_ keeps: Int64) -> Expression { .op("ReduceMax", Self.x, attributes: ["keepdims": .is(.int(keeps))]) }
    for formula in [reduce(0) + reduce(1), (Self.x - 1) * (1 - Self.x), .op("Sin", Self.x) * .op("Cos", Self.x)] {
      let result = try differential(graph(formula, inputs: [("x", [1, 3])]))
      #expect(result.report.counts["share-equal-nodes"] == nil)
    }
  }

  @Test func twoOutputsStayTwoValues() throws {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, [4])
    builder.output(builder.node("Neg", x), builder.node("Neg", x))
    try expectDeclined(builder.graph, "share-equal-nodes", because: "must both keep their names")
  }

  @Test func aFetchedValueTakesTheNode() throws {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, [4])
    let (a, b) = (builder.node("Neg", x), builder.node("Neg", x))
    builder.output(builder.node("Mul", builder.node("Sqrt", a), b))
    let result = try differential(builder.graph, OptimizerOptions(kept: ["Neg_1_output"]))
    #expect(operators(result.graph) == ["Neg", "Sqrt", "Mul"])
    #expect(nodeLines(result.graph)[0] == "Neg_1_output = Neg(x)")
  }

  @Test func anOutputThatTheFirstLeavesOut() throws {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, [4])
    let k = builder.constant(try Tensor([2]))
    let first = builder.nodes("TopK", [x, k], outputs: 2)
    let second = builder.nodes("TopK", [x, k], outputs: 2)
    builder.output(builder.node("Neg", first[0]), builder.node("Neg", second[1]))
    let result = try differential(builder.graph)
    #expect(operators(result.graph) == ["TopK", "Neg", "Neg"])
  }

  /// Each node draws its own numbers: neither shared nor folded.
  @Test(.enabled(if: Catalog.definition(of: OperatorName("RandomUniformLike")) != nil, "The catalog has no RandomUniformLike."))
  func randomNodes() throws {
    let constant = try floats([1, 2])
    let formula = Expression.op("RandomUniformLike", .value("k")) - .op("RandomUniformLike", .value("k")) * Self.x
    let result = try Optimizer.optimize(graph(formula, inputs: [("x", [2])], constants: ["k": constant]))
    #expect(operators(result.graph).sorted() == ["Mul", "RandomUniformLike", "RandomUniformLike", "Sub"])
    #expect(result.report.declined.map(\.reason) == ["The operator gives other results each time."])
  }
}
