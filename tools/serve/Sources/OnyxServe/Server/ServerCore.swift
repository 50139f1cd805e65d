import Logging
import NIOCore
import NIOPosix
import Onyx
import Synchronization

/// What all connections share.
package final class ServerCore: Sendable {
  package let settings: ServerSettings
  package let repository: Repository
  package let metrics = Metrics()
  package let log: Logger
  private let stopping = Atomic(false)
  private let lastRequest = Atomic<UInt64>(0)
  /// Tells requests of this process from those of others.
  private let session = String(UInt32.random(in: .min ... .max), radix: 36)

  package init(_ settings: ServerSettings, repository: Repository, log: Logger) {
    self.settings = settings
    self.repository = repository
    self.log = log
  }

  /// Whether the server was told to stop.
  package var isStopping: Bool { stopping.load(ordering: .relaxed) }

  /// From now on the server is not ready.
  package func beginStopping() { stopping.store(true, ordering: .relaxed) }

  /// Whether it answers requests for all of its models.
  package var isReady: Bool { !isStopping && repository.isReady }

  /// Why it is not.
  package var reasons: [String] {
    if isStopping { return ["The server is stopping."] }
    let failed = repository.slots.filter { $0.served == nil && !$0.isUnloaded }
    let reasons = failed.map { "\($0.entry.name) \($0.entry.version): \($0.failure ?? "it is being loaded")" }
    return reasons.isEmpty ? ["Models are being loaded."] : reasons
  }

  /// What it offers beside the protocol itself.
  package static let extensions = ["binary_tensor_data", "model_repository", "attention"]

  /// The name of a request that has none: "x1k9c2-17".
  package func nextRequestName() -> String { "\(session)-\(lastRequest.wrappingAdd(1, ordering: .relaxed).newValue)" }

  /// Throws `unauthenticated` unless the header shows the token. Takes the same time for every wrong one of its length.
  package func checkToken(_ authorization: String?) throws(Failure) {
    guard let token = settings.token else { return }
    let expected = Array("Bearer \(token)".utf8)
    let given = Array((authorization ?? "").utf8)
    var difference = UInt8(given.count == expected.count ? 0 : 1)
    for (index, byte) in expected.enumerated() { difference |= byte ^ (index < given.count ? given[index] : 0) }
    guard difference == 0 else { throw Failure(.unauthenticated, "The request needs the header 'Authorization: Bearer …'.") }
  }

  /// Takes room for so many more bytes of a request. Throws `unavailable` when all requests together would have too many.
  package func reserve(_ count: Int) throws(Failure) {
    let sum = metrics.bodyBytes.wrappingAdd(count, ordering: .relaxed).newValue
    guard sum > settings.maxBytesInFlight else { return }
    metrics.bodyBytes.wrappingSubtract(count, ordering: .relaxed)
    throw Failure(
      .tooManyRequests,
      "The requests that are being served have \(sum) bytes together; \(settings.maxBytesInFlight) are allowed. Try again later.")
  }

  /// Gives the room back.
  package func release(_ count: Int) { metrics.bodyBytes.wrappingSubtract(count, ordering: .relaxed) }

  /// Puts a request into the queue of its model. Throws what keeps it from being run.
  package func submit(
    _ name: String, version: String?, _ codec: any InferenceCodec, timeout: Duration? = nil,
    completion: @escaping @Sendable (Result<EncodedAnswer, Failure>) -> Void
  ) throws(Failure) -> Job {
    let model = try repository.model(name, version: version)
    let deadline = [model.configuration.deadline ?? settings.deadline, timeout].compactMap(\.self).min()
    let job = Job(codec, deadline: deadline, completion: completion)
    try model.submit(job)
    return job
  }

  /// A request is over.
  package func answered(
    _ wire: String, _ id: String, model: String?, _ failure: Failure?, after duration: Duration, path: String
  ) {
    let known = model.flatMap { name in (try? repository.versions(of: name)) == nil ? nil : name }
    metrics.answered(wire, model: known, outcome: failure?.kind.rawValue ?? "ok", after: duration)
    guard settings.logsRequests || failure?.kind == .internalError else { return }
    log.log(
      level: failure?.kind == .internalError ? .error : .info, "Request",
      metadata: [
        "request": "\(id)", "protocol": "\(wire)", "path": "\(path)", "outcome": "\(failure?.kind.rawValue ?? "ok")",
        "reason": "\(failure?.message ?? "")", "milliseconds": "\(duration.seconds * 1000)",
      ])
  }
}
