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
    let test: NodeCase
    var testDescription: String { name }

    init(_ name: String, reference: Bool = false, _ test: NodeCase) {
      (self.name, self.test) = (name, test)
      table = reference ? .referenceOnly : KernelTable()
    }
  }

  private static func numbers(_ shape: Int..., type: ElementType = .float32) -> NodeCase.Input {
    .given(try! Tensor.random(type, Shape(shape), in: -1...1, seed: 1))
  }

  static let steps: [Long] = [
    Long("MatMul", NodeCase("MatMul", [numbers(1, 4096, 4096), numbers(4096, 4096)])),
    Long("MatMul of doubles", NodeCase("MatMul", [numbers(2048, 2048, type: .float64), numbers(2048, 2048, type: .float64)])),
    Long("Conv", NodeCase("Conv", [numbers(1, 256, 192, 192), .weight([512, 256, 3, 3])], ["pads": .ints([1, 1, 1, 1])])),
    Long("Conv of strides", NodeCase("Conv", [numbers(1, 128, 512, 512), .weight([256, 128, 5, 5])], ["strides": .ints([2, 2])])),
    Long(
      "LSTM", NodeCase("LSTM", [numbers(2000, 8, 512), .weight([1, 2048, 512]), .weight([1, 2048, 512])], ["hidden_size": .int(512)])),
    Long("Attention", NodeCase("Attention", [numbers(1, 16, 4096, 64), numbers(1, 16, 4096, 64), numbers(1, 16, 4096, 64)])),
    Long("Softmax", NodeCase("Softmax", [numbers(4000, 16_384)])), Long("Erf", NodeCase("Erf", [numbers(60_000_000)])),
    Long("MatMul's reference", reference: true, NodeCase("MatMul", [numbers(1000, 1000), numbers(1000, 1000)])),
    Long("Conv's reference", reference: true, NodeCase("Conv", [numbers(1, 64, 64, 64), .weight([64, 64, 3, 3])])),
    Long(
      "Resize's reference", reference: true,
      NodeCase(
        "Resize", [numbers(1, 4, 512, 512), .none, .constant(try! Tensor([1, 1, 4, 4] as [Float]))], ["mode": .text("cubic")])),
  ]

  /// What a run takes past its deadline: 50 milliseconds, and what this machine takes from a thread meanwhile.
  private static func time(past deadline: ContinuousClock.Instant) -> Duration { ContinuousClock.now - deadline }

  /// What is too late in any case: tests of other suites, which run meanwhile, can take the processors for longer than 50 milliseconds.
  private static let latest = Duration.milliseconds(250) * Sanitizer.patience

  @Test(arguments: steps, [1, 2]) func deadlinesEndIt(_ long: Long, threads: Int) throws {
    let (graph, given) = try long.test.graph()
    let plan = try GraphRun.plan(graph, given, table: long.table, memoryBudget: 8 << 30)
    var best = Duration.seconds(100)
    for attempt in 0..<6 {
      let deadline = ContinuousClock.now + .milliseconds(40 + 20 * attempt)
      let control = RunControl(deadline: deadline)
      do {
        _ = try GraphRun.run(plan, given, threads: threads, control: control)
        #expect(Self.time(past: deadline) < .zero, "\(long.name) ended \(Self.time(past: deadline)) past its deadline and gave a result")
        Issue.record("\(long.name) is too short for the test")
        return
      } catch let error as OnyxError {
        #expect(error.code == .budgetExceeded && error.reason == "The deadline of the run has passed.", "\(long.name): \(error)")
        best = min(best, Self.time(past: deadline))
      }
      if best < .milliseconds(50) { return }
    }
    #expect(best < Self.latest, "\(long.name) on \(threads) threads")
  }

  @Test(arguments: [1, 2]) func anotherThreadEndsIt(threads: Int) throws {
    let long = Self.steps[0]
    let (graph, given) = try long.test.graph()
    let plan = try GraphRun.plan(graph, given, memoryBudget: 8 << 30)
    // Other tests can keep the processors from this one.
    var best = Duration.seconds(1)
    for _ in 0..<5 where best >= .milliseconds(50) { best = min(best, lateness(of: plan, given, threads: threads)) }
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
