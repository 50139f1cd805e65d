import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Planning that the limits of a run end, at any of its portions: what was packed until then is no weight of the next plan.
@Suite("Planning can be ended") struct EndedPlanTests {
  /// Products, convolutions and a layer whose weights kernels pack.
  private static func graph() throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    func weight(_ shape: Shape, _ seed: Int) throws -> ValueID { builder.constant(try NodeCase.noise(shape, seed: seed)) }
    let image = builder.input("image", .float32, [1, 32, 16, 16])
    let filtered = builder.node("Conv", image, try weight([64, 32, 3, 3], 1))
    let mixed = builder.node("Conv", filtered, try weight([256, 64, 1, 1], 2))
    builder.output(mixed)
    let rows = builder.input("rows", .float32, [40, 300])
    builder.output(builder.node("MatMul", rows, try weight([300, 700], 3)))
    let steps = builder.input("steps", .float32, [5, 2, 64])
    let (input, recurrent) = (try weight([1, 192, 64], 4), try weight([1, 192, 64], 5))
    builder.output(builder.node("GRU", steps, input, recurrent, attributes: ["hidden_size": .int(64)]))
    return builder.graph
  }

  private static func inputs() throws -> [Tensor] {
    [
      try NodeCase.noise([1, 32, 16, 16], seed: 6), try NodeCase.noise([40, 300], seed: 7), try NodeCase.noise([5, 2, 64], seed: 8),
    ]
  }

  private static func plan(_ program: Program, _ inputs: [Tensor]) throws(OnyxError) -> Plan {
    let types = Dictionary(uniqueKeysWithValues: zip(program.graph.inputs, inputs.map { TensorType($0.elementType, $0.shape) }))
    return try Planner.plan(program, inputs: types, memoryBudget: 1 << 30)
  }

  @Test(arguments: [1, 2]) func itIsMadeAnewAfterAnyPortion(threads: Int) throws {
    let (graph, inputs) = (try Self.graph(), try Self.inputs())
    func program() throws -> Program { try Program(graph, table: KernelTable(), isa: .host, pool: ThreadPool(threads: threads)) }
    let expected = try GraphRun.run(try Self.plan(try program(), inputs), inputs)
    var ended = 0
    for questions in 0..<12 {
      let program = try program()
      let control = RunControl(questions: questions)
      do throws(OnyxError) {
        _ = try control.planning { () throws(OnyxError) in try Self.plan(program, inputs) }
      } catch {
        #expect(error.reason == "The deadline of the run has passed.")
        ended += 1
      }
      let results = try GraphRun.run(try Self.plan(program, inputs), inputs)
      for (result, usual) in zip(results, expected) { #expect(result.hasEqualBits(to: usual), "ended after \(questions)") }
    }
    #expect(ended > 3)
  }

  @Test func aCancelledRunPlansNothing() throws {
    let (graph, inputs) = (try Self.graph(), try Self.inputs())
    let program = try Program(graph, table: KernelTable(), isa: .host)
    let control = RunControl()
    control.cancel()
    let error = failure { () throws(OnyxError) in
      _ = try control.planning { () throws(OnyxError) in try Self.plan(program, inputs) }
    }
    #expect(error?.reason == "The run was cancelled.")
    #expect(program.weights.count == 0)
  }
}
