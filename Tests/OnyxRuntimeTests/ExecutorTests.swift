import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Synchronization
import Testing

@Suite("Plans and their execution")
struct ExecutorTests {
  /// y = relu(x + w) reshaped, then used twice; the plan must share memory without mixing values up.
  static func diamond() throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n", 4])
    let w = builder.constant(try Tensor([1, 2, 3, 4] as [Float], shape: [4]))
    let sum = builder.node("Add", x, w)
    let relu = builder.node("Relu", sum)
    let flat = builder.node("Reshape", relu, builder.constant(try Tensor([-1])))
    let square = builder.node("Mul", flat, flat)
    let negative = builder.node("Neg", flat)
    builder.output(builder.node("Add", square, negative), flat)
    return builder.graph
  }

  @Test(arguments: [true, false]) func valuesAreRight(withFastKernels: Bool) throws {
    let table = withFastKernels ? KernelTable() : .referenceOnly
    let x = try Tensor([-1, -2, -3, -5, 1, 1, 1, 1] as [Float], shape: [2, 4])
    let results = try GraphRun.run(GraphRun.plan(Self.diamond(), [x], table: table), [x])
    // x + w = 0 0 0 -1 2 3 4 5
    #expect(try results[1].elements(as: Float.self) == [0, 0, 0, 0, 2, 3, 4, 5])
    #expect(try results[0].elements(as: Float.self) == [0, 0, 0, 0, 2, 6, 12, 20])
  }

  @Test func inputsStayUntouched() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [4])
    builder.output(builder.node("Relu", builder.node("Neg", x)))
    let tensor = try Tensor([1, -2, 3, -4] as [Float], shape: [4])
    #expect(try GraphRun.run(GraphRun.plan(builder.graph, [tensor]), [tensor])[0].elements(as: Float.self) == [0, 2, 0, 4])
    #expect(try tensor.elements(as: Float.self) == [1, -2, 3, -4])
  }

  @Test func aChainRunsInPlace() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    var value = builder.input("x", .float32, [1024])
    for _ in 0..<10 { value = builder.node("Relu", value) }
    builder.output(builder.node("ReduceMax", value))
    let x = try Tensor(Array(repeating: 1 as Float, count: 1024), shape: [1024])
    #expect(try GraphRun.plan(builder.graph, [x]).arenaByteCount == 4096)
  }

  @Test func resultsSurviveTheNextRun() throws {
    let graph = try Self.diamond()
    let (first, second) = (try Tensor([1, 1, 1, 1] as [Float], shape: [1, 4]), try Tensor([2, 2, 2, 2] as [Float], shape: [1, 4]))
    let pool = ExecutionPool(try GraphRun.plan(graph, [first]))
    let executor = Executor(pool: ThreadPool(threads: 1))
    let a = try pool.withExecution { (execution) throws(OnyxError) in try executor.run(execution, inputs: [first], control: RunControl()) }
    _ = try pool.withExecution { (execution) throws(OnyxError) in try executor.run(execution, inputs: [second], control: RunControl()) }
    #expect(try a[1].elements(as: Float.self) == [2, 3, 4, 5])
  }

  /// Memory of a large result is taken again when nobody holds it, and not as long as somebody does.
  @Test func largeResultsAreTakenAgainWhenLetGo() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    builder.output(builder.node("Neg", builder.input("x", .float32, [262144])))
    let inputs = try (0..<5).map { try Tensor(Array(repeating: Float($0), count: 1 << 18), shape: [1 << 18]) }
    let pool = ExecutionPool(try GraphRun.plan(builder.graph, [inputs[0]]))
    let executor = Executor(pool: ThreadPool(threads: 1))
    func run(_ input: Tensor) throws -> Tensor {
      try pool.withExecution { (execution) throws(OnyxError) in try executor.run(execution, inputs: [input], control: RunControl()) }[0]
    }
    func address(_ tensor: Tensor) -> Int { unsafe tensor.withBytes { Int(bitPattern: $0.baseAddress) } }
    let first = address(try run(inputs[0]))
    let kept = try run(inputs[1])
    #expect(address(kept) == first)
    let others = [try run(inputs[2]), try run(inputs[3])]
    #expect(Set([kept, others[0], others[1]].map(address)).count == 3)
    _ = try run(inputs[4])
    // A result that goes into the next run as its input is not overwritten while it is read.
    let chained = try run(try run(inputs[2]))
    #expect(try chained.elements(as: Float.self).allSatisfy { $0 == 2 })
    for (tensor, value) in [(kept, -1), (others[0], -2), (others[1], -3)] as [(Tensor, Float)] {
      #expect(try tensor.elements(as: Float.self).allSatisfy { $0 == value })
    }
  }

  /// Beside a run that fills the budget no memory of results is kept for later ones, but that of the run itself.
  @Test func memoryOfResultsIsKeptWithinTheBudget() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    builder.output(builder.node("Neg", builder.input("x", .float32, [262144])))
    let input = try Tensor.zeros(.float32, shape: [1 << 18])
    for (budget, isKept) in [(1 << 20, false), (3 << 20, true)] {
      let pool = ExecutionPool(try GraphRun.plan(builder.graph, [input], memoryBudget: budget))
      let executor = Executor(pool: ThreadPool(threads: 1))
      func run() throws -> Tensor {
        try pool.withExecution { (execution) throws(OnyxError) in try executor.run(execution, inputs: [input], control: RunControl()) }[0]
      }
      weak var first: Buffer?
      weak var second: Buffer?
      do {
        let held = [try run(), try run()]
        if case .bytes(let buffer, _) = held[0].storage { first = buffer }
        if case .bytes(let buffer, _) = held[1].storage { second = buffer }
        #expect(first != nil && second != nil && first !== second)
        withExtendedLifetime(held) {}
      }
      #expect((first != nil) == isKept, "a budget of \(budget) bytes")
      #expect(second != nil)
      _ = try run()
    }
  }

  /// A matrix that follows from shapes is another one in each plan of a program: nothing packed of it is kept.
  @Test func inferredMatricesAreNotKeptForOtherPlans() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["m", "k"])
    let rows = builder.node("Shape", x, attributes: ["start": .int(1)])
    let sizes = builder.node("Concat", rows, builder.constant(try Tensor([4])), attributes: ["axis": .int(0)])
    let ones = builder.node("ConstantOfShape", sizes, attributes: ["value": .tensor(try Tensor([1] as [Float]))])
    builder.output(builder.node("MatMul", x, ones))
    let program = try Program(builder.graph, table: KernelTable(), isa: .host)
    for k in [1, 8, 3] {
      let input = try Tensor(Array(repeating: 2 as Float, count: 2 * k), shape: [2, k])
      let plan = try Planner.plan(program, inputs: [builder.graph.inputs[0]: TensorType(.float32, input.shape)], memoryBudget: 1 << 30)
      #expect(try GraphRun.run(plan, [input])[0].elements(as: Float.self) == Array(repeating: Float(2 * k), count: 8))
    }
  }

  @Test func stepsAreObservedInTheirOrder() throws {
    let graph = try Self.diamond()
    let x = try Tensor([1, 1, 1, 1] as [Float], shape: [1, 4])
    let pool = ExecutionPool(try GraphRun.plan(graph, [x]))
    let seen = Mutex<[Int]>([])
    let observe = { (step: Int) in seen.withLock { $0.append(step) } }
    let executor = Executor(pool: ThreadPool(threads: 1))
    _ = try pool.withExecution { (execution) throws(OnyxError) in
      try executor.run(execution, inputs: [x], control: RunControl(), observe: observe)
    }
    #expect(pool.plan.steps.count > 1 && seen.withLock { $0 } == Array(0...pool.plan.steps.count))
  }

  @Test func dataDependentShapesRun() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n"])
    let positions = builder.node("NonZero", x)
    builder.output(builder.node("Mul", positions, builder.constant(try Tensor([10]))), builder.node("Shape", positions))
    let tensor = try Tensor([0, 5, 0, 7] as [Float], shape: [4])
    let results = try GraphRun.run(GraphRun.plan(builder.graph, [tensor]), [tensor])
    #expect(try results[0].elements(as: Int64.self) == [10, 30])
    #expect(try results[1].elements(as: Int64.self) == [1, 2])
  }

  /// The size of an image shows only once it is decoded.
  @Test func sizesThatTheEvaluationTellsCount() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let stream = builder.input("stream", .uint8, ["n"])
    builder.output(builder.node("ImageDecoder", stream))
    let file = try Tensor(Array("P5 4 4 255\n0123456789abcdef".utf8))
    let plan = try GraphRun.plan(builder.graph, [file])
    #expect(try GraphRun.run(plan, [file], control: RunControl(memoryBudget: 48))[0].shape == [4, 4, 3])
    let error = #expect(throws: OnyxError.self) { try GraphRun.run(plan, [file], control: RunControl(memoryBudget: 47)) }
    #expect(error?.code == .budgetExceeded)
  }

  /// Behind a value whose shape depends on data, nodes still run by their kernels: equal to the reference, each run anew.
  @Test(arguments: [KernelTable.referenceName, "fast"]) func stepsBehindDataDependentShapesRunTheirKernels(_ table: String) throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n", 3, 5, 5])
    let flags = builder.input("keep", .bool, ["n"])
    let kept = builder.node("Compress", x, flags, attributes: ["axis": .int(0)])
    let weights = builder.constant(try NodeCase.noise([4, 3, 3, 3], seed: 3))
    let conv = builder.node("Conv", kept, weights, builder.constant(try NodeCase.noise([4], seed: 4)))
    let flat = builder.node("Reshape", builder.node("Relu", conv), builder.constant(try Tensor([0, -1])))
    builder.output(builder.node("Transpose", flat), flat)
    let graph = builder.graph
    let plan = { (tensors: [Tensor]) in try GraphRun.plan(graph, tensors, table: table == "fast" ? KernelTable() : .referenceOnly) }
    let image = try NodeCase.noise([3, 3, 5, 5], seed: 1)
    let pool = ExecutionPool(try plan([image, try Tensor([true, true, true], shape: [3])]))
    for keep in [[true, false, true], [false, false, true], [false, false, false]] {
      let inputs = [image, try Tensor(keep, shape: [3])]
      let results = try pool.withExecution { (execution) throws(OnyxError) in
        try Executor(pool: ThreadPool(threads: 2)).run(execution, inputs: inputs, control: RunControl())
      }
      let expected = try GraphRun.run(GraphRun.plan(graph, inputs, table: .referenceOnly), inputs)
      let count = keep.count { $0 }
      #expect(results.map(\.shape) == [try Shape([36, count]), try Shape([count, 36])])
      for (actual, wanted) in zip(results, expected) {
        for (a, e) in zip(try actual.doubles(), try wanted.doubles()) { #expect((a - e).magnitude < 1e-4) }
      }
    }
  }

  @Test func shapeArithmeticNeedsNoStep() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n", 3, 4])
    let batch = builder.node("Gather", builder.node("Shape", x), builder.constant(try Tensor(scalar: Int64(0))))
    let target = builder.node(
      "Concat", builder.node("Unsqueeze", batch, builder.constant(try Tensor([0]))), builder.constant(try Tensor([12])),
      attributes: ["axis": .int(0)])
    builder.output(builder.node("Reshape", builder.node("Relu", x), target))
    let tensor = try Tensor(Array(repeating: 1 as Float, count: 24), shape: [2, 3, 4])
    let plan = try GraphRun.plan(builder.graph, [tensor])
    #expect(plan.steps.count == 1)
    #expect(try GraphRun.run(plan, [tensor])[0].shape == [2, 12])
  }

  @Test func anErrorNamesTheNode() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [3])
    let index = builder.input("i", .int64, [1])
    builder.output(builder.node("Gather", x, index, name: "pick"))
    let inputs = [try Tensor([1, 2, 3] as [Float], shape: [3]), try Tensor([7])]
    let plan = try GraphRun.plan(builder.graph, inputs)
    let error = #expect(throws: OnyxError.self) { try GraphRun.run(plan, inputs) }
    #expect(error?.trail.first?.hasPrefix("pick (Gather)") == true)
    #expect(error?.inputTypes == ["float32[3]", "int64[1]"])
  }

  @Test func budgetsAndCancellationEndTheRun() throws {
    let graph = try Self.diamond()
    let x = try Tensor([1, 1, 1, 1] as [Float], shape: [1, 4])
    #expect(throws: OnyxError.self) { try GraphRun.plan(graph, [x], memoryBudget: 8) }
    let control = RunControl()
    control.cancel()
    let plan = try GraphRun.plan(graph, [x])
    #expect(throws: OnyxError.self) { try GraphRun.run(plan, [x], control: control) }
    #expect(throws: OnyxError.self) { try GraphRun.run(plan, [x], control: RunControl(deadline: .now + .seconds(-1))) }
  }

  @Test func concurrentRunsHaveTheirOwnMemory() async throws {
    let graph = try Self.diamond()
    let types = [try Tensor(Array(repeating: 0 as Float, count: 4), shape: [1, 4])]
    let pool = ExecutionPool(try GraphRun.plan(graph, types))
    let executor = Executor(pool: ThreadPool(threads: 2))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<16 {
        group.addTask {
          for _ in 0..<50 {
            let x = try Tensor(Array(repeating: Float(task), count: 4), shape: [1, 4])
            let results = try pool.withExecution { (execution) throws(OnyxError) in
              try executor.run(execution, inputs: [x], control: RunControl())
            }
            #expect(try results[1].elements(as: Float.self) == [1, 2, 3, 4].map { Float(task + $0) })
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func planCacheStaysBounded() throws {
    let cache = PlanCache(try Program(try Self.diamond(), table: KernelTable(), isa: .host), memoryBudget: 1 << 30)
    let first = try cache.plan(for: [TensorType(.float32, [1, 4])])
    #expect(try cache.plan(for: [TensorType(.float32, [1, 4])]) === first)
    for n in 2...(cache.limit + 2) { _ = try cache.plan(for: [TensorType(.float32, try Shape([n, 4]))]) }
    #expect(try cache.plan(for: [TensorType(.float32, [1, 4])]) !== first)
  }

  @Test func aViewOfAnInputLeavesAsOutput() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [2, 3])
    builder.output(builder.node("Flatten", x, attributes: ["axis": .int(0)]), x)
    let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let results = try GraphRun.run(GraphRun.plan(builder.graph, [tensor]), [tensor])
    #expect(results.map(\.shape) == [[1, 6], [2, 3]])
    #expect(try results[0].elements(as: Float.self) == [1, 2, 3, 4, 5, 6])
  }
}
