import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Rewriting inside the bodies of control flow.
struct BodyTests {
  typealias Branch = (inout GraphBuilder, ValueID) throws -> ValueID

  /// If(c): `then` of what it captures, else `otherwise` of it.
  static func graph(
    captured: ValueID, in builder: inout GraphBuilder, condition: ValueID, _ then: Branch,
    otherwise: Branch = { body, x in body.node("Abs", x) }
  ) throws -> Graph {
    func body(_ name: String, _ make: Branch) throws -> Attribute {
      var body = GraphBuilder(name, opset: 26)
      let inner = body.input("\(name)_x", .float32, ["batch", 4])
      body.output(try make(&body, inner))
      var graph = body.graph
      graph.inputs = []
      graph[inner].type = nil
      graph.captures = [Capture(outer: captured, inner: inner)]
      return .graph(graph)
    }
    let branches = try ["then_branch": body("yes", then), "else_branch": body("no", otherwise)]
    builder.output(builder.nodes("If", [condition], outputs: 1, attributes: branches, name: "if")[0])
    return builder.graph
  }

  static func body(_ name: String, of graph: Graph) -> Graph? {
    graph.nodes.lazy.compactMap { $0.attributes[name]?.graphs.first }.first
  }

  static func start() -> (GraphBuilder, x: ValueID, condition: ValueID) {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, ["batch", 4])
    let condition = builder.input("c", .bool, [])
    return (builder, x, condition)
  }

  @Test func formulasInBodies() throws {
    var (builder, x, condition) = Self.start()
    let graph = try Self.graph(captured: x, in: &builder, condition: condition) { body, x in
      body.node("Mul", x, body.node("Sigmoid", body.node("Identity", x)))
    }
    let result = try Optimizer.optimize(graph)
    #expect(operators(try #require(Self.body("then_branch", of: result.graph))) == ["Swish"])
    #expect(
      result.report.applied.map(\.node) == ["if (If) then_branch > Identity_0 (Identity)", "if (If) then_branch > Mul_2 (Mul)"])
    for limit in 0...1 {
      #expect(try Optimizer.optimize(graph, options: OptimizerOptions(rewritesLimit: limit)).report.applied.count == limit)
    }
  }

  @Test func capturedConstantsFold() throws {
    var (builder, _, condition) = Self.start()
    let constant = builder.constant(try floats([1, 4, 9, 16], [1, 4]))
    let graph = try Self.graph(captured: constant, in: &builder, condition: condition) { body, x in body.node("Sqrt", x) }
    let result = try Optimizer.optimize(graph).graph
    let body = try #require(Self.body("then_branch", of: result))
    #expect(body.nodes.isEmpty && body.captures.isEmpty)
    #expect(try body.initializers[body.outputs[0]]?.doubles() == [1, 2, 3, 4])
    // Both branches gave the constant up.
    #expect(result.initializers.isEmpty)
  }

  @Test func valuesThatBodiesCaptureStay() throws {
    var (builder, x, condition) = Self.start()
    let conv = builder.node("Sigmoid", x, name: "gate")
    builder.output(builder.node("Mul", conv, x))
    let graph = try Self.graph(captured: conv, in: &builder, condition: condition) { body, x in body.node("Neg", x) }
    let report = try Optimizer.optimize(graph).report
    #expect(
      report.declined.contains {
        $0.rewrite == "recognise-swish" && $0.reason == "The inner value 'gate_output' is also read by the body of if (If)."
      })
  }

  @Test func whatBodiesGiveUpDies() throws {
    var (builder, x, condition) = Self.start()
    let unused: Branch = { body, _ in body.node("Neg", body.constant(try floats([1]))) }
    let graph = try Self.graph(captured: builder.node("Exp", x), in: &builder, condition: condition, unused, otherwise: unused)
    #expect(operators(graph) == ["Exp", "If"])
    let result = try Optimizer.optimize(graph)
    #expect(operators(result.graph) == ["If"])
    #expect(result.report.counts == ["fold-constants": 2, "remove-dead-nodes": 1])
  }

  /// "batch" outside and "batch" inside are different dimensions: Expand(v, Shape(x)) may change v.
  @Test func symbolsOfBodiesAreTheirOwn() throws {
    var (builder, x, condition) = Self.start()
    var body = GraphBuilder("body", opset: 26)
    _ = body.input("iteration", .int64, [])
    let goesOn = body.input("goesOn", .bool, [])
    let v = body.input("v", .float32, ["batch", 4])
    let captured = body.input("captured", .float32, ["batch", 4])
    let stays = body.node("Identity", goesOn)
    body.output(stays, body.node("Neg", body.node("Expand", v, body.node("Shape", captured))))
    var bodyGraph = body.graph
    bodyGraph.inputs.removeAll { $0 == captured }
    bodyGraph.captures = [Capture(outer: x, inner: captured)]
    let start = builder.node("ReduceMax", x, builder.constant(try Tensor([0])))
    builder.output(builder.nodes("Loop", [nil, condition, start], outputs: 1, attributes: ["body": .graph(bodyGraph)], name: "loop")[0])
    let result = try Optimizer.optimize(builder.graph)
    #expect(operators(try #require(Self.body("body", of: result.graph))).contains("Expand"))
    #expect(result.report.declined.contains { $0.rewrite == "fix-expand-target" })
  }

  /// A branch that inference refuses is left as it is, and the report says why.
  @Test func inconsistentBranches() throws {
    var (builder, x, condition) = Self.start()
    let graph = try Self.graph(captured: x, in: &builder, condition: condition) { body, x in
      body.node("Identity", body.node("Add", x, body.constant(try floats([1, 2, 3]))))
    }
    let result = try Optimizer.optimize(graph)
    #expect(operators(try #require(Self.body("then_branch", of: result.graph))) == ["Add", "Identity"])
    #expect(result.report.declined.contains { $0.rewrite == "body" && $0.node == "if (If) then_branch" })
  }
}
