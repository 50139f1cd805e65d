import DequeModule
import NIOCore
import NIOPosix
import Onyx
import Synchronization

/// One version of a model that answers requests: its session, its queue and what is counted of it.
package final class ServedModel: Sendable {
  /// What requests wait in.
  private struct Queue {
    var jobs: Deque<Job> = []
    /// Workers that have jobs of the queue.
    var active = 0
    /// Whether a batch waits for more requests.
    var isGathering = false
  }

  /// Where its files are.
  package let entry: ModelFolder.Entry
  /// How it is served.
  package let configuration: ModelConfiguration
  /// What runs.
  package let session: Session
  /// Of the file.
  package let model: Model
  /// Names of the tensors of attention blocks; empty where the model has none.
  package let attention: AttentionTensors
  /// What is counted of its requests.
  package let counts = ModelCounts()
  /// Whether requests may be brought together: all inputs and outputs begin with one symbolic dimension.
  package let isBatchable: Bool
  package let limits: Limits
  private let queue = Mutex(Queue())
  private let workers: NIOThreadPool
  private let loop: any EventLoop

  /// Numbers that the server decides where the configuration says nothing.
  package struct Limits: Sendable {
    package var workers: Int
    package var threads: Int
    package var queue: Int
    package var memoryBudget: Int?
    package var deadline: Duration?

    /// `memoryBudget` is that of one run.
    package init(workers: Int, threads: Int, queue: Int, memoryBudget: Int? = nil, deadline: Duration? = nil) {
      self.workers = workers
      self.threads = threads
      self.queue = queue
      self.memoryBudget = memoryBudget
      self.deadline = deadline
    }
  }

  /// Loads the files of `entry`. Throws what is wrong with them.
  package init(_ entry: ModelFolder.Entry, limits: Limits, workers: NIOThreadPool, loop: any EventLoop) throws(Failure) {
    self.entry = entry
    self.limits = limits
    self.workers = workers
    self.loop = loop
    var configuration = ModelConfiguration()
    do throws(OnyxError) {
      if let path = entry.configurationPath {
        do throws(Failure) { configuration = try ModelConfiguration(json: try Files.read(path)) } catch {
          throw OnyxError(.usage, "'\(path)': \(error.message)")
        }
      }
      self.configuration = configuration
      model = try Self.model(entry, isMapped: configuration.isMapped)
      var options = SessionOptions(threads: configuration.threads ?? limits.threads)
      options.memoryBudget = limits.memoryBudget
      options.precision = configuration.precision
      session = try Session(model, options: options)
      attention = AttentionTensors(of: model)
      isBatchable = Self.isBatchable(model)
      if configuration.maxBatchSize > 1, !isBatchable {
        throw OnyxError(
          .usage,
          "'max_batch_size' is \(configuration.maxBatchSize), and the inputs and outputs do not all begin with one dynamic dimension.",
          remedy: "Export the model with a dynamic batch, or leave the setting out.")
      }
      if let sizes = configuration.warmup { _ = try session.run(try Self.zeros(model, sizes)) }
    } catch {
      throw Failure(error)
    }
  }

  /// A mapped file that somebody cuts short ends the process (SIGBUS), and folders of models are written to: so it is read unless told
  /// otherwise.
  private static func model(_ entry: ModelFolder.Entry, isMapped: Bool) throws(OnyxError) -> Model {
    if isMapped { return try Model(path: entry.path) }
    let bytes: [UInt8]
    do throws(Failure) { bytes = try Files.read(entry.path, limit: Int(Int32.max)) } catch { throw OnyxError(.missingFile, error.message) }
    let folder = entry.path.lastIndex(of: "/").map { String(entry.path[..<$0]) } ?? "."
    return try Model(bytes: bytes, baseDirectory: folder)
  }

  private static func isBatchable(_ model: Model) -> Bool {
    let ports = model.inputs + model.outputs
    let first = ports.map { $0.shape?.first }
    guard case .symbolic? = first.first ?? nil else { return false }
    return first.allSatisfy { $0 == first[0] } && ports.allSatisfy { $0.elementType != nil } && model.inputs.allSatisfy { !$0.isOptional }
  }

  private static func zeros(_ model: Model, _ sizes: [String: Int]) throws(OnyxError) -> [String: Tensor] {
    var inputs: [String: Tensor] = [:]
    for input in model.inputs where !input.isOptional {
      guard let type = input.elementType, let shape = input.shape else { continue }
      let extents = shape.map { extent in
        switch extent {
        case .fixed(let size): size
        case .symbolic(let name): sizes[name] ?? 1
        }
      }
      inputs[input.name] = try .zeros(type, shape: try Shape(extents))
    }
    return inputs
  }

  /// Requests that wait.
  package var queueLength: Int { queue.withLock { $0.jobs.count } }

  /// Whether every job of it is done.
  package var isIdle: Bool { queue.withLock { $0.jobs.isEmpty && $0.active == 0 } }

  private var concurrency: Int { configuration.concurrency ?? limits.workers }

  /// Puts a job into the queue. Throws `tooManyRequests` when that is full.
  package func submit(_ job: Job) throws(Failure) {
    enum Next { case full, nothing, run, gather }
    let next = queue.withLock { queue -> Next in
      guard queue.jobs.count < configuration.queueLimit ?? limits.queue else { return .full }
      queue.jobs.append(job)
      if queue.active >= concurrency || queue.isGathering && queue.jobs.count < configuration.maxBatchSize { return .nothing }
      if configuration.maxQueueDelay > .zero, queue.jobs.count < configuration.maxBatchSize {
        queue.isGathering = true
        return .gather
      }
      queue.isGathering = false
      queue.active += 1
      return .run
    }
    switch next {
    case .full:
      throw Failure(.tooManyRequests, "The queue of the model '\(entry.name)' is full; try again later, or raise the setting 'queue'.")
    case .nothing: return
    case .run: dispatch()
    case .gather:
      loop.scheduleTask(in: TimeAmount(configuration.maxQueueDelay)) { self.endGathering() }
    }
  }

  private func endGathering() {
    let begins = queue.withLock { queue in
      guard queue.isGathering else { return false }
      queue.isGathering = false
      guard !queue.jobs.isEmpty, queue.active < concurrency else { return false }
      queue.active += 1
      return true
    }
    if begins { dispatch() }
  }

  private func dispatch() {
    workers.submit { state in
      guard case .active = state else { return self.refuseAll() }
      self.work()
    }
  }

  private func work() {
    // After some batches other models have their turn.
    for _ in 0..<8 {
      let jobs = queue.withLock { queue -> [Job] in
        let count = min(queue.jobs.count, configuration.maxBatchSize)
        let taken = Array(queue.jobs.prefix(count))
        queue.jobs.removeFirst(count)
        if taken.isEmpty { queue.active -= 1 }
        return taken
      }
      if jobs.isEmpty { return }
      Batch(model: self).run(jobs)
    }
    dispatch()
  }

  private func refuseAll() {
    let jobs = queue.withLock { queue -> [Job] in
      queue.active -= 1
      defer { queue.jobs = [] }
      return Array(queue.jobs)
    }
    for job in jobs { job.finish(.failure(Failure(.unavailable, "The server is stopping."))) }
  }
}
