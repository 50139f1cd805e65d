import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Synchronization
import Testing

/// Steps that run for a few items of a batch at a time.
@Suite("A batch runs by strips")
struct StripTests {
  /// Strips of one item wherever they are allowed.
  private static let always = StripCosts(near: 1 << 40, last: 1 << 40, call: -1, weight: 0, gain: -1)

  private static func plan(_ graph: Graph, _ inputs: [Tensor], _ strips: StripCosts?) throws -> Plan {
    let program = try Program(graph, table: KernelTable(), isa: .host, strips: strips)
    let types = Dictionary(uniqueKeysWithValues: zip(graph.inputs, inputs.map { TensorType($0.elementType, $0.shape) }))
    return try Planner.plan(program, inputs: types, memoryBudget: 1 << 30)
  }

  /// Runs with and without strips on 1, 2 and 3 threads, and gives the plan with strips.
  @discardableResult private static func check(
    _ graph: Graph, _ inputs: [Tensor], costs: StripCosts = always, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Plan {
    let whole = try GraphRun.run(plan(graph, inputs, nil), inputs)
    let plan = try plan(graph, inputs, costs)
    for threads in 1...3 {
      for (a, b) in zip(try GraphRun.run(plan, inputs, threads: threads), whole) {
        #expect(allClose(a, b) == nil, sourceLocation: sourceLocation)
      }
    }
    return plan
  }

  /// A residual block, channels joined, a gate, a pool and a classifier: values that several steps read, that leave the graph, that are
  /// written in place and that are views.
  private static func network(items: Dimension) throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    func weights(_ shape: Shape, _ seed: UInt64) throws -> ValueID { builder.constant(try .random(.float32, shape, seed: seed)) }
    let x = builder.input("x", .float32, [items, 3, 9, 11])
    let pads = ["pads": Attribute.ints([1, 1, 1, 1])]
    let first = builder.node("Relu", builder.node("Conv", x, try weights([8, 3, 3, 3], 1), try weights([8], 2), attributes: pads))
    let second = builder.node("Conv", first, try weights([8, 8, 3, 3], 3), attributes: pads)
    let sum = builder.node("Relu", builder.node("Add", second, first))
    let joined = builder.node("Concat", sum, builder.node("Neg", first), attributes: ["axis": .int(1)])
    let gate = builder.node("Sigmoid", builder.node("GlobalAveragePool", joined))
    let gated = builder.node("Mul", joined, builder.node("Mul", gate, builder.constant(try .filled(with: Float(2), shape: [1, 1, 1, 1]))))
    let pooled = builder.node("MaxPool", gated, attributes: ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2])])
    let flat = builder.node("Flatten", pooled)
    let classes = builder.node("Gemm", flat, try weights([16 * 4 * 5, 7], 4), try weights([7], 5))
    builder.output(builder.node("Softmax", classes), sum, pooled)
    return builder.graph
  }

  @Test(arguments: [2, 3, 4, 6, 7, 12]) func aNetworkGivesTheSame(items: Int) throws {
    let graph = try Self.network(items: Dimension(items))
    let plan = try Self.check(graph, [try .random(.float32, [items, 3, 9, 11], seed: 6)])
    let strip = try #require(plan.strips.first)
    #expect(strip.rounds == items && strip.steps.count > 5 && !strip.held.isEmpty && !strip.moving.isEmpty)
    #expect(plan.arenaByteCount < (try Self.plan(graph, [.zeros(.float32, shape: [items, 3, 9, 11])], nil).arenaByteCount))
  }

  /// Each item of a strip gets what a batch of so many items alone gets, in every bit.
  @Test func anItemIsComputedAsAlone() throws {
    let graph = try Self.network(items: "n")
    let x = try Tensor.random(.float32, [5, 3, 9, 11], seed: 7)
    let together = try GraphRun.run(Self.plan(graph, [x], Self.always), [x])
    let values = try x.elements(as: Float.self)
    for item in 0..<5 {
      let size = 3 * 9 * 11
      let one = try Tensor(Array(values[item * size..<(item + 1) * size]), shape: [1, 3, 9, 11])
      let alone = try GraphRun.run(Self.plan(graph, [one], Self.always), [one])
      for index in 1..<3 {
        let (all, part) = (try together[index].elements(as: Float.self), try alone[index].elements(as: Float.self))
        #expect(Array(all[item * part.count..<(item + 1) * part.count]) == part)
      }
    }
  }

  /// Plans of other batches in turn, and runs one after the other in the same memory.
  @Test func batchesTakeTurns() throws {
    let program = try Program(Self.network(items: "n"), table: KernelTable(), isa: .host, strips: Self.always)
    let cache = PlanCache(program, memoryBudget: 1 << 30)
    for items in [4, 1, 6, 4, 2, 6] {
      let x = try Tensor.random(.float32, [items, 3, 9, 11], seed: UInt64(items))
      let expected = try GraphRun.run(Self.plan(program.graph, [x], nil), [x])
      for _ in 0..<2 {
        let results = try cache.plan(for: [x]).withExecution { (execution) throws(OnyxError) in
          try Executor(pool: ThreadPool(threads: 2)).run(execution, inputs: [x], control: RunControl())
        }
        for (a, b) in zip(results, expected) { #expect(allClose(a, b) == nil) }
      }
    }
  }

  /// A run that ends inside a strip leaves addresses as they were.
  @Test func aCancelledRunLeavesNothingBehind() throws {
    let x = try Tensor.random(.float32, [4, 3, 9, 11], seed: 8)
    let plan = try Self.plan(Self.network(items: 4), [x], Self.always)
    let expected = try GraphRun.run(plan, [x])
    let pool = ExecutionPool(plan)
    let executor = Executor(pool: ThreadPool(threads: 1))
    for stop in [3, 9, 17, 31] {
      let seen = Mutex(0)
      #expect(throws: OnyxError.self) {
        _ = try pool.withExecution { (execution) throws(OnyxError) in
          let control = RunControl()
          return try executor.run(execution, inputs: [x], control: control) { _ in
            if seen.withLock({
              $0 += 1
              return $0 == stop
            }) {
              control.cancel()
            }
          }
        }
      }
      let results = try pool.withExecution { (execution) throws(OnyxError) in
        try executor.run(execution, inputs: [x], control: RunControl())
      }
      for (a, b) in zip(results, expected) { #expect(try a.elements(as: Float.self) == b.elements(as: Float.self)) }
    }
  }

  /// Operators that mix what lies along the first axis, or that read constants along it, with extents that could be taken for items.
  @Test func mixedItemsStayTogether() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [4, 4, 4])
    let table = builder.constant(try .random(.float32, [4, 4, 4], seed: 9))
    let square = builder.constant(try .random(.float32, [4, 4], seed: 10))
    let axis0 = builder.constant(try Tensor([0]))
    let mixed = [
      builder.node("Softmax", x, attributes: ["axis": .int(0)]),
      builder.node("Softmax", x, attributes: ["axis": .int(-3)]),
      builder.node("Transpose", x, attributes: ["perm": .ints([1, 0, 2])]), builder.node("Transpose", x),
      builder.node("Concat", x, x, attributes: ["axis": .int(0)]), builder.node("ReduceSum", x, axis0),
      builder.node("ReduceSum", x, axis0, attributes: ["keepdims": .int(0)]), builder.node("Add", x, table),
      builder.node("Mul", table, x), builder.node("Concat", table, x, attributes: ["axis": .int(1)]),
      builder.node("MatMul", table, x), builder.node("MatMul", square, x),
      builder.node("Gather", x, builder.constant(try Tensor([3, 1, 2, 0]))),
      builder.node("LayerNormalization", x, table, attributes: ["axis": .int(0)]),
    ]
    for value in mixed { builder.output(builder.node("Relu", value)) }
    try Self.check(builder.graph, [try .random(.float32, [4, 4, 4], seed: 11)])
  }

  /// Products of rows wait until there are enough of them for a tile; an item may be many rows.
  @Test func tokensRunBySentences() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [3, 100, 16])
    let (wide, narrow) = (
      builder.constant(try .random(.float32, [16, 48], seed: 1)), builder.constant(try .random(.float32, [48, 16], seed: 2))
    )
    let rows = builder.node("Reshape", x, builder.constant(try Tensor([300, 16])))
    let hidden = builder.node("Gelu", builder.node("MatMul", rows, wide))
    let y = builder.node("Reshape", builder.node("MatMul", hidden, narrow), builder.constant(try Tensor([3, 100, 16])))
    let scale = builder.constant(try .random(.float32, [16], seed: 3))
    let normal = builder.node("LayerNormalization", builder.node("Add", y, x), scale)
    let scores = builder.node("MatMul", normal, builder.node("Transpose", normal, attributes: ["perm": .ints([0, 2, 1])]))
    builder.output(builder.node("MatMul", builder.node("Softmax", scores), normal))
    let plan = try Self.check(builder.graph, [try .random(.float32, [3, 100, 16], seed: 4)])
    #expect(plan.strips.map(\.rounds) == [3] && plan.strips.first?.steps == 0..<plan.steps.count)
  }

  /// What stays near anyhow runs at once; what does not runs by as many items as stay, in rounds without a rest.
  @Test func costsDecide() {
    let costs = StripCosts(near: 1 << 20, last: 1 << 24, call: 1 << 10, weight: 2, gain: 1 << 16)
    func work(_ bytes: Double, weights: Double = 0, fewest: Int = 1) -> StripCosts.Work {
      StripCosts.Work(node: 0, bytes: bytes, outputBytes: bytes / 2, constantBytes: weights, products: 0, fewest: fewest)
    }
    #expect(costs.counts([work(1e5), work(1e5)], items: 8) == [8, 8])
    #expect(costs.counts([work(8e6), work(8e6)], items: 8) == [1, 1])
    #expect(costs.counts([work(4e6), work(4e6)], items: 8) == [2, 2])
    #expect(costs.counts([work(8e6, fewest: 8), work(8e6), work(8e6)], items: 8)[0] == 8)
    #expect(costs.counts([work(8e6), work(8e6), work(1e5, weights: 8e6)], items: 8) == [1, 1, 8])
    #expect(costs.counts([work(7e6), work(7e6)], items: 7) == [1, 1])
    #expect(costs.counts([], items: 8) == [])
  }
}
