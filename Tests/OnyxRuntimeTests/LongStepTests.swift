import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Steps of many seconds that a deadline ends, or another thread, soon after: in kernels and in references.
@Suite("A long step notices its end", .serialized)
struct LongStepTests {
  struct Long: Sendable, CustomTestStringConvertible {
    let name: String
    let table: KernelTable
    /// Makes the node with its inputs, which only one case at a time has.
    let make: @Sendable () throws -> NodeCase
    var testDescription: String { name }

    init(_ name: String, reference: Bool = false, _ make: @autoclosure @escaping @Sendable () throws -> NodeCase) {
      (self.name, self.make) = (name, make)
      table = reference ? .referenceOnly : KernelTable()
    }
  }

  private static func numbers(_ shape: Int..., type: ElementType = .float32) throws -> NodeCase.Input {
    .given(try noise(Shape(shape), type))
  }

  /// What a plan packs.
  private static func weights(_ shape: Int..., type: ElementType = .float32) throws -> NodeCase.Input {
    .constant(try noise(Shape(shape), type))
  }

  private static func constant(_ integers: Int64...) throws -> NodeCase.Input { .constant(try Tensor(integers)) }

  /// Random numbers that repeat: to draw them all would take longer than the tests.
  private static func noise(_ shape: Shape, _ type: ElementType) throws -> Tensor {
    guard type == .float32 else { return try .random(type, shape, in: -1...1, seed: 1) }
    let some = try Tensor.random(type, [65_537], in: -1...1, seed: 1).elements(as: Float.self)
    var all: [Float] = []
    all.reserveCapacity(shape.elementCount)
    while all.count < shape.elementCount { all += some.prefix(shape.elementCount - all.count) }
    return try Tensor(all, shape: shape)
  }

  static let kernels: [Long] = [
    Long("MatMul", NodeCase("MatMul", [try numbers(1, 4096, 4096), try numbers(4096, 4096)])),
    Long("MatMul of doubles", NodeCase("MatMul", [try numbers(2048, 2048, type: .float64), try numbers(2048, 2048, type: .float64)])),
    Long("Conv", NodeCase("Conv", [try numbers(1, 256, 192, 192), try weights(512, 256, 3, 3)], ["pads": .ints([1, 1, 1, 1])])),
    Long("Conv of strides", NodeCase("Conv", [try numbers(1, 128, 512, 512), try weights(256, 128, 5, 5)], ["strides": .ints([2, 2])])),
    Long(
      "LSTM",
      NodeCase("LSTM", [try numbers(2000, 8, 512), try weights(1, 2048, 512), try weights(1, 2048, 512)], ["hidden_size": .int(512)])),
    Long("Attention", NodeCase("Attention", [try numbers(1, 16, 4096, 64), try numbers(1, 16, 4096, 64), try numbers(1, 16, 4096, 64)])),
    Long("Softmax", NodeCase("Softmax", [try numbers(4000, 16_384)])), Long("Erf", NodeCase("Erf", [try numbers(60_000_000)])),
    Long("MatMul with weights", NodeCase("MatMul", [try numbers(2048, 2048), try weights(2048, 4096)])),
    Long("Gemm with weights", NodeCase("Gemm", [try numbers(2048, 2048), try weights(4096, 2048)], ["transB": .int(1)])),
    Long("MatMulInteger", NodeCase("MatMulInteger", [try numbers(2048, 4096, type: .uint8), try weights(4096, 2048, type: .int8)])),
    Long("ConvInteger", NodeCase("ConvInteger", [try numbers(1, 256, 160, 160, type: .uint8), try weights(256, 256, 3, 3, type: .int8)])),
    Long(
      "ConvTranspose", NodeCase("ConvTranspose", [try numbers(1, 512, 128, 128), try weights(512, 128, 4, 4)], ["strides": .ints([2, 2])])),
    Long("Einsum", NodeCase("Einsum", [try numbers(16, 1024, 1024), try numbers(16, 1024, 1024)], ["equation": .text("bid,bjd->bij")])),
    Long("DFT", NodeCase("DFT", [try numbers(1, 1 << 22, 1)], ["onesided": .int(0)])),
    Long("TopK", NodeCase("TopK", [try numbers(5_000_000), try constant(2_500_000)], outputs: 2)),
    Long("NonMaxSuppression", try NodeCase("NonMaxSuppression", boxes(40_000))),
  ]

  static let references: [Long] = [
    Long("MatMul", reference: true, NodeCase("MatMul", [try numbers(1000, 1000), try numbers(1000, 1000)])),
    Long("Conv", reference: true, NodeCase("Conv", [try numbers(1, 64, 64, 64), .weight([64, 64, 3, 3])])),
    Long(
      "Resize", reference: true,
      NodeCase("Resize", [try numbers(1, 4, 512, 512), .none, .constant(try Tensor([1, 1, 4, 4] as [Float]))], ["mode": .text("cubic")])),
    Long("Gemm", reference: true, NodeCase("Gemm", [try numbers(500, 500), try numbers(500, 500)])),
    Long("ConvTranspose", reference: true, NodeCase("ConvTranspose", [try numbers(1, 64, 64, 64), .weight([64, 64, 4, 4])])),
    Long("Einsum", reference: true, NodeCase("Einsum", [try numbers(500, 500), try numbers(500, 500)], ["equation": .text("ij,jk->ik")])),
    Long("LSTM", reference: true, try layer("LSTM", gates: 4)), Long("GRU", reference: true, try layer("GRU", gates: 3)),
    Long("RNN", reference: true, try layer("RNN", gates: 1)),
    Long(
      "ScatterND", reference: true,
      NodeCase(
        "ScatterND",
        [try numbers(1000, 8000), .constant(try Tensor((0..<1000).map { Int64($0) }, shape: [1000, 1])), try numbers(1000, 8000)],
        ["reduction": .text("add")])),
    Long("TopK", reference: true, NodeCase("TopK", [try numbers(8_000_000), try constant(10)], outputs: 2)),
    Long("Unique", reference: true, NodeCase("Unique", [try numbers(8_000_000)], outputs: 4)),
    Long("NonMaxSuppression", reference: true, try NodeCase("NonMaxSuppression", boxes(40_000))),
    Long("NonZero", reference: true, NodeCase("NonZero", [try numbers(4_000_000)])),
    Long("Erf", reference: true, NodeCase("Erf", [try numbers(20_000_000)])),
    Long("ReduceSum", reference: true, NodeCase("ReduceSum", [try numbers(12_000_000)])),
    Long("ReduceLogSumExp", reference: true, NodeCase("ReduceLogSumExp", [try numbers(8_000_000)])),
    Long("ArgMax", reference: true, NodeCase("ArgMax", [try numbers(12_000_000)])),
    Long("CumSum", reference: true, NodeCase("CumSum", [try numbers(12_000_000), .constant(try Tensor(scalar: 0 as Int64))])),
    Long("Softmax of one row", reference: true, NodeCase("Softmax", [try numbers(8_000_000)])),
    Long("LayerNormalization", reference: true, NodeCase("LayerNormalization", [try numbers(2000, 4000), try numbers(4000)])),
    Long("LRN", reference: true, NodeCase("LRN", [try numbers(1, 64, 256, 256)], ["size": .int(5)])),
    Long("RandomNormal", reference: true, NodeCase("RandomNormal", [], ["shape": .ints([4_000_000])])),
  ]

  private static func layer(_ op: String, gates: Int) throws -> NodeCase {
    NodeCase(
      op, [try numbers(2400 / gates, 4, 128), try weights(1, gates * 128, 128), try weights(1, gates * 128, 128)],
      ["hidden_size": .int(128)])
  }

  /// Boxes of which none overlaps another, and how many of them are wanted: all.
  private static func boxes(_ count: Int) throws -> [NodeCase.Input] {
    let corners = (0..<count).flatMap { (left) -> [Float] in [Float(left), 0, Float(left) + 0.5, 1] }
    return [.given(try Tensor(corners, shape: [1, count, 4])), try numbers(1, 1, count), try constant(Int64(count))]
  }

  /// What a run takes past its deadline: 50 milliseconds, and what this machine takes from a thread meanwhile.
  private static func time(past deadline: ContinuousClock.Instant) -> Duration { ContinuousClock.now - deadline }

  /// What a run of one thread may take past its deadline.
  private static let late = Duration.milliseconds(50) * Sanitizer.patience

  /// What is too late in any case: tests of other suites, which run meanwhile, can take the processors for longer than 50 milliseconds.
  private static let latest = Duration.milliseconds(250) * Sanitizer.patience

  @Test(arguments: kernels) func aKernelNotices(_ long: Long) throws { try check(long, threads: 1) }

  @Test(arguments: references) func aReferenceNotices(_ long: Long) throws { try check(long, threads: 1) }

  @Test(arguments: kernels.prefix(8)) func everyThreadNotices(_ long: Long) throws { try check(long, threads: 2) }

  /// Lateness is what the clock says, and of one thread not more than the processor time that it had past its share: other tests can keep
  /// the processors from this one, after the last question before its end as well: such an attempt says nothing.
  private func check(_ long: Long, threads: Int) throws {
    let (graph, given) = try long.make().graph()
    let plan = try GraphRun.plan(graph, given, table: long.table, memoryBudget: 8 << 30)
    var best = Duration.seconds(100)
    let latest = threads == 1 ? Self.late : Self.latest
    for attempt in 0..<6 where best >= Self.late {
      let share = Duration.milliseconds(40 + 20 * attempt)
      let (before, deadline) = (processorTime(), ContinuousClock.now + share)
      func lateness() -> Duration {
        let past = Self.time(past: deadline)
        return threads == 1 ? min(past, processorTime() - before - share) : past
      }
      do {
        _ = try GraphRun.run(plan, given, threads: threads, control: RunControl(deadline: deadline))
        let late = lateness()
        #expect(late < latest, "\(long.name) gave a result \(late) past its deadline")
      } catch let error as OnyxError {
        #expect(error.code == .budgetExceeded && error.reason == "The deadline of the run has passed.", "\(long.name): \(error)")
        best = min(best, lateness())
      }
    }
    #expect(best < latest, "\(long.name) on \(threads) threads, or it is too short for this test")
  }

  @Test(arguments: [1, 2]) func anotherThreadEndsIt(threads: Int) throws {
    let (graph, given) = try Self.kernels[0].make().graph()
    let plan = try GraphRun.plan(graph, given, memoryBudget: 8 << 30)
    // Other tests can keep the processors from this one.
    var best = Duration.seconds(1)
    for _ in 0..<5 where best >= Self.late { best = min(best, lateness(of: plan, given, threads: threads)) }
    #expect(best < Self.latest, "\(best)")
  }

  /// How long after its cancellation by another thread a run ends.
  private func lateness(of plan: Plan, _ given: [Tensor], threads: Int) -> Duration {
    let control = RunControl()
    let ended = Mutex(ContinuousClock.now)
    let thread = ThreadPool(threads: 2)
    thread.parallelFor(count: 2, chunksPerThread: 1) { range in
      for index in range {
        if index == 0 {
          usleep(50_000)
          ended.withLock { $0 = .now }
          control.cancel()
        } else {
          do { _ = try GraphRun.run(plan, given, threads: threads, control: control) } catch {
            #expect((error as? OnyxError)?.reason == "The run was cancelled.")
          }
        }
      }
    }
    return ContinuousClock.now - ended.withLock { $0 }
  }
}
