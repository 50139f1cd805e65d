import Foundation
import Onyx
import OnyxTestSupport
import Synchronization
import Testing

/// Tasks and threads that share sessions and do everything at once: runs of several shapes, inputs that are refused, cancellations,
/// deadlines, budgets, fetches, and sessions that are made and dropped. Every result is that of the same run alone, bit for bit.
///
/// `ONYX_STRESS_SECONDS` says how long it goes on; where each deed takes seconds, as under a sanitizer, until all were done.
@Suite struct ConcurrencyStressTests {
  static let seconds = ProcessInfo.processInfo.environment["ONYX_STRESS_SECONDS"].flatMap(Double.init) ?? 2

  /// What the workers share.
  struct Shared {
    let sessions: [Session]
    let poor: Session
    let slow: Session
    let images: [Tensor]
    let expected: [[String: [UInt32]]]

    init() throws {
      let path = SessionTests.digits.path
      sessions = try [1, 2, 3].map { try Session(path: path, options: SessionOptions(threads: $0)) }
      var options = SessionOptions(threads: 2)
      options.memoryBudget = 1000
      poor = try Session(path: path, options: options)
      slow = try Session(bytes: SmallModel.products(3000), options: SessionOptions(threads: 2))
      images = try (0..<6).map { try .random(.float32, [$0 + 1, 1, 28, 28], in: 0...1, seed: UInt64($0)) }
      let alone = try Session(path: path, options: SessionOptions(threads: 1))
      expected = try images.map { try bits(try alone.run(["image": $0] as [String: Tensor])) }
    }
  }

  /// What can be done; each throws or records what is wrong.
  enum Deed: CaseIterable { case run, refused, poor, late, cancelled, fetch, newSession }

  private static func perform(_ deed: Deed, _ shared: Shared, _ generator: inout SeededGenerator) throws {
    let number = Int(generator.next() % 6)
    let session = shared.sessions[Int(generator.next() % 3)]
    let image = shared.images[number]
    switch deed {
    case .run: #expect(try bits(session.run(["image": image])) == shared.expected[number])
    case .refused:
      let wrong = try Tensor.random(.float32, [1, 1, 27, 28], seed: 1)
      #expect(throws: OnyxError.self) { try session.run(["image": wrong] as [String: Tensor]) }
      #expect(throws: OnyxError.self) { try session.run([:] as [String: Tensor]) }
    case .poor:
      let error = #expect(throws: OnyxError.self) { try shared.poor.run(["image": image] as [String: Tensor]) }
      #expect(error?.code == .budgetExceeded)
    case .late:
      let error = #expect(throws: OnyxError.self) {
        try shared.slow.run(["x": Self.zeros], within: RunLimits(deadline: .now + .milliseconds(Int(generator.next() % 3))))
      }
      #expect(error?.code == .budgetExceeded)
    case .cancelled:
      let limits = RunLimits()
      let canceller = Thread { limits.cancel() }
      canceller.start()
      let error = #expect(throws: OnyxError.self) { try shared.slow.run(["x": Self.zeros], within: limits) }
      #expect(error?.code == .budgetExceeded)
    case .fetch:
      let results = try session.run(["image": image], fetching: [["relu", "relu_1", "sigmoid"][number % 3]])
      #expect(try bits(results)["logits"]?.count == shared.expected[number]["logits"]?.count)
    case .newSession:
      let session = try Session(path: SessionTests.digits.path, options: SessionOptions(threads: 1 + number % 3))
      #expect(try bits(session.run(["image": image])) == shared.expected[number])
    }
  }

  private static let zeros = try! Tensor(floating: Array(repeating: 0, count: 384 * 384), as: .float32, shape: [384, 384])

  @Test func everythingAtOnce() async throws {
    let shared = try Shared()
    let end = ContinuousClock.now + .seconds(Self.seconds)
    let counts = Mutex<[Deed: Int]>([:])
    let work: @Sendable (UInt64) throws -> Void = { seed in
      var generator = SeededGenerator(seed: seed)
      while ContinuousClock.now < end || counts.withLock({ $0.count < Deed.allCases.count }) {
        let deed = Deed.allCases[Int(generator.next() % UInt64(Deed.allCases.count))]
        try Self.perform(deed, shared, &generator)
        counts.withLock { $0[deed, default: 0] += 1 }
      }
    }
    let failures = Mutex<[String]>([])
    let threads = (0..<3 as Range<UInt64>).map { number in
      Thread { do { try work(number) } catch { failures.withLock { $0.append("\(error)") } } }
    }
    for thread in threads { thread.start() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 10..<13 as Range<UInt64> { group.addTask { try work(number) } }
      group.addTask { try await Self.cancelTasks(shared, until: end) }
      try await group.waitForAll()
    }
    while threads.contains(where: { !$0.isFinished }) { try await Task.sleep(for: .milliseconds(5)) }
    #expect(failures.withLock { $0 } == [])
    #expect(Set(counts.withLock { $0.keys }) == Set(Deed.allCases))
  }

  /// Asynchronous runs whose tasks are cancelled, beside those that are not.
  private static func cancelTasks(_ shared: Shared, until end: ContinuousClock.Instant) async throws {
    while ContinuousClock.now < end {
      let slow = Task { try await shared.slow.results(for: ["x": zeros]) }
      let good = Task { try await shared.sessions[1].results(for: ["image": shared.images[2]]) }
      try await Task.sleep(for: .milliseconds(2))
      slow.cancel()
      #expect(try bits(try await good.value) == shared.expected[2])
      let result = await slow.result
      #expect(throws: CancellationError.self) { try result.get() }
    }
  }
}
