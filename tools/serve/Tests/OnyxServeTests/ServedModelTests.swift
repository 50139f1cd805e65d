import Dispatch
import Foundation
import NIOCore
import NIOPosix
import Onyx
import OnyxServe
import Synchronization
import Testing

/// Queues, batches and limits of one model, without connections.
@Suite struct ServedModelTests {
  /// Images for the digits of the repository; the answer is the bytes of the logits.
  private struct Images: InferenceCodec {
    let tensor: Tensor

    func decode() throws(Failure) -> InferenceRequest {
      var request = InferenceRequest()
      try request.add("image", tensor)
      return request
    }

    func encode(_ result: InferenceResult) throws(Failure) -> EncodedAnswer {
      var body = ByteBuffer()
      for output in result.outputs { RawElements.write(output, to: &body) }
      return EncodedAnswer(body: body)
    }
  }

  private final class Answers: Sendable {
    private let found = Mutex<[Int: Result<EncodedAnswer, Failure>]>([:])

    func take(_ number: Int, _ result: Result<EncodedAnswer, Failure>) { found.withLock { $0[number] = result } }

    func all(_ count: Int) async throws -> [Result<EncodedAnswer, Failure>] {
      let end = ContinuousClock.now + .seconds(60)
      while found.withLock({ $0.count }) < count, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
      let answers = found.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
      try #require(answers.count == count)
      return answers
    }
  }

  /// A folder with the digits and these settings.
  private static func entry(_ settings: String) throws -> ModelFolder.Entry {
    let root = URL(filePath: #filePath).appending(path: "../../../../..").standardizedFileURL
    let folder = FileManager.default.temporaryDirectory.appending(path: "onyx-serve-\(UUID().uuidString)")
    let inner = folder.appending(path: "digits")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: inner.appending(path: "model.onnx"), withDestinationURL: root.appending(path: "models/digits/model.onnx"))
    try Data(settings.utf8).write(to: inner.appending(path: "config.json"))
    let entries = try ModelFolder(path: folder.path).entries()
    #expect(entries.map(\.name) == ["digits"] && entries.map(\.version) == ["1"])
    return entries[0]
  }

  private static func images(_ rows: Int, _ seed: Int) throws -> Tensor {
    try Tensor((0..<rows * 784).map { Float(($0 * 37 + seed * 11) % 101) / 101 }, shape: Shape([rows, 1, 28, 28]))
  }

  private static let limits = ServedModel.Limits(workers: 2, threads: 1, queue: 100)

  /// Workers that do nothing before the semaphore is signalled.
  private static func blocked(by gate: DispatchSemaphore) -> NIOThreadPool {
    let workers = NIOThreadPool(numberOfThreads: 1)
    workers.start()
    workers.submit { _ in gate.wait() }
    return workers
  }

  /// What is in the queue when the worker begins is a batch.
  @Test func aBatchHasTheNumbersOfItsRequests() async throws {
    let gate = DispatchSemaphore(value: 0)
    let workers = Self.blocked(by: gate)
    let model = try ServedModel(
      Self.entry(#"{"max_batch_size": 8, "concurrency": 1}"#), limits: Self.limits, workers: workers,
      loop: MultiThreadedEventLoopGroup.singleton.next())
    let answers = Answers()
    let given = try [Self.images(1, 1), Self.images(3, 2), Self.images(2, 3), Self.images(4, 4)]
    for (number, tensor) in given.enumerated() { try model.submit(Job(Images(tensor: tensor), deadline: nil) { answers.take(number, $0) }) }
    let wrong = try Tensor([Float](repeating: 0, count: 756), shape: [1, 1, 27, 28])
    try model.submit(Job(Images(tensor: wrong), deadline: nil) { answers.take(4, $0) })
    #expect(model.queueLength == 5)
    gate.signal()
    let results = try await answers.all(5)
    for (result, tensor) in zip(results, given) {
      let alone = try #require(try model.session.run(["image": tensor])["logits"]).elements(as: Float.self)
      var body = try result.get().body
      var batched: [Float] = []
      while let bits = body.readInteger(endianness: .little, as: UInt32.self) { batched.append(Float(bitPattern: bits)) }
      #expect(batched.count == alone.count)
      for (a, b) in zip(batched, alone) { #expect(abs(a - b) < 1e-4) }
    }
    guard case .failure(let failure) = results[4] else { throw Failure(.internalError, "A wrong image was taken.") }
    #expect(failure.kind == .badRequest)
    // Rows of 1 + 3 + 2 are one batch; 4 more would be 10.
    #expect(model.counts.histograms.rows.sum == 10 && model.counts.histograms.rows.count == 2)
    try await workers.shutdownGracefully()
  }

  @Test func aFullQueueRefusesAndLapsedJobsAreNotRun() async throws {
    let gate = DispatchSemaphore(value: 0)
    let workers = Self.blocked(by: gate)
    let model = try ServedModel(
      Self.entry(#"{"queue": 3}"#), limits: Self.limits, workers: workers, loop: MultiThreadedEventLoopGroup.singleton.next())
    let answers = Answers()
    let image = try Self.images(1, 1)
    let left = Job(Images(tensor: image), deadline: nil) { answers.take(0, $0) }
    try model.submit(left)
    try model.submit(Job(Images(tensor: image), deadline: .zero) { answers.take(1, $0) })
    try model.submit(Job(Images(tensor: image), deadline: nil) { answers.take(2, $0) })
    let fourth = Job(Images(tensor: image), deadline: nil) { answers.take(3, $0) }
    let refused = #expect(throws: Failure.self) { try model.submit(fourth) }
    #expect(refused?.kind == .tooManyRequests)
    left.cancel()
    gate.signal()
    let kinds = try await answers.all(3).map { result -> Failure.Kind? in
      if case .failure(let failure) = result { failure.kind } else { nil }
    }
    #expect(kinds == [.cancelled, .deadlineExceeded, nil])
    #expect(model.counts.histograms.runs.count == 1)
    try await workers.shutdownGracefully()
  }

  @Test(arguments: [#"{"batch": 2}"#, #"{"max_batch_size": 0}"#, "{"]) func wrongSettingsAreRefused(_ settings: String) throws {
    let entry = try Self.entry(settings)
    let failure = #expect(throws: Failure.self) {
      try ServedModel(
        entry, limits: Self.limits, workers: NIOThreadPool(numberOfThreads: 1), loop: MultiThreadedEventLoopGroup.singleton.next())
    }
    #expect(failure?.message.contains("config.json") == true)
  }
}
