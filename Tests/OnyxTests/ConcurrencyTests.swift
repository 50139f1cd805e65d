import Dispatch
import Onyx
import OnyxTestSupport
import Testing

@Suite struct ConcurrencyTests {
  private static func image(_ seed: UInt64, batch: Int) throws -> Tensor {
    try .random(.float32, try Shape([batch, 1, 28, 28]), in: 0...1, seed: seed)
  }

  /// Batches differ, so that plans are made, evicted and shared while others run.
  @Test(arguments: [1, 3]) func oneSessionServesManyTasks(_ threads: Int) async throws {
    let session = try Session(path: SessionTests.digits.path, options: SessionOptions(threads: threads))
    var expected: [[String: [UInt32]]] = []
    for task in 0..<12 { expected.append(try bits(try Self.runSynchronously(session, Self.image(UInt64(task), batch: task + 1)))) }
    let wanted = expected
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<48 {
        group.addTask {
          let image = try Self.image(UInt64(task % 12), batch: task % 12 + 1)
          let results = task % 2 == 0 ? try await session.results(for: ["image": image]) : try Self.runSynchronously(session, image)
          return try bits(results) == wanted[task % 12]
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  private static func runSynchronously(_ session: Session, _ image: Tensor) throws -> [String: Tensor] { try session.run(["image": image]) }

  @Test func concurrentRunsMayFetchDifferentTensors() async throws {
    let session = try Session(path: SessionTests.digits.path)
    let names = ["relu", "relu_1", "relu_2", "relu_3", "relu_4", "relu_5", "sigmoid", "sigmoid_1"]
    let image = try Self.image(1, batch: 2)
    let expected = try bits(try Self.runSynchronously(session, image))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for round in 0..<24 {
        group.addTask {
          let results = try await session.results(for: ["image": image], fetching: [names[round % names.count]])
          #expect(results.keys.sorted() == ["logits", names[round % names.count]].sorted())
          #expect(
            try difference(
              ["logits": try #require(results["logits"])], ["logits": try #require(try Self.runSynchronously(session, image)["logits"])])
              == nil)
        }
      }
      try await group.waitForAll()
    }
    #expect(try bits(try Self.runSynchronously(session, image)) == expected)
  }

  @Test func cancellingTheTaskEndsTheRun() async throws {
    let session = try Session(bytes: SmallModel.products(5000), options: SessionOptions(threads: 1))
    let zeros = try Tensor(floating: Array(repeating: 0, count: 384 * 384), as: .float32, shape: [384, 384])
    let task = Task { try await session.results(for: ["x": zeros]) }
    // Not by a task: other tests can keep those from going on for longer than the run takes.
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(30)) { task.cancel() }
    let result = await task.result
    #expect(throws: CancellationError.self) { try result.get() }
  }

  @Test func aCancelledTaskRunsNothing() async throws {
    let session = try Session(bytes: SmallModel.root)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await session.results(for: ["x": vector(4)])
    }
    task.cancel()
    let result = await task.result
    #expect(throws: CancellationError.self) { try result.get() }
    #expect(try await session.results(for: ["x": vector(4)])["y"]?.doubles() == [2])
  }

  @Test func errorsOfAsyncRunsAreThrown() async throws {
    let session = try Session(bytes: SmallModel.root)
    let missing = await #expect(throws: OnyxError.self) { try await session.results(for: [:]) }
    #expect(missing?.code == .usage)
    var options = SessionOptions(threads: 1)
    options.deadline = .milliseconds(1)
    let slow = try Session(bytes: SmallModel.products(5000), options: options)
    let zeros = try Tensor(floating: Array(repeating: 0, count: 384 * 384), as: .float32, shape: [384, 384])
    let late = await #expect(throws: OnyxError.self) { try await slow.results(for: ["x": zeros]) }
    #expect(late?.code == .budgetExceeded && late?.reason == "The deadline of the run has passed.")
  }

  /// A synchronous run in an asynchronous function needs no `await` and keeps its typed error.
  @Test func synchronousRunsKeepTheirErrors() async throws {
    let session = try Session(bytes: SmallModel.root)
    do throws(OnyxError) {
      _ = try session.run([:])
      Issue.record("nothing was thrown")
    } catch { #expect(error.code == .usage) }
  }
}
