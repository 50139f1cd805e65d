import Foundation
import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Runs whose inputs have another size each time.
@Suite("A program runs at many sizes", .serialized)
struct ManyShapesTests {
  /// A small U-Net: two scales, joined.
  static func network() throws -> Graph {
    var generator = SeededGenerator(seed: 5)
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    func weights(_ shape: Shape) throws -> ValueID {
      let values = (0..<shape.elementCount).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
      return builder.constant(try Tensor(values, shape: shape))
    }
    func convolution(_ x: ValueID, _ filters: Int, _ channels: Int) throws -> ValueID {
      let w = try weights(try Shape([filters, channels, 3, 3]))
      return builder.node("Relu", builder.node("Conv", x, w, try weights([filters]), attributes: ["pads": .ints([1, 1, 1, 1])]))
    }
    let x = builder.input("x", .float32, ["batch", 3, "height", "width"])
    let fine = try convolution(try convolution(x, 16, 3), 16, 16)
    let coarse = try convolution(
      builder.node("MaxPool", fine, attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]), 32, 16)
    let scales = builder.constant(try Tensor([1, 1, 2, 2] as [Float]))
    let up = builder.node("Resize", coarse, nil, scales, attributes: ["mode": .text("nearest")])
    let joined = builder.nodes("Concat", [fine, up], outputs: 1, attributes: ["axis": .int(1)])[0]
    builder.output(try convolution(joined, 4, 48))
    return builder.graph
  }

  static func cache(_ graph: Graph, _ table: KernelTable = KernelTable()) throws -> PlanCache {
    PlanCache(try Program(try Optimizer.optimize(graph).graph, table: table, isa: .host), memoryBudget: 1 << 30)
  }

  static func run(_ cache: PlanCache, _ x: Tensor, threads: Int = 2) throws -> Tensor {
    let pool = ThreadPool(threads: threads)
    return try cache.plan(for: [.tensor(x)]).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: pool).run(execution, inputs: [x], control: RunControl())[0]
    }
  }

  /// Sizes 8, 10, … in an order in which neighbours differ.
  static func size(_ index: Int, of count: Int) -> Int { 8 + 2 * (index * 7 % count) }

  @Test func resultsAreThoseOfTheReference() throws {
    let graph = try Self.network()
    let (fast, reference) = (try Self.cache(graph), try Self.cache(graph, .referenceOnly))
    var generator = SeededGenerator(seed: 1)
    for index in 0..<24 {
      let shape = try Shape([1 + index % 3, 3, Self.size(index, of: 5), Self.size(index, of: 8)])
      let x = try Tensor((0..<shape.elementCount).map { _ in Float.random(in: -1...1, using: &generator) }, shape: shape)
      #expect(allClose(try Self.run(fast, x), try Self.run(reference, x), rtol: 1e-3, atol: 1e-4) == nil)
    }
  }

  @Test func equalInputsGiveEqualBitsBeforeAndAfterOthers() throws {
    let cache = try Self.cache(Self.network())
    let x = try Tensor.filled(with: Float(0.5), shape: [1, 3, 20, 24])
    let first = try Self.run(cache, x)
    for index in 0..<(cache.limit + 3) {
      _ = try Self.run(cache, .filled(with: Float(index), shape: try Shape([1, 3, 8, 8 + 2 * index])))
      if index % 5 == 0 { #expect(try Self.run(cache, x).elements(as: Float.self) == first.elements(as: Float.self)) }
    }
    #expect(try Self.run(cache, x).elements(as: Float.self) == first.elements(as: Float.self))
  }

  /// In a process of its own: what other tests hold meanwhile is not to be counted.
  @Test func memoryIsThatOfTheLargestOfAThousandSizes() async {
    await #expect(processExitsWith: .success) { try Self.runAThousandSizes() }
  }

  /// What the largest size needs is some 16 MB; the plans that are kept would hold a gigabyte if each had memory of its own.
  private static func runAThousandSizes() throws {
    let cache = try cache(network())
    let pool = ThreadPool(threads: 2)
    func run(_ height: Int, _ width: Int) throws {
      let x = try Tensor.zeros(.float32, shape: try Shape([1, 3, height, width]))
      let result = try cache.plan(for: [.tensor(x)]).withExecution { (execution) throws(OnyxError) in
        try Executor(pool: pool).run(execution, inputs: [x], control: RunControl())[0]
      }
      #expect(try result.shape == Shape([1, 4, height, width]))
    }
    for index in 0..<64 { try run(256 + 2 * (index % 8), 256 + 2 * (index / 8)) }
    try run(288, 384)
    let (packed, before) = (cache.program.weights.count, residentByteCount)
    for index in 0..<1000 { try run(index % 100 == 99 ? 286 : 16 + 2 * (index * 7 % 25), index % 100 == 99 ? 360 : 16 + 2 * (index / 25)) }
    #expect(cache.planCount <= cache.limit)
    #expect(cache.program.weights.count == packed)
    if let before, let after = residentByteCount {
      #expect(after - before < 64 << 20 + Sanitizer.keptBytes, "\(before) bytes before, \(after) after")
    }
  }

  /// Bytes of memory behind the process; nil where the system does not tell.
  private static var residentByteCount: Int? {
    let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  @Test func concurrentRunsAtDifferentSizesHaveTheirOwnMemory() async throws {
    let cache = try Self.cache(Self.network())
    let pool = ThreadPool(threads: 2)
    let expected = try (0..<4).map { try Self.run(cache, .filled(with: Float($0), shape: try Shape([1, 3, 16, 16 + 2 * $0]))) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<40 {
            let index = (task + round) % 4
            let x = try Tensor.filled(with: Float(index), shape: try Shape([1, 3, 16, 16 + 2 * index]))
            let result = try cache.plan(for: [.tensor(x)]).withExecution { (execution) throws(OnyxError) in
              try Executor(pool: pool).run(execution, inputs: [x], control: RunControl())[0]
            }
            #expect(try result.elements(as: Float.self) == expected[index].elements(as: Float.self))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
