import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rewrites of nodes with bodies. Every graph runs as it was and rewritten, and gives the same.
@Suite("Control flow is written simpler where constants say how it goes")
struct ControlFlowTests {
  typealias Formals = [(String, ElementType, [Dimension]?)]

  /// A body with formal inputs and, behind them, captures of values around it.
  static func body(
    _ formals: Formals, capturing outer: [ValueID] = [], _ make: (inout GraphBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> Attribute {
    var builder = GraphBuilder("body", opset: Catalog.newestOpset)
    let ids = formals.map { builder.input($0.0, $0.1, $0.2) }
    let inner = outer.indices.map { builder.input("captured\($0)", .float32, nil) }
    for id in try make(&builder, ids + inner) { builder.output(id) }
    var graph = builder.graph
    graph.inputs = ids
    graph.captures = zip(outer, inner).map { Capture(outer: $0, inner: $1) }
    for id in inner { graph[id].type = nil }
    return .graph(graph)
  }

  static let flags: Formals = [("i", .int64, []), ("c", .bool, [])]

  static func run(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor] {
    let cache = PlanCache(try Program(graph, table: KernelTable(), isa: .host), memoryBudget: 1 << 30)
    return try cache.plan(for: inputs.map { Value.tensor($0) }).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: ThreadPool(threads: 1)).run(execution, inputs: inputs, control: RunControl())
    }
  }

  /// The rewritten graph, after both gave the same for the inputs and kept the names of the outputs.
  @discardableResult
  static func rewritten(
    _ graph: Graph, _ inputs: [[Tensor]], applies names: Set<String>, _ sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Graph {
    let result = try Optimizer.optimize(graph)
    #expect(Set(result.report.applied.map(\.rewrite)).isSuperset(of: names), sourceLocation: sourceLocation)
    #expect(result.report.end == .finished, sourceLocation: sourceLocation)
    #expect(try Optimizer.optimize(result.graph).report.applied.isEmpty, sourceLocation: sourceLocation)
    for (a, b) in zip(graph.outputs, result.graph.outputs) {
      #expect(graph[a].name == result.graph[b].name, sourceLocation: sourceLocation)
    }
    for inputs in inputs {
      let (expected, found) = (try run(graph, inputs), try run(result.graph, inputs))
      for (a, b) in zip(expected, found) { #expect(a == b, sourceLocation: sourceLocation) }
    }
    return result.graph
  }

  static func names(_ graph: Graph) -> [String] { graph.nodes.map(\.op.name) }

  // MARK: If

  /// The branch has captures, constants, a body of its own, one value twice, one that it was given.
  @Test(arguments: [true, false]) func aKnownBranchTakesThePlaceOfItsIf(taken: Bool) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, flag) = (builder.input("x", .float32, [2]), builder.input("f", .bool, []))
    let branch = try Self.body([], capturing: [x, flag]) { body, ids in
      let sum = body.node("Add", ids[0], body.constant(try floats([1, 2])), name: "sum")
      let inner = { (op: String) in try Self.body([], capturing: [sum, ids[0]]) { body, ids in [body.node(op, ids[0], ids[1])] } }
      let attributes = ["then_branch": try inner("Mul"), "else_branch": try inner("Sub")]
      return [body.nodes("If", [ids[1]], outputs: 1, attributes: attributes)[0], sum, sum, ids[0], body.constant(try floats([7]))]
    }
    let other = try Self.body([], capturing: [x]) { body, ids in Array(repeating: body.node("Neg", ids[0]), count: 5) }
    let results = builder.nodes(
      "If", [builder.constant(try Tensor(scalar: taken))], outputs: 5,
      attributes: ["then_branch": taken ? branch : other, "else_branch": taken ? other : branch], name: "choice")
    for id in results { builder.output(id) }
    let inputs = [true, false].map { [try! floats([3, 5]), try! Tensor(scalar: $0)] }
    let graph = try Self.rewritten(builder.graph, inputs, applies: ["inline-if"])
    #expect(Self.names(graph).filter { $0 == "If" }.count == 1)
    #expect(graph.nodes.contains { $0.name == "choice/sum" })
  }

  @Test func anUnknownConditionKeepsItsIf() throws {
    var (builder, x, condition) = BodyTests.start()
    let graph = try BodyTests.graph(captured: x, in: &builder, condition: condition) { body, x in body.node("Exp", x) }
    let report = try Optimizer.optimize(graph).report
    #expect(report.declined.contains { $0.rewrite == "inline-if" && $0.reason == "The condition must be a constant." })
  }

  // MARK: Loop

  /// x ← x · k + i, collected; k is captured.
  static func loop(limit: Int64?, condition: Bool? = nil, bodySays: Bool = true, collects: Bool = true) throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, k) = (builder.input("x", .float32, [2]), builder.input("k", .float32, [2]))
    let m = try limit.map { builder.constant(try Tensor(scalar: $0)) } ?? builder.input("M", .int64, [])
    let c = try condition.map { builder.constant(try Tensor(scalar: $0)) }
    let loop = try body(flags + [("v", .float32, [2])], capturing: [k]) { body, ids in
      let number = body.node("Cast", ids[0], attributes: ["to": .int(1)])
      let next = body.node("Add", body.node("Mul", ids[2], ids[3]), number)
      return [bodySays ? body.node("Identity", ids[1]) : body.constant(try Tensor(scalar: false)), next, body.node("Exp", next)]
    }
    let results = builder.nodes("Loop", [m, c, x], outputs: collects ? 2 : 1, attributes: ["body": loop], name: "loop")
    for id in results { builder.output(id) }
    return builder.graph
  }

  @Test(arguments: [Int64(-1), 0, 1], [nil, true]) func aLoopOfFewIterationsIsInlined(limit: Int64, condition: Bool?) throws {
    let graph = try Self.loop(limit: limit, condition: condition)
    let result = try Self.rewritten(graph, [[try floats([1, 2]), try floats([3, 4])]], applies: ["inline-loop"])
    #expect(!Self.names(result).contains("Loop"))
  }

  @Test func aFalseConditionMeansNoIteration() throws {
    let graph = try Self.loop(limit: 5, condition: false)
    #expect(
      !Self.names(try Self.rewritten(graph, [[try floats([1, 2]), try floats([3, 4])]], applies: ["inline-loop"])).contains("Loop"))
  }

  @Test func loopsOfMoreIterationsStay() throws {
    let graph = try Self.loop(limit: 2)
    #expect(Self.names(try Self.rewritten(graph, [[try floats([1, 2]), try floats([3, 4])]], applies: [])) == ["Loop"])
  }

  @Test func theNumberOfIterationsIsAnExtent() throws {
    let graph = try Self.loop(limit: 7)
    let inference = try GraphInference(graph)
    #expect(inference[graph.outputs[1]]?.shape == [7, 2])
  }

  // MARK: Values of iterations

  /// a and b feed each other and nothing else, c is read, d only decides when the loop ends, e stays as it is.
  @Test func whatNobodyReadsIsNotCarried() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let m = builder.input("M", .int64, [])
    let starts = ["a", "b", "c", "d", "e"].map { builder.input($0, .float32, $0 == "d" ? [] : [2]) }
    let formals: Formals = Self.flags + ["a", "b", "c", "d", "e"].map { ($0, .float32, $0 == "d" ? [] : [2]) }
    let loop = try Self.body(formals) { body, ids in
      let ends = body.node("Less", ids[5], body.constant(try Tensor(scalar: Float(3))))
      let d = body.node("Add", ids[5], body.constant(try Tensor(scalar: Float(1))))
      return [
        ends, body.node("Exp", ids[3]), body.node("Add", ids[2], ids[3]), body.node("Mul", ids[4], ids[6]), d,
        body.node("Identity", ids[6]), body.node("Neg", ids[2]), body.node("Neg", ids[4]),
      ]
    }
    let results = builder.nodes("Loop", [m, nil] + starts, outputs: 7, attributes: ["body": loop], name: "loop")
    builder.output(results[2], results[4], results[6])
    let carried = try (0..<5).map { index -> Tensor in try index == 3 ? Tensor(scalar: Float(0)) : floats([2, Double(index)]) }
    let inputs = try [0, 1, 9].map { count -> [Tensor] in [try Tensor(scalar: Int64(count))] + carried }
    let graph = try Self.rewritten(
      builder.graph, inputs, applies: ["remove-unused-iteration-values", "capture-unchanged-values"])
    let node = try #require(graph.nodes.first { $0.op.name == "Loop" })
    // c and d.
    #expect(node.inputs.count == 4)
    #expect(node.bodies[0].captures.count == 1)
    #expect(node.bodies[0].outputs.count == 4)
    #expect(!Self.names(node.bodies[0]).contains("Exp"))
  }

  @Test func scansLoseWhatNobodyReads() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (s, t, x) = (builder.input("s", .float32, [2]), builder.input("t", .float32, [2]), builder.input("x", .float32, ["n", 2]))
    let scan = try Self.body([("s", .float32, [2]), ("t", .float32, [2]), ("e", .float32, [2])]) { body, ids in
      let sum = body.node("Add", ids[0], ids[2])
      return [sum, body.node("Mul", ids[1], ids[2]), body.node("Exp", ids[2]), body.node("Neg", sum)]
    }
    let results = builder.nodes(
      "Scan", [s, t, x], outputs: 4,
      attributes: [
        "body": scan, "num_scan_inputs": .int(1), "scan_output_axes": .ints([0, 1]), "scan_output_directions": .ints([0, 1]),
      ])
    builder.output(results[3])
    let inputs = [[try floats([1, 2]), try floats([1, 2]), try floats([1, 2, 3, 4, 5, 6], [3, 2])]]
    let node = try #require(
      try Self.rewritten(builder.graph, inputs, applies: ["remove-unused-iteration-values"]).nodes.first { $0.op.name == "Scan" })
    #expect(node.inputs.count == 2)
    #expect(node.bodies[0].outputs.count == 2)
  }

  // MARK: Invariants

  /// v ← v + MatMul(k, k) + Exp(k), with a node that may fail and one that draws.
  static func invariant(limit: Int64?, op: String = "MatMul") throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, k) = (builder.input("x", .float32, [2, 2]), builder.input("k", .float32, [2, 2]))
    let m = try limit.map { builder.constant(try Tensor(scalar: $0)) } ?? builder.input("M", .int64, [])
    let loop = try body(flags + [("v", .float32, [2, 2])], capturing: [k]) { body, ids in
      let scaled = body.node("Mul", body.node("Exp", ids[3]), body.constant(try floats([2], [1])))
      let product = body.node(op, ids[3], scaled)
      return [body.node("Identity", ids[1]), body.node("Add", ids[2], body.node("Add", product, scaled))]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": loop], name: "loop")[0])
    return builder.graph
  }

  static let squares = try! [floats([1, 2, 3, 4], [2, 2]), floats([0.5, 0.25, 1, 2], [2, 2])]

  @Test func aLoopThatCertainlyRunsGivesUpWhatStays() throws {
    let graph = try Self.rewritten(Self.invariant(limit: 3), [Self.squares], applies: ["hoist-from-loop"])
    #expect(Set(Self.names(graph)).isSuperset(of: ["Exp", "MatMul", "Loop"]))
    let body = try #require(graph.nodes.first { $0.op.name == "Loop" }?.bodies[0])
    #expect(Self.names(body) == ["Add"])
  }

  /// A product may be large and a Gather may fail, so both wait for a first iteration.
  @Test func aLoopThatMayNotRunKeepsWhatCostsOrFails() throws {
    let inputs = [0, 2].map { Self.squares + [try! Tensor(scalar: Int64($0))] }
    let graph = try Self.rewritten(Self.invariant(limit: nil), inputs, applies: ["hoist-from-loop"])
    #expect(Set(Self.names(graph)).isSuperset(of: ["Exp", "Mul", "Loop"]))
    #expect(!Self.names(graph).contains("MatMul"))
    let body = try #require(graph.nodes.first { $0.op.name == "Loop" }?.bodies[0])
    #expect(Self.names(body).sorted() == ["Add", "Add", "MatMul"])
  }

  /// Shapes that may not fit are left to the iterations.
  @Test func shapesThatMayNotFitStay() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, [2]))
    let (a, b) = (builder.input("a", .float32, ["n"]), builder.input("b", .float32, ["k"]))
    let loop = try Self.body(Self.flags + [("v", .float32, [2])], capturing: [a, b]) { body, ids in
      [body.node("Identity", ids[1]), body.node("Add", ids[2], body.node("Mul", ids[3], ids[4]))]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": loop])[0])
    let inputs = try [Tensor(scalar: Int64(2)), floats([1, 2]), floats([1, 2]), floats([3, 4])]
    let graph = try Self.rewritten(builder.graph, [inputs], applies: [])
    #expect(Self.names(graph) == ["Loop"])
  }

  @Test func randomNumbersStayInTheirIterations() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [2])
    let loop = try Self.body(Self.flags + [("v", .float32, [2])], capturing: [x]) { body, ids in
      let drawn = body.node("RandomUniformLike", ids[3])
      return [body.node("Identity", ids[1]), body.node("Add", ids[2], drawn)]
    }
    let three = builder.constant(try Tensor(scalar: Int64(3)))
    builder.output(builder.nodes("Loop", [three, nil, x], outputs: 1, attributes: ["body": loop])[0])
    #expect(Self.names(try Optimizer.optimize(builder.graph).graph) == ["Loop"])
  }

  // MARK: Bodies of the same name

  /// Two unnamed nodes whose bodies are equal: what is done in one is done in the other.
  @Test func equalBodiesOfUnnamedNodesAreBothRewritten() throws {
    var (builder, x, condition) = BodyTests.start()
    for _ in 0..<2 {
      let branch = { (name: String) in
        try Self.body([], capturing: [x]) { body, ids in [body.node("Mul", ids[0], body.node("Sigmoid", ids[0]))] }
      }
      builder.output(
        builder.nodes(
          "If", [condition], outputs: 1, attributes: ["then_branch": try branch("t"), "else_branch": try branch("e")])[0])
    }
    var graph = builder.graph
    for index in graph.nodes.indices { graph.nodes[index].name = "" }
    let result = try Optimizer.optimize(graph).graph
    #expect(result.nodes.flatMap(\.bodies).map { Self.names($0) } == Array(repeating: ["Swish"], count: 4))
  }
}
