import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Graphs with bodies, planned and run.
@Suite("Bodies run as programs of their own")
struct BodyRunTests {
  /// A body whose last `captured` inputs are captures of these values of the enclosing graph.
  static func body(
    _ name: String, inputs: [(String, ElementType, [Dimension]?)], capturing outer: [ValueID] = [],
    _ make: (inout GraphBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> Attribute {
    var builder = GraphBuilder(name, opset: Catalog.newestOpset)
    let ids = inputs.map { builder.input($0.0, $0.1, $0.2) }
    for id in try make(&builder, ids) { builder.output(id) }
    var graph = builder.graph
    let formals = inputs.count - outer.count
    graph.inputs = Array(ids.prefix(formals))
    graph.captures = zip(outer, ids.dropFirst(formals)).map { Capture(outer: $0, inner: $1) }
    for capture in graph.captures { graph[capture.inner].type = nil }
    return .graph(graph)
  }

  static func run(_ graph: Graph, _ inputs: [Value], threads: Int = 1, control: RunControl = RunControl(), optimized: Bool = false) throws
    -> [Value]
  {
    let graph = optimized ? try Optimizer.optimize(graph).graph : graph
    let cache = PlanCache(try Program(graph, table: KernelTable(), isa: .host), memoryBudget: 1 << 30)
    return try cache.plan(for: inputs.map { $0 }).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: ThreadPool(threads: threads)).run(execution, values: inputs.map { $0 }, control: control)
    }
  }

  /// NaN with its payload, −0 and infinities leave loops, scans and sequences bit for bit.
  @Test(arguments: [false, true]) func valuesPassAsTheyAre(optimized: Bool) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [4])
    let loop = try Self.body("loop", inputs: [("i", .int64, []), ("c", .bool, []), ("v", .float32, [4])]) { body, ids in
      [body.node("Identity", ids[1]), body.node("Identity", ids[2]), body.node("Identity", ids[2])]
    }
    let scan = try Self.body("scan", inputs: [("s", .float32, []), ("e", .float32, [])]) { body, ids in
      [body.node("Identity", ids[1]), body.node("Identity", ids[1])]
    }
    let (rounds, goesOn) = (builder.constant(try Tensor(scalar: 3 as Int64)), builder.constant(try Tensor(scalar: true)))
    let carried = builder.nodes("Loop", [rounds, goesOn, x], outputs: 2, attributes: ["body": loop])
    let start = builder.constant(try Tensor(scalar: 0 as Float))
    let scanned = builder.nodes("Scan", [start, x], outputs: 2, attributes: ["body": scan, "num_scan_inputs": .int(1)])
    let sequence = builder.nodes("SequenceConstruct", [x, carried[0]], outputs: 1)[0]
    let item = builder.node("SequenceAt", sequence, builder.constant(try Tensor(scalar: 1 as Int64)))
    builder.output(carried[0], carried[1], scanned[1], item)
    let numbers: [Float] = [Float(bitPattern: 0x7fc0_1234), -0.0, .infinity, -.infinity]
    let results = try Self.run(builder.graph, [.tensor(try Tensor(numbers))], optimized: optimized)
    for (result, times) in zip(results, [1, 3, 1, 1]) {
      guard case .tensor(let tensor) = result else {
        Issue.record("\(result) is no tensor")
        continue
      }
      let wanted = (0..<times).flatMap { _ in numbers.map(\.bitPattern) }
      #expect(try tensor.elements(as: Float.self).map(\.bitPattern) == wanted)
    }
  }

  /// Loop(M, true, x): carried ← carried · factor + captured, and each carried value is collected.
  static func accumulation(capturedInArena: Bool) throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, [4]))
    let captured = capturedInArena ? builder.node("Neg", x) : builder.constant(try Tensor([1, 1, 1, 1] as [Float]))
    // Steps between the captured value and the loop would take its memory if its life ended here.
    var noise = x
    for _ in 0..<4 { noise = builder.node("Exp", builder.node("Neg", noise)) }
    let loop = try body(
      "body", inputs: [("i", .int64, []), ("c", .bool, []), ("v", .float32, [4]), ("k", .float32, [4])], capturing: [captured]
    ) { body, ids in
      let doubled = body.node("Mul", ids[2], body.constant(try Tensor([2, 2, 2, 2] as [Float])))
      let next = body.node("Add", doubled, ids[3])
      return [body.node("Identity", ids[1]), next, body.node("Identity", next)]
    }
    let results = builder.nodes(
      "Loop", [m, builder.constant(try Tensor(scalar: true)), x], outputs: 2, attributes: ["body": loop], name: "loop")
    builder.output(results[0], results[1], noise)
    return builder.graph
  }

  @Test(arguments: [true, false], [true, false]) func capturedValuesLiveAsLongAsTheLoop(inArena: Bool, optimized: Bool) throws {
    let x = try Tensor([1, 2, 3, 4] as [Float])
    let results = try Self.run(
      Self.accumulation(capturedInArena: inArena), [.tensor(try Tensor(scalar: Int64(3))), .tensor(x)], optimized: optimized)
    // v ← 2v + k, three times from x: 8x + 7k with k = −x or 1.
    let expected: [Float] = inArena ? [1, 2, 3, 4] : [15, 23, 31, 39]
    #expect(try results[0].tensor().elements(as: Float.self) == expected)
    let collected = try results[1].tensor()
    #expect(collected.shape == [3, 4])
    #expect(try Array(collected.elements(as: Float.self).prefix(4)) == (inArena ? [1, 2, 3, 4] : [3, 5, 7, 9]))
  }

  @Test func noIterationGivesTheInitialValueAndNothingCollected() throws {
    let x = try Tensor([1, 2, 3, 4] as [Float])
    let results = try Self.run(Self.accumulation(capturedInArena: true), [.tensor(try Tensor(scalar: Int64(0))), .tensor(x)])
    #expect(try results[0].tensor().elements(as: Float.self) == [1, 2, 3, 4])
    #expect(try results[1].tensor().shape == [0, 4])
  }

  /// Results of an iteration that somebody keeps must not change when a later iteration reuses memory.
  @Test func keptResultsAreNotOverwritten() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, [3]))
    let empty = builder.nodes("SequenceEmpty", [], outputs: 1)[0]
    let loop = try Self.body(
      "body", inputs: [("i", .int64, []), ("c", .bool, []), ("v", .float32, [3]), ("s", .float32, nil)]
    ) { body, ids in
      let next = body.node("Add", ids[2], ids[2])
      return [body.node("Identity", ids[1]), next, body.node("SequenceInsert", ids[3], next)]
    }
    guard case .graph(var graph) = loop else { return }
    graph[graph.inputs[3]].type = .sequence(.tensor(.float32, shape: nil))
    let results = builder.nodes(
      "Loop", [m, builder.constant(try Tensor(scalar: true)), x, empty], outputs: 2, attributes: ["body": .graph(graph)])
    builder.output(results[1])
    let kept = try Self.run(builder.graph, [.tensor(try Tensor(scalar: Int64(6))), .tensor(try Tensor([1, 2, 3] as [Float]))])[0].sequence()
    for (index, value) in kept.enumerated() {
      let factor = Float(2 << index)
      #expect(try value.tensor().elements(as: Float.self) == [factor, 2 * factor, 3 * factor])
    }
    #expect(kept.count == 6)
  }

  /// A carried tensor that grows: every iteration has another plan.
  @Test func carriedValuesMayGrow() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, ["n"]))
    let loop = try Self.body(
      "body", inputs: [("i", .int64, []), ("c", .bool, []), ("v", .float32, ["n"])]
    ) { body, ids in
      let number = body.node("Unsqueeze", body.node("Cast", ids[0], attributes: ["to": .int(1)]), body.constant(try Tensor([0])))
      return [body.node("Identity", ids[1]), body.nodes("Concat", [ids[2], number], outputs: 1, attributes: ["axis": .int(0)])[0]]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": loop])[0])
    let result = try Self.run(builder.graph, [.tensor(try Tensor(scalar: Int64(20))), .tensor(try Tensor([9, 9] as [Float]))])[0].tensor()
    #expect(try result.elements(as: Float.self) == [9, 9] + (0..<20).map { Float($0) })
  }

  @Test func anEndlessLoopEndsAtItsDeadline() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [1])
    let loop = try Self.body("body", inputs: [("i", .int64, []), ("c", .bool, []), ("v", .float32, [1])]) { body, ids in
      [body.node("Identity", ids[1]), body.node("Identity", ids[2])]
    }
    builder.output(builder.nodes("Loop", [nil, builder.constant(try Tensor(scalar: true)), x], outputs: 1, attributes: ["body": loop])[0])
    let graph = builder.graph
    let error = #expect(throws: OnyxError.self) {
      try Self.run(graph, [.tensor(try Tensor([1] as [Float]))], control: RunControl(deadline: .now + .milliseconds(50)))
    }
    #expect(error?.code == .budgetExceeded)
  }

  @Test func collectedResultsKeepToTheBudget() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [65536])
    let loop = try Self.body("body", inputs: [("i", .int64, []), ("c", .bool, []), ("v", .float32, [65536])]) { body, ids in
      [body.node("Identity", ids[1]), body.node("Neg", ids[2]), body.node("Abs", ids[2])]
    }
    builder.output(builder.nodes("Loop", [nil, builder.constant(try Tensor(scalar: true)), x], outputs: 2, attributes: ["body": loop])[1])
    let graph = builder.graph
    let error = #expect(throws: OnyxError.self) {
      try Self.run(graph, [.tensor(try .filled(with: Float(1), shape: [65536]))], control: RunControl(memoryBudget: 8 << 20))
    }
    #expect(error?.code == .budgetExceeded)
  }

  @Test func errorsInBodiesNameTheNodesAround() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (condition, x) = (builder.input("c", .bool, []), builder.input("x", .float32, ["n"]))
    let then = try Self.body("then", inputs: [("k", .float32, nil)], capturing: [x]) { body, ids in
      [body.node("Reshape", ids[0], body.constant(try Tensor([2, 2])), name: "inner")]
    }
    let otherwise = try Self.body("else", inputs: [("k", .float32, nil)], capturing: [x]) { body, ids in [body.node("Neg", ids[0])] }
    builder.output(
      builder.nodes("If", [condition], outputs: 1, attributes: ["then_branch": then, "else_branch": otherwise], name: "choice")[0])
    let graph = builder.graph
    let five = Value.tensor(try Tensor([1, 2, 3, 4, 5] as [Float]))
    let error = #expect(throws: OnyxError.self) { try Self.run(graph, [.tensor(try Tensor(scalar: true)), five]) }
    #expect(error?.trail == ["inner (Reshape)", "choice (If)"])
    // The branch that breaks a rule is not taken.
    let result = try Self.run(graph, [.tensor(try Tensor(scalar: false)), five])[0].tensor()
    #expect(try result.elements(as: Float.self) == [-1, -2, -3, -4, -5])
  }

  /// The innermost body hands a value of the outermost graph's memory through.
  @Test(arguments: [true, false]) func valuesPassThroughNestedBodies(optimized: Bool) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (condition, x) = (builder.input("c", .bool, []), builder.input("x", .float32, [2]))
    let negative = builder.node("Neg", x)
    func choice(_ name: String, _ depth: Int) throws -> Attribute {
      try Self.body(
        name, inputs: [("k", .float32, nil), ("d", .bool, nil)], capturing: depth == 2 ? [negative, condition] : [ValueID(0), ValueID(1)]
      ) {
        body, ids in
        guard depth > 0 else { return [ids[0]] }
        let branches = ["then_branch": try choice("\(name)t", depth - 1), "else_branch": try choice("\(name)e", depth - 1)]
        return [body.nodes("If", [ids[1]], outputs: 1, attributes: branches)[0]]
      }
    }
    let result = builder.nodes(
      "If", [condition], outputs: 1, attributes: ["then_branch": try choice("t", 2), "else_branch": try choice("e", 2)])[0]
    builder.output(builder.node("Add", result, x), builder.node("Exp", x))
    for flag in [true, false] {
      let results = try Self.run(
        builder.graph, [.tensor(try Tensor(scalar: flag)), .tensor(try Tensor([3, 4] as [Float]))], optimized: optimized)
      #expect(try results[0].tensor().elements(as: Float.self) == [0, 0])
    }
  }

  @Test func randomNumbersDifferFromIterationToIteration() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let m = builder.input("M", .int64, [])
    let loop = try Self.body("body", inputs: [("i", .int64, []), ("c", .bool, [])]) { body, ids in
      [body.node("Identity", ids[1]), body.nodes("RandomUniform", [], outputs: 1, attributes: ["shape": .ints([2])])[0]]
    }
    builder.output(builder.nodes("Loop", [m, nil], outputs: 1, attributes: ["body": loop])[0])
    let graph = builder.graph
    func draw(_ seed: UInt64?, threads: Int) throws -> [Float] {
      try Self.run(graph, [.tensor(try Tensor(scalar: Int64(4)))], threads: threads, control: RunControl(seed: seed))[0].tensor().elements(
        as: Float.self)
    }
    let first = try draw(7, threads: 1)
    #expect(Set(first).count == 8)
    #expect(try draw(7, threads: 3) == first)
    #expect(try draw(8, threads: 1) != first)
    #expect(try draw(nil, threads: 1) != draw(nil, threads: 1))
  }

  @Test func scansRunBothWaysAlongAnyAxis() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [2, 3])
    let start = builder.constant(try Tensor([0, 0] as [Float]))
    let scan = try Self.body("body", inputs: [("s", .float32, [2]), ("e", .float32, [2])]) { body, ids in
      let sum = body.node("Add", ids[0], ids[1])
      return [sum, body.node("Identity", sum)]
    }
    builder.output(
      builder.nodes(
        "Scan", [start, x], outputs: 2,
        attributes: [
          "body": scan, "num_scan_inputs": .int(1), "scan_input_axes": .ints([-1]), "scan_output_axes": .ints([1]),
          "scan_input_directions": .ints([1]),
        ])[1])
    let result = try Self.run(builder.graph, [.tensor(try Tensor([1, 2, 3, 10, 20, 30] as [Float], shape: [2, 3]))])[0].tensor()
    // Sums from the last column to the first, collected in the order of the iterations.
    #expect(result.shape == [2, 3])
    #expect(try result.elements(as: Float.self) == [3, 5, 6, 30, 50, 60])
  }
}
