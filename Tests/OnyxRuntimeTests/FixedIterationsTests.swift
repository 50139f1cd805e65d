import OnyxGraph
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import Testing

/// Loops and branches whose tensors keep their types, which run over memory that goes back and forth. Expected values by hand.
@Suite("Bodies of fixed types run in place")
struct FixedIterationsTests {
  static let flags: [(String, ElementType, [Dimension]?)] = [("i", .int64, []), ("c", .bool, [])]

  static func carried(_ count: Int, _ shape: [Dimension]? = [2]) -> [(String, ElementType, [Dimension]?)] {
    flags + (0..<count).map { ("v\($0)", .float32, shape) }
  }

  /// A loop over `start` for M iterations; its outputs are the graph's.
  static func loop(
    _ start: [[Float]], outputs: Int, capturing: (inout GraphBuilder) throws -> [ValueID] = { _ in [] }, captured: Int = 0,
    _ make: @escaping (inout GraphBuilder, [ValueID]) throws -> [ValueID]
  ) throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let m = builder.input("M", .int64, [])
    let values = start.indices.map { builder.input("x\($0)", .float32, [2]) }
    let outer = try capturing(&builder)
    let body = try BodyRunTests.body(
      "body", inputs: carried(start.count) + outer.indices.map { ("k\($0)", .float32, nil) }, capturing: outer, make)
    let results = builder.nodes("Loop", [m, nil] + values, outputs: outputs, attributes: ["body": body], name: "loop")
    for id in results { builder.output(id) }
    return builder.graph
  }

  static func run(_ graph: Graph, _ iterations: Int, _ start: [[Float]], optimized: Bool = false) throws -> [[Float]] {
    let inputs = try [.tensor(Tensor(scalar: Int64(iterations)))] + start.map { Value.tensor(try Tensor($0)) }
    return try BodyRunTests.run(graph, inputs, optimized: optimized).map { try $0.tensor().elements(as: Float.self) }
  }

  /// (a, b) ← (b, a + b), and (c, d) ← (d, c), e as it was, f always the same constant.
  @Test(arguments: [true, false], 1...6) func carriedValuesChangePlaces(optimized: Bool, count: Int) throws {
    let start: [[Float]] = [[0, 0], [1, 2], [5, 6], [7, 8], [9, 10], [11, 12]]
    let graph = try Self.loop(start, outputs: 6) { body, ids in
      let constant = body.constant(try Tensor([3, 4] as [Float]))
      return [body.node("Identity", ids[1]), ids[3], body.node("Add", ids[2], ids[3]), ids[5], ids[4], ids[6], constant]
    }
    var (a, b): (Float, Float) = (0, 1)
    for _ in 0..<count { (a, b) = (b, a + b) }
    let exchanged = count % 2 == 1
    #expect(
      try Self.run(graph, count, start, optimized: optimized) == [
        [a, 2 * a], [b, 2 * b], exchanged ? start[3] : start[2], exchanged ? start[2] : start[3], [9, 10], [3, 4],
      ])
  }

  /// One result of the body is carried twice and collected, another collected only.
  @Test(arguments: [true, false]) func oneResultMayHaveSeveralUses(optimized: Bool) throws {
    let start: [[Float]] = [[1, 2], [10, 20]]
    let graph = try Self.loop(start, outputs: 4) { body, ids in
      let sum = body.node("Add", ids[2], ids[3])
      return [body.node("Identity", ids[1]), sum, sum, body.node("Identity", sum), body.node("Neg", ids[3])]
    }
    let results = try Self.run(graph, 3, start, optimized: optimized)
    #expect(results[0] == [44, 88])
    #expect(results[1] == [44, 88])
    #expect(results[2] == [11, 22, 22, 44, 44, 88])
    #expect(results[3] == [-10, -20, -11, -22, -22, -44])
  }

  /// The body reads the number of the iteration and says when it is enough.
  @Test(arguments: [true, false]) func aConditionOfTheBodyEndsTheLoop(optimized: Bool) throws {
    let start: [[Float]] = [[1, 1]]
    let graph = try Self.loop(start, outputs: 2) { body, ids in
      let number = body.node("Cast", ids[0], attributes: ["to": .int(1)])
      let next = body.node("Add", ids[2], number)
      let goesOn = body.node("Less", number, body.constant(try Tensor(scalar: Float(4))))
      return [goesOn, next, number]
    }
    let results = try Self.run(graph, 100, start, optimized: optimized)
    #expect(results == [[11, 11], [0, 1, 2, 3, 4]])
    #expect(try Self.run(graph, 2, start, optimized: optimized) == [[2, 2], [0, 1]])
  }

  /// What a loop gave stays as it was when the same execution runs again.
  @Test func resultsBelongToTheirRun() throws {
    let graph = try Self.loop([[0, 0]], outputs: 1) { body, ids in [body.node("Identity", ids[1]), body.node("Add", ids[2], ids[2])] }
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, [2]))
    // The inner loop begins with what the outer one carries, which the outer body also reads after it.
    let inner = try BodyRunTests.body("inner", inputs: Self.carried(1)) { body, ids in
      [body.node("Identity", ids[1]), body.node("Add", ids[2], ids[2])]
    }
    let outer = try BodyRunTests.body("outer", inputs: Self.carried(1)) { body, ids in
      let two = body.constant(try Tensor(scalar: Int64(2)))
      let four = body.nodes("Loop", [two, nil, ids[2]], outputs: 1, attributes: ["body": inner])[0]
      return [body.node("Identity", ids[1]), body.node("Add", four, ids[2]), four]
    }
    let results = builder.nodes("Loop", [m, nil, x], outputs: 2, attributes: ["body": outer])
    builder.output(results[0], results[1])
    #expect(try Self.run(builder.graph, 3, [[1, 2]]) == [[125, 250], [4, 8, 20, 40, 100, 200]])
    #expect(try Self.run(graph, 5, [[1, 3]]) == [[32, 96]])
  }

  /// Both branches in turn: one computes, one hands a captured value on, and both give one value twice.
  @Test(arguments: [true, false]) func branchesReadAndWriteTheMemoryAround(optimized: Bool) throws {
    let start: [[Float]] = [[1, 2]]
    let graph = try Self.loop(start, outputs: 3) { body, ids in
      let number = body.node("Cast", ids[0], attributes: ["to": .int(1)])
      let isLow = body.node("Less", number, body.constant(try Tensor(scalar: Float(2))))
      let then = try BodyRunTests.body("then", inputs: [("k", .float32, nil)], capturing: [ids[2]]) { branch, ids in
        let sum = branch.node("Add", ids[0], ids[0])
        return [sum, sum, branch.node("Neg", sum)]
      }
      let otherwise = try BodyRunTests.body("else", inputs: [("k", .float32, nil)], capturing: [ids[2]]) { branch, ids in
        [ids[0], branch.constant(try Tensor([7, 7] as [Float])), branch.node("Identity", ids[0])]
      }
      let results = body.nodes("If", [isLow], outputs: 3, attributes: ["then_branch": then, "else_branch": otherwise])
      return [body.node("Identity", ids[1]), body.node("Add", results[0], results[2]), results[1], results[2]]
    }
    // 2x − 2x = 0 while low, then x + x.
    let results = try Self.run(graph, 4, start, optimized: optimized)
    #expect(results == [[0, 0], [2, 4, 0, 0, 7, 7, 7, 7], [-2, -4, 0, 0, 0, 0, 0, 0]])
  }

  @Test func errorsOfAFixedBranchNameTheNodesAround() throws {
    let graph = try Self.loop([[1, 2]], outputs: 1) { body, ids in
      let branch = { (name: String) in
        try BodyRunTests.body(name, inputs: [("k", .float32, nil), ("n", .int64, nil)], capturing: [ids[2], ids[0]]) { branch, ids in
          [branch.node("Gather", ids[0], branch.node("Expand", ids[1], branch.constant(try Tensor([2]))), name: "inner")]
        }
      }
      let always = body.node("Less", ids[0], body.constant(try Tensor(scalar: Int64(100))))
      let attributes = ["then_branch": try branch("then"), "else_branch": try branch("else")]
      return [body.node("Identity", ids[1]), body.nodes("If", [always], outputs: 1, attributes: attributes, name: "choice")[0]]
    }
    let error = #expect(throws: OnyxError.self) { try Self.run(graph, 3, [[1, 2]]) }
    #expect(error?.trail == ["inner (Gather)", "choice (If)", "loop (Loop)"])
    #expect(try Self.run(graph, 2, [[1, 2]]) == [[1, 1]])
  }

  /// The memory of a branch counts beside that of the graph around it.
  @Test func branchesKeepToTheBudget() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (condition, x) = (builder.input("c", .bool, []), builder.input("x", .float32, [65536]))
    let branch = { (name: String) in
      try BodyRunTests.body(name, inputs: [("k", .float32, nil)], capturing: [x]) { body, ids in
        [body.node("Add", body.node("Exp", ids[0]), body.node("Neg", ids[0]))]
      }
    }
    builder.output(
      builder.nodes("If", [condition], outputs: 1, attributes: ["then_branch": try branch("t"), "else_branch": try branch("e")])[0])
    let graph = builder.graph
    let inputs: [Value] = [.tensor(try Tensor(scalar: true)), .tensor(try .filled(with: Float(1), shape: [65536]))]
    let error = #expect(throws: OnyxError.self) { try BodyRunTests.run(graph, inputs, control: RunControl(memoryBudget: 1 << 18)) }
    #expect(error?.code == .budgetExceeded)
    #expect(try BodyRunTests.run(graph, inputs, control: RunControl(memoryBudget: 1 << 20))[0].tensor().elementCount == 65536)
  }

  /// The first iteration changes the shape: from then on it stays.
  @Test func aShapeMaySettleAfterTheFirstIteration() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, []))
    let body = try BodyRunTests.body("body", inputs: Self.carried(1, nil)) { body, ids in
      [body.node("Identity", ids[1]), body.node("Add", ids[2], body.constant(try Tensor([1, 2] as [Float])))]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": body])[0])
    let result = try BodyRunTests.run(builder.graph, [.tensor(try Tensor(scalar: Int64(5))), .tensor(try Tensor(scalar: Float(1)))])[0]
    #expect(try result.tensor() == Tensor([6, 11] as [Float]))
  }

  /// Loops of several lengths over two scanned tensors, one of them backward.
  @Test(arguments: [1, 2, 5]) func scannedRowsAreReadInPlace(extent: Int) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, y) = (builder.input("x", .float32, ["n", 2]), builder.input("y", .float32, ["n", 2]))
    let body = try BodyRunTests.body("body", inputs: [("s", .float32, [2]), ("a", .float32, [2]), ("b", .float32, [2])]) { body, ids in
      let next = body.node("Add", ids[0], body.node("Mul", ids[1], ids[2]))
      return [next, body.node("Sub", ids[1], ids[2]), body.node("Identity", next)]
    }
    let start = builder.constant(try Tensor([0, 0] as [Float]))
    let results = builder.nodes(
      "Scan", [start, x, y], outputs: 3,
      attributes: ["body": body, "num_scan_inputs": .int(2), "scan_input_directions": .ints([0, 1])])
    for id in results { builder.output(id) }
    let a = (0..<2 * extent).map { Float($0) }
    let b = a.map { 100 - $0 }
    let inputs: [Value] = [.tensor(try Tensor(a, shape: [extent, 2])), .tensor(try Tensor(b, shape: [extent, 2]))]
    let found = try BodyRunTests.run(builder.graph, inputs).map { try $0.tensor().elements(as: Float.self) }
    var (sum, differences, sums): ([Float], [Float], [Float]) = ([0, 0], [], [])
    for row in 0..<extent {
      for column in 0..<2 {
        let (left, right) = (a[2 * row + column], b[2 * (extent - 1 - row) + column])
        sum[column] += left * right
        differences.append(left - right)
      }
      sums += sum
    }
    #expect(found == [sum, differences, sums])
  }
}
