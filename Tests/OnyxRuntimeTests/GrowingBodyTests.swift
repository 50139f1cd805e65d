import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Loops that carry tensors whose extents change: after some iterations one plan serves all of them.
@Suite("Bodies of changing extents share a plan")
struct GrowingBodyTests {
  /// x ← [x, Σx], with a branch on the way, a constant of the graph around and a tensor that stays.
  static func sums() throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, ["n"]))
    let axis = builder.constant(try Tensor([0]))
    let body = try BodyRunTests.body(
      "body", inputs: FixedIterationsTests.flags + [("v", .float32, ["k"]), ("t", .float32, [1]), ("a", .int64, nil)], capturing: [axis]
    ) { body, ids in
      let sum = body.nodes("ReduceSum", [ids[2], ids[4]], outputs: 1, attributes: ["keepdims": .int(1)])[0]
      let branch = { (name: String, op: String) in
        try BodyRunTests.body(name, inputs: [("v", .float32, nil), ("s", .float32, nil)], capturing: [ids[2], sum]) { branch, ids in
          [branch.nodes("Concat", [ids[0], branch.node(op, ids[1])], outputs: 1, attributes: ["axis": .int(0)])[0]]
        }
      }
      let isSmall = body.node("Less", ids[0], body.constant(try Tensor(scalar: Int64(6))))
      let attributes = ["then_branch": try branch("t", "Identity"), "else_branch": try branch("e", "Neg")]
      let next = body.nodes("If", [isSmall], outputs: 1, attributes: attributes)[0]
      return [body.node("Identity", ids[1]), next, body.node("Add", ids[3], sum), body.node("Squeeze", sum)]
    }
    let results = builder.nodes(
      "Loop", [m, nil, x, builder.constant(try Tensor([0] as [Float]))], outputs: 3, attributes: ["body": body])
    for id in results { builder.output(id) }
    return builder.graph
  }

  @Test(arguments: [true, false], [1, 4, 5, 6, 12]) func aTensorGrowsInEveryIteration(optimized: Bool, count: Int) throws {
    let results = try BodyRunTests.run(
      Self.sums(), [.tensor(try Tensor(scalar: Int64(count))), .tensor(try Tensor([1, 2] as [Float]))], optimized: optimized
    ).map { try $0.tensor().elements(as: Float.self) }
    var (values, total, sums): ([Float], Float, [Float]) = ([1, 2], 0, [])
    for iteration in 0..<count {
      let sum = values.reduce(0, +)
      values.append(iteration < 6 ? sum : -sum)
      total += sum
      sums.append(sum)
    }
    #expect(results == [values, [total], sums])
  }

  /// The same program serves other lengths after that, and one that changes no more.
  @Test func plansWithOpenExtentsServeLaterRuns() throws {
    let graph = try Self.sums()
    let cache = PlanCache(try Program(graph, table: KernelTable(), isa: .host), memoryBudget: 1 << 30)
    for (count, start) in [(9, 2), (12, 5), (1, 1), (7, 2)] {
      let inputs: [Value?] = [.tensor(try Tensor(scalar: Int64(count))), .tensor(try .filled(with: Float(1), shape: Shape([start])))]
      let results = try cache.plan(for: inputs).withExecution { (execution) throws(OnyxError) in
        try Executor(pool: ThreadPool(threads: 1)).run(execution, values: inputs, control: RunControl())
      }
      #expect(try results[0].tensor().elementCount == start + count)
      #expect(try results[2].tensor().elements(as: Float.self).first == Float(start))
    }
  }

  /// The captured sequence is read in each iteration, and the body has values whose types show only in the run.
  @Test(arguments: [1, 3, 9]) func aCapturedSequenceIsThereInEveryIteration(count: Int) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, ["n"]))
    let sequence = builder.nodes("SequenceConstruct", [x, builder.node("Neg", x)], outputs: 1)[0]
    let body = try BodyRunTests.body(
      "body", inputs: FixedIterationsTests.flags + [("v", .float32, ["k"]), ("s", .float32, nil)], capturing: [sequence]
    ) { body, ids in
      let element = body.nodes("SequenceAt", [ids[3], body.constant(try Tensor(scalar: Int64(1)))], outputs: 1)[0]
      let next = body.nodes("Concat", [ids[2], element], outputs: 1, attributes: ["axis": .int(0)])[0]
      return [body.node("Identity", ids[1]), next]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": body])[0])
    let result = try BodyRunTests.run(builder.graph, [.tensor(try Tensor(scalar: Int64(count))), .tensor(try Tensor([1, 2] as [Float]))])
    #expect(try result[0].tensor().elements(as: Float.self) == [1, 2] + (0..<count).flatMap { _ in [-1, -2] as [Float] })
  }

  /// x ← [x, i], and y ← [x, −i] of the same x; a counter beside them keeps its type. Past some iterations x has memory to spare.
  @Test(arguments: [3, 7, 2000]) func twoResultsOfOneTensorAreTwoTensors(count: Int) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, ["n"]))
    let body = try BodyRunTests.body(
      "body", inputs: FixedIterationsTests.flags + [("x", .float32, ["k"]), ("y", .float32, ["l"]), ("n", .float32, [1])]
    ) { body, ids in
      let number = body.node("Unsqueeze", body.node("Cast", ids[0], attributes: ["to": .int(1)]), body.constant(try Tensor([0])))
      let longer = body.nodes("Concat", [ids[2], number], outputs: 1, attributes: ["axis": .int(0)])[0]
      let other = body.nodes("Concat", [ids[2], body.node("Neg", number)], outputs: 1, attributes: ["axis": .int(0)])[0]
      return [body.node("Identity", ids[1]), longer, other, body.node("Add", ids[4], body.constant(try Tensor([1] as [Float])))]
    }
    let zero = builder.constant(try Tensor([0] as [Float]))
    for id in builder.nodes("Loop", [m, nil, x, x, zero], outputs: 3, attributes: ["body": body]) { builder.output(id) }
    let start = try Tensor([5, 6] as [Float])
    let results = try BodyRunTests.run(builder.graph, [.tensor(try Tensor(scalar: Int64(count))), .tensor(start)])
    let numbers = (0..<count).map { Float($0) }
    #expect(try results[0].tensor().elements(as: Float.self) == [5, 6] + numbers)
    #expect(try results[1].tensor().elements(as: Float.self) == [5, 6] + numbers.dropLast() + [-Float(count - 1)])
    #expect(try results[2].tensor().elements(as: Float.self) == [Float(count)])
    #expect(try start.elements(as: Float.self) == [5, 6])
  }

  /// First the rows grow, then the columns: a plan with open rows does not serve what comes then.
  @Test(arguments: [true, false]) func whatOnePlanDoesNotServeIsCalledAgain(optimized: Bool) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, ["r", "c"]))
    let body = try BodyRunTests.body("body", inputs: FixedIterationsTests.flags + [("v", .float32, ["k", "l"])]) { body, ids in
      let row = body.constant(try Tensor([7, 8] as [Float], shape: [1, 2]))
      let branch = { (name: String, isLong: Bool) in
        try BodyRunTests.body(name, inputs: [("v", .float32, nil), ("row", .float32, nil)], capturing: [ids[2], row]) { branch, inner in
          [branch.nodes("Concat", [inner[0], isLong ? inner[0] : inner[1]], outputs: 1, attributes: ["axis": .int(isLong ? 1 : 0)])[0]]
        }
      }
      let isEarly = body.node("Less", ids[0], body.constant(try Tensor(scalar: Int64(14))))
      let attributes = ["then_branch": try branch("t", false), "else_branch": try branch("e", true)]
      return [body.node("Identity", ids[1]), body.nodes("If", [isEarly], outputs: 1, attributes: attributes)[0]]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": body])[0])
    let result = try BodyRunTests.run(
      builder.graph, [.tensor(try Tensor(scalar: Int64(18))), .tensor(try Tensor([1, 2] as [Float], shape: [1, 2]))], optimized: optimized
    )[0].tensor()
    let rows = [[1, 2]] + Array(repeating: [7, 8] as [Float], count: 14)
    #expect(result.shape == [15, 32])
    #expect(try result.elements(as: Float.self) == rows.flatMap { row in (0..<16).flatMap { _ in row } })
  }

  /// The rule tells what is wrong, in an iteration far behind the first, with the types of the inputs.
  @Test func aShapeThatDoesNotFitIsNamed() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["r", 2])
    let body = try BodyRunTests.body("body", inputs: FixedIterationsTests.flags + [("v", .float32, ["k", 2])]) { body, ids in
      let count = body.node("Sub", body.constant(try Tensor(scalar: Int64(30))), ids[0])
      let width = body.node("Min", count, body.constant(try Tensor(scalar: Int64(2))))
      let shape = body.nodes(
        "Concat", [body.constant(try Tensor([1])), body.node("Unsqueeze", width, body.constant(try Tensor([0])))], outputs: 1,
        attributes: ["axis": .int(0)])[0]
      return [
        body.node("Identity", ids[1]),
        body.nodes(
          "Concat", [ids[2], body.node("Expand", body.constant(try Tensor([0] as [Float])), shape)], outputs: 1,
          attributes: ["axis": .int(0)], name: "join")[0],
      ]
    }
    builder.output(
      builder.nodes("Loop", [nil, builder.constant(try Tensor(scalar: true)), x], outputs: 1, attributes: ["body": body])[0])
    let graph = builder.graph
    let error = #expect(throws: OnyxError.self) {
      try BodyRunTests.run(graph, [.tensor(try Tensor([1, 2] as [Float], shape: [1, 2]))])
    }
    #expect(error?.code == .invalidModel)
    #expect(error?.description.contains("join") == true)
    #expect(error?.description.contains("float32[30,2]") == true)
  }

  /// x ← [x, Σ softmax(tanh(x · W)) · x]: from the second iteration of a plan on, kernels that take any extents make all but the joint.
  @Test(arguments: [1, 3, 9, 40]) func stepsOfOpenExtentsRunTheKernelsOfTheirRows(count: Int) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, ["n", 8]))
    let body = try BodyRunTests.body("body", inputs: FixedIterationsTests.flags + [("v", .float32, ["k", 8])]) { body, ids in
      let product = body.node("MatMul", ids[2], body.constant(try .random(.float32, [8, 8], in: -1...1, seed: 2)))
      let scores = body.nodes("Softmax", [body.node("Tanh", product)], outputs: 1, attributes: ["axis": .int(0)])[0]
      let sum = body.node("ReduceSum", body.node("Mul", scores, ids[2]), body.constant(try Tensor([0])))
      let next = body.nodes("Concat", [ids[2], sum], outputs: 1, attributes: ["axis": .int(0)])[0]
      return [body.node("Identity", ids[1]), next]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": body])[0])
    let inputs: [Value] = [.tensor(try Tensor(scalar: Int64(count))), .tensor(try .random(.float32, [1, 8], in: -2...2, seed: 1))]
    let (graph, tally) = (builder.graph, RunTally())
    func run(_ table: KernelTable, _ control: RunControl) throws -> Tensor {
      let cache = PlanCache(try Program(graph, table: table, isa: .host), memoryBudget: 1 << 30)
      return try cache.plan(for: inputs.map { $0 }).withExecution { (execution) throws(OnyxError) in
        try Executor(pool: ThreadPool(threads: 2)).run(execution, values: inputs, control: control)
      }[0].tensor()
    }
    let (actual, expected) = (try run(KernelTable(), RunControl(tally: tally)), try run(.referenceOnly, RunControl()))
    let chosen = Set(tally.entries.compactMap(\.chosenKernel))
    #expect(
      count < 9 || chosen.isSuperset(of: ["matmul_f32_batched", "softmax_f32", "mul_f32", "reduce_sum_f32", "tanh_f32", "small"]),
      "\(chosen)")
    #expect(actual.shape == [count + 1, 8])
    #expect(allClose(actual, expected, rtol: 1e-5, atol: 1e-6) == nil)
  }

  /// x ← [x, the elements above ½ of its first rows, how many they are]: indices and extents that only the run tells.
  @Test(arguments: [1, 9, 25]) func whatIsFoundIsGatheredByItsPlaces(count: Int) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (m, x) = (builder.input("M", .int64, []), builder.input("x", .float32, ["n"]))
    let body = try BodyRunTests.body("body", inputs: FixedIterationsTests.flags + [("v", .float32, ["k"])]) { body, ids in
      let first = body.node("Slice", ids[2], body.constant(try Tensor([0])), body.constant(try Tensor([12])))
      let places = body.node("NonZero", body.node("Greater", first, body.constant(try Tensor(scalar: Float(0.5)))))
      let tuples = body.node("Transpose", places)
      let found = body.node("GatherND", ids[2], tuples)
      let again = body.node("Gather", ids[2], body.node("Squeeze", places, body.constant(try Tensor([0]))))
      let counts = body.nodes("Cast", [body.node("Shape", found)], outputs: 1, attributes: ["to": .int(1)])[0]
      let parts = [ids[2], body.node("Neg", found), again, body.node("Reciprocal", counts)]
      return [body.node("Identity", ids[1]), body.nodes("Concat", parts, outputs: 1, attributes: ["axis": .int(0)])[0]]
    }
    builder.output(builder.nodes("Loop", [m, nil, x], outputs: 1, attributes: ["body": body])[0])
    let start: [Float] = [0.7, -1, 2, 0.25, 3]
    let inputs: [Value] = [.tensor(try Tensor(scalar: Int64(count))), .tensor(try Tensor(start))]
    let (graph, tally) = (builder.graph, RunTally())
    let cache = PlanCache(try Program(graph, table: KernelTable(), isa: .host), memoryBudget: 1 << 30)
    let result = try cache.plan(for: inputs.map { $0 }).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: ThreadPool(threads: 2)).run(execution, values: inputs, control: RunControl(tally: tally))
    }[0].tensor()
    var expected = start
    for _ in 0..<count {
      let found = expected.prefix(12).filter { $0 > 0.5 }
      expected += found.map { -$0 } + found + [1 / Float(found.count)]
    }
    #expect(try result.elements(as: Float.self) == expected)
    let chosen = Set(tally.entries.compactMap(\.chosenKernel))
    #expect(count < 9 || chosen.isSuperset(of: ["small", "gather_nd_rows", "gather_rows", "non_zero_scan"]), "\(chosen)")
  }

  @Test func growthKeepsToTheBudget() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n"])
    let body = try BodyRunTests.body("body", inputs: FixedIterationsTests.flags + [("v", .float32, ["k"])]) { body, ids in
      [body.node("Identity", ids[1]), body.nodes("Concat", [ids[2], ids[2]], outputs: 1, attributes: ["axis": .int(0)])[0]]
    }
    builder.output(builder.nodes("Loop", [nil, builder.constant(try Tensor(scalar: true)), x], outputs: 1, attributes: ["body": body])[0])
    let graph = builder.graph
    let error = #expect(throws: OnyxError.self) {
      try BodyRunTests.run(graph, [.tensor(try Tensor([1] as [Float]))], control: RunControl(memoryBudget: 1 << 20))
    }
    #expect(error?.code == .budgetExceeded)
  }

  @Test func typesJoinToOpenExtents() throws {
    func type(_ dimensions: [Int], _ element: ElementType = .float32) throws -> RunType {
      .tensor(TensorType(element, try Shape(dimensions)))
    }
    #expect(try type([2, 3]).joined(type([2, 4])) == .open(.float32, [2, nil]))
    #expect(try type([2, 3]).joined(type([2, 4]))?.joined(type([1, 3])) == .open(.float32, [nil, nil]))
    #expect(try type([2, 3]).joined(type([2, 3])) == type([2, 3]))
    #expect(try type([2]).joined(type([2, 3])) == nil)
    #expect(try type([2]).joined(type([3], .int64)) == nil)
    #expect(try type([2], .string).joined(type([3], .string)) == nil)
    #expect(try type([2]).joined(.other(.sequence(.tensor(.float32)))) == nil)
  }
}
