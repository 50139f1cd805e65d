import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import Testing

/// What a rewrite does to a loop or a branch grows with its size, not with the square of it.
@Suite("Large bodies are rewritten in time")
struct LargeLoopTests {
  /// The rewritten graph, made within `limit`: a walk of the whole body for each of its values takes many times as long.
  private static func optimized(_ graph: Graph, within limit: Duration, applies name: String?) throws -> Graph {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try Optimizer.optimize(graph)
    #expect(clock.now - start < limit * Sanitizer.patience)
    if let name { #expect(Set(result.report.applied.map(\.rewrite)).contains(name)) }
    return result.graph
  }

  /// Carried values that each need the one before of the iteration before; only the first is read.
  @Test func carriedValuesThatNeedOneAnother() throws {
    let count = 4000
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let m = builder.input("M", .int64, [])
    let starts = (0..<count + 1).map { builder.input("x\($0)", .float32, [2]) }
    let formals: ControlFlowTests.Formals = ControlFlowTests.flags + (0..<count + 1).map { ("v\($0)", .float32, [2]) }
    let loop = try ControlFlowTests.body(formals) { body, ids in
      let values = ids.dropFirst(2).map { body.node("Neg", $0) }
      // The last feeds itself and nothing else.
      var results = [body.node("Identity", ids[1])]
      results.append(contentsOf: values[1..<count])
      results.append(contentsOf: [values[0], values[count]])
      return results
    }
    builder.output(builder.nodes("Loop", [m, nil] + starts, outputs: count + 1, attributes: ["body": loop])[0])
    let graph = try Self.optimized(builder.graph, within: .seconds(20), applies: "remove-unused-iteration-values")
    let loops = graph.nodes.filter { $0.op.name == "Loop" }
    #expect(loops.map(\.inputs.count) == [2 + count])
  }

  /// Every carried value is the end of one long chain that hands on the first.
  @Test func carriedValuesOfOneLongChain() throws {
    let count = 4000
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let m = builder.input("M", .int64, [])
    let starts = (0..<count).map { builder.input("x\($0)", .float32, [2]) }
    let formals: ControlFlowTests.Formals = ControlFlowTests.flags + (0..<count).map { ("v\($0)", .float32, [2]) }
    let loop = try ControlFlowTests.body(formals) { body, ids in
      var end = ids[2]
      for _ in 0..<count { end = body.node("Identity", end) }
      return [body.node("Identity", ids[1])] + Array(repeating: end, count: count)
    }
    for output in builder.nodes("Loop", [m, nil] + starts, outputs: count, attributes: ["body": loop]) { builder.output(output) }
    let graph = try Self.optimized(builder.graph, within: .seconds(20), applies: "capture-unchanged-values")
    let loops = graph.nodes.filter { $0.op.name == "Loop" }
    #expect(loops.map(\.inputs.count) == [2 + count - 1])
  }

  private static func branches(
    _ captured: [ValueID], _ make: (inout GraphBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> [String: Attribute] {
    let attribute = try ControlFlowTests.body([], capturing: captured, make)
    return ["then_branch": attribute, "else_branch": attribute]
  }

  /// A branch of many constants, and in it another one that reads each of its values.
  @Test func branchesOfManyValues() throws {
    let count = 4000
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [2])
    let always = try Tensor(scalar: true)
    let outer = try Self.branches([x]) { body, ids in
      var values = ids
      for index in 0..<count { values.append(body.node("Mul", values[index], body.constant(try floats([Double(index + 2), 3])))) }
      let inner = try Self.branches(values) { body, ids in [body.nodes("Sum", ids.map { $0 }, outputs: 1)[0]] }
      return body.nodes("If", [body.constant(always)], outputs: 1, attributes: inner)
    }
    builder.output(builder.nodes("If", [builder.constant(always)], outputs: 1, attributes: outer, name: "choice")[0])
    let graph = try Self.optimized(builder.graph, within: .seconds(30), applies: "inline-if")
    let names = ControlFlowTests.names(graph)
    let products = names.count { $0 == "Mul" }
    #expect(products == count && !names.contains("If"))
    #expect(Set(graph.values.map(\.name)).count == graph.values.count)
  }

  /// What is larger than all that it is made of stays in the iterations, which give its memory back, though the loop certainly runs.
  @Test func largeInvariantsStayInTheirIterations() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, k) = (builder.input("x", .float32, [1]), builder.input("k", .float32, [400]))
    let loop = try ControlFlowTests.body(ControlFlowTests.flags + [("v", .float32, [1])], capturing: [k]) { body, ids in
      let column = body.node("Unsqueeze", body.node("Exp", ids[3]), body.constant(try Tensor([Int64(1)])))
      let square = body.node("Mul", column, ids[3])
      let sum = body.node("ReduceMax", body.node("Add", square, ids[2]), attributes: ["keepdims": .int(0)])
      return [body.node("Identity", ids[1]), body.node("Add", ids[2], sum)]
    }
    let three = builder.constant(try Tensor(scalar: Int64(3)))
    builder.output(builder.nodes("Loop", [three, nil, x], outputs: 1, attributes: ["body": loop])[0])
    let inputs = [try floats([1]), try Tensor.random(.float32, [400], in: -1...1, seed: 1)]
    let graph = try ControlFlowTests.rewritten(builder.graph, [inputs], applies: ["hoist-from-loop"])
    #expect(ControlFlowTests.names(graph).contains("Exp") && !ControlFlowTests.names(graph).contains("Mul"))
    let before = try GraphRun.plan(builder.graph, inputs).activationByteCount
    #expect(try GraphRun.plan(graph, inputs).activationByteCount <= before + 1 << 14)
  }
}
