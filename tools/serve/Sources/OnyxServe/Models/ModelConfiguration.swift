import Onyx

/// How one model is served: what its `config.json` says, all of it optional.
package struct ModelConfiguration: Sendable, Hashable {
  /// Items of a batch at most; 1: requests are never brought together.
  package var maxBatchSize = 1
  /// How long the first request of a batch may wait for others.
  package var maxQueueDelay = Duration.zero
  /// Requests that may wait; nil is the server's number.
  package var queueLimit: Int?
  /// Runs at the same time; nil is the number of workers.
  package var concurrency: Int?
  /// Threads of one run; nil is the server's number.
  package var threads: Int?
  /// The longest time from the arrival of a request to its answer; nil is the server's.
  package var deadline: Duration?
  /// The numbers that convolutions and products multiply.
  package var precision = SessionOptions.Precision.float32
  /// Whether the file is mapped rather than read: less memory, but nobody may write into it while the model is loaded.
  package var isMapped = false
  /// Sizes of the symbolic dimensions for a run right after loading; nil: no such run.
  package var warmup: [String: Int]?

  /// The defaults.
  package init() {}

  /// Reads a `config.json`. Throws `badRequest` for what is no such document, and for a key that it does not know.
  package init(json bytes: [UInt8]) throws(Failure) {
    var reader = JSONReader(bytes)
    var made = Self()
    try reader.object { (key, reader) throws(Failure) in
      switch key {
      case "max_batch_size": made.maxBatchSize = try Self.number(key, &reader, 1...65_536)
      case "max_queue_delay_microseconds": made.maxQueueDelay = .microseconds(try Self.number(key, &reader, 0...60_000_000))
      case "queue": made.queueLimit = try Self.number(key, &reader, 1...1_000_000)
      case "concurrency": made.concurrency = try Self.number(key, &reader, 1...1024)
      case "threads": made.threads = try Self.number(key, &reader, 1...1024)
      case "deadline_ms": made.deadline = .milliseconds(try Self.number(key, &reader, 1...86_400_000))
      case "precision":
        let text = try reader.string()
        guard let precision = SessionOptions.Precision(rawValue: text) else {
          throw Failure(.badRequest, "The precision '\(text)' is neither fp32 nor bf16.")
        }
        made.precision = precision
      case "mapped": made.isMapped = try reader.bool()
      case "warmup":
        var sizes: [String: Int] = [:]
        try reader.object { (name, reader) throws(Failure) in sizes[name] = try Self.number(name, &reader, 1...1_000_000) }
        made.warmup = sizes
      default:
        throw Failure(
          .badRequest,
          "There is no setting '\(key)'; there are max_batch_size, max_queue_delay_microseconds, queue, concurrency, threads, "
            + "deadline_ms, precision, mapped and warmup.")
      }
    }
    try reader.finish()
    self = made
  }

  private static func number(_ key: String, _ reader: inout JSONReader, _ range: ClosedRange<Int64>) throws(Failure) -> Int {
    guard let number = try reader.integer(), range.contains(number) else {
      throw Failure(.badRequest, "'\(key)' is no integer from \(range.lowerBound) to \(range.upperBound).")
    }
    return Int(number)
  }
}
