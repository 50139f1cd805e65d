#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Onyx
import OnyxRuntime
import OnyxTensor

/// Times of one model on one session.
package struct Benchmark: Encodable, Sendable {
  package let model: String
  package let threads: Int
  package let loadMilliseconds: Double
  package let firstRunMilliseconds: Double
  package let medianMilliseconds: Double
  package let p90Milliseconds: Double
  package let minMilliseconds: Double
  package let runs: Int
  package let peakResidentMegabytes: Double
  package let isa: String

  enum CodingKeys: String, CodingKey {
    case model, threads, runs, isa
    case loadMilliseconds = "load_ms"
    case firstRunMilliseconds = "first_run_ms"
    case medianMilliseconds = "median_ms"
    case p90Milliseconds = "p90_ms"
    case minMilliseconds = "min_ms"
    case peakResidentMegabytes = "peak_rss_mb"
  }

  /// Loads the model, runs it once, warms up with three runs, then runs it for `seconds`, at least five times.
  ///
  /// `makeInputs` is not part of any time.
  package init(
    path: String, options: SessionOptions, seconds: Double, makeInputs: (Session) throws(OnyxError) -> [String: Tensor]
  ) throws(OnyxError) {
    let clock = ContinuousClock()
    let loadStart = clock.now
    let session = try Session(path: path, options: options)
    loadMilliseconds = Self.milliseconds(clock.now - loadStart)
    let inputs = try makeInputs(session)
    func once() throws(OnyxError) -> Double {
      let start = clock.now
      _ = try session.run(inputs)
      return Self.milliseconds(clock.now - start)
    }
    firstRunMilliseconds = try once()
    for _ in 0..<3 { _ = try once() }
    var times: [Double] = []
    let end = clock.now + .seconds(seconds)
    while times.count < 5 || clock.now < end { times.append(try once()) }
    times.sort()
    model = path
    threads = session.threadCount
    runs = times.count
    medianMilliseconds = times[times.count / 2]
    p90Milliseconds = times[times.count * 9 / 10]
    minMilliseconds = times[0]
    isa = try session.instructionSetName()
    peakResidentMegabytes = Self.peakResidentBytes / 1_048_576
  }

  package static func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
  }

  /// The largest resident size of this process so far.
  /// SAFETY: the system fills the struct that it is given for the call.
  private static var peakResidentBytes: Double {
    var usage = rusage()
    #if canImport(Darwin)
      let unit = 1.0
      unsafe getrusage(RUSAGE_SELF, &usage)
    #else
      let unit = 1024.0
      unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #endif
    return Double(usage.ru_maxrss) * unit
  }

  package var text: String {
    func number(_ value: Double) -> String { Quantity.decimal(value, digits: 3) }
    return """
      \(model)
        load \(number(loadMilliseconds)) ms, first run \(number(firstRunMilliseconds)) ms
        median \(number(medianMilliseconds)) ms, p90 \(number(p90Milliseconds)) ms, min \(number(minMilliseconds)) ms over \(runs) runs
        \(Quantity.count(threads, "thread")), \(isa), peak memory \(Quantity.decimal(peakResidentMegabytes, digits: 1)) MB

      """
  }
}
