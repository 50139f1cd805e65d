import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Plans that take over what the plan before found out.
@Suite("A plan takes over what the one before it found out")
struct PlanReuseTests {
  private static func run(_ cache: PlanCache, _ inputs: [Tensor]) throws -> [Tensor] {
    try cache.plan(for: inputs.map { .tensor($0) }).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: ThreadPool(threads: 1)).run(execution, inputs: inputs, control: RunControl())
    }
  }

  private static func cache(_ graph: Graph) throws -> PlanCache {
    PlanCache(try Program(graph, table: KernelTable(), isa: .host), memoryBudget: 1 << 30)
  }

  /// The types around the slice are the same each time; where it begins is the extent of another input.
  @Test func aConstantOfEqualTypeAndOtherValueIsSeen() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, y) = (builder.input("x", .float32, ["n", 4]), builder.input("y", .float32, [8]))
    let start = builder.nodes("Shape", [x], outputs: 1, attributes: ["end": .int(1)])[0]
    let end = builder.node("Add", start, builder.constant(try Tensor([2])))
    let part = builder.node("Slice", builder.node("Neg", y), start, end)
    builder.output(builder.node("Relu", builder.node("Neg", part)))
    let cache = try Self.cache(builder.graph)
    let values = try Tensor([0, 1, 2, 3, 4, 5, 6, 7] as [Float])
    for n in [1, 3, 2, 3, 5, 1] {
      let result = try Self.run(cache, [.zeros(.float32, shape: try Shape([n, 4])), values])[0]
      #expect(try result.elements(as: Float.self) == [Float(n), Float(n + 1)])
    }
  }

  /// One half of the graph sees the same in every plan, the other half never, and a third one both.
  @Test func unchangedNodesStandBesideChangedOnes() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, y) = (builder.input("x", .float32, ["n", 4]), builder.input("y", .float32, [4, 4]))
    let w = builder.constant(try Tensor((0..<16).map { Float($0 % 3) }, shape: [4, 4]))
    let still = builder.node("Relu", builder.node("MatMul", y, w))
    let moving = builder.node("Exp", builder.node("MatMul", x, w))
    builder.output(still, builder.node("MatMul", builder.node("Relu", moving), still))
    let (cache, reference) = (
      try Self.cache(builder.graph),
      PlanCache(try Program(builder.graph, table: .referenceOnly, isa: .host), memoryBudget: 1 << 30)
    )
    let other = try Tensor.random(.float32, [4, 4], seed: 3)
    for n in [1, 9, 2, 1, 17] {
      let inputs = [try Tensor.random(.float32, Shape([n, 4]), seed: UInt64(n)), other]
      for (a, b) in zip(try Self.run(cache, inputs), try Self.run(reference, inputs)) { #expect(allClose(a, b, rtol: 1e-4) == nil) }
    }
  }

  /// A plan that fails leaves nothing behind that the next one would take for its own.
  @Test func aFailedPlanIsForgotten() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, y) = (builder.input("x", .float32, ["n"]), builder.input("y", .float32, ["m"]))
    builder.output(builder.node("Add", builder.node("Neg", x), y))
    let cache = try Self.cache(builder.graph)
    func ones(_ count: Int) throws -> Tensor { try .filled(with: Float(1), shape: try Shape([count])) }
    #expect(try Self.run(cache, [ones(3), ones(3)])[0].elementCount == 3)
    #expect(throws: OnyxError.self) { try Self.run(cache, [ones(3), ones(5)]) }
    #expect(try Self.run(cache, [ones(5), ones(5)])[0].elements(as: Float.self) == [0, 0, 0, 0, 0])
    #expect(try Self.run(cache, [ones(1), ones(2)])[0].elements(as: Float.self) == [0, 0])
  }

  /// The types of a signature are looked at again where they are others than in the last plan.
  @Test func otherElementTypesAreChecked() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n"])
    builder.output(builder.node("Sqrt", x))
    let cache = try Self.cache(builder.graph)
    #expect(try Self.run(cache, [Tensor([4] as [Float])])[0].elements(as: Float.self) == [2])
    #expect(throws: OnyxError.self) { try cache.plan(for: [.tensor(try Tensor([true]))]) }
  }
}
