import Onyx
import OnyxInsight
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// Times of one model on one session.
package struct Benchmark: Encodable, Sendable {
  /// What to measure beside loading, the first run and the rate of the work.
  package struct Settings: Sendable {
    /// How long runs follow each other without a pause, five at least.
    package var seconds = 2.0
    /// How many runs follow each other instead; nil goes by `seconds`.
    package var runs: Int?
    /// Runs before those that are measured, beside the first.
    package var warmup = 3
    /// Percentiles of the times to tell beside the median, each in 0 … 100.
    package var percentiles: [Double] = []
    /// Runs a second for a phase of `seconds` with pauses between the runs; nil leaves the phase out.
    package var rate: Double?
    /// Seconds for which the open session is left alone; nil leaves the phase out.
    package var idleSeconds: Double?

    package init() {}
  }

  package let model: String
  package let threads: Int
  package let isa: String
  package let loadMilliseconds: Double
  package let firstRunMilliseconds: Double
  package let medianMilliseconds: Double
  package let p90Milliseconds: Double
  package let minMilliseconds: Double
  package let runs: Int
  /// Runs a second while they follow each other.
  package let runsPerSecond: Double
  /// The percentiles that were asked for, by their numbers: "99".
  package let percentiles: [String: Double]?
  /// Processor time of all threads for one run, while runs follow each other.
  package let processorMilliseconds: Double
  package let peakResidentMegabytes: Double
  /// Of the optimized graph, in the direct form of each operator.
  package let multiplyAccumulates: Int
  /// Each step's inputs and weights read once and its outputs written once.
  package let bytesMoved: Int
  package let gigaflops: Double?
  package let gigabytes: Double?
  package private(set) var paced: Paced?
  package private(set) var idle: Idle?

  /// Runs with pauses between them.
  package struct Paced: Encodable, Sendable {
    package let rate: Double
    package let runs: Int
    package let medianMilliseconds: Double
    /// Processor time of all threads for one run with the pause after it.
    package let processorMilliseconds: Double

    enum CodingKeys: String, CodingKey {
      case rate, runs
      case medianMilliseconds = "median_ms"
      case processorMilliseconds = "cpu_ms"
    }
  }

  /// An open session without runs.
  package struct Idle: Encodable, Sendable {
    package let seconds: Double
    package let processorMilliseconds: Double

    enum CodingKeys: String, CodingKey {
      case seconds
      case processorMilliseconds = "cpu_ms"
    }
  }

  enum CodingKeys: String, CodingKey {
    case model, threads, runs, isa, paced, idle, percentiles
    case runsPerSecond = "runs_per_second"
    case loadMilliseconds = "load_ms"
    case firstRunMilliseconds = "first_run_ms"
    case medianMilliseconds = "median_ms"
    case p90Milliseconds = "p90_ms"
    case minMilliseconds = "min_ms"
    case processorMilliseconds = "cpu_ms"
    case peakResidentMegabytes = "peak_rss_mb"
    case multiplyAccumulates = "macs"
    case bytesMoved = "bytes_moved"
    case gigaflops = "gflops"
    case gigabytes = "gbs"
  }

  /// Loads the model, runs it once, warms up, then runs it as `settings` say.
  ///
  /// `makeInputs` is not part of any time, nor is `progress`, which is told the number of measured runs after each.
  package init(
    path: String, options: SessionOptions, settings: Settings, progress: (Int) -> Void = { _ in },
    makeInputs: (Session) throws(OnyxError) -> [String: Tensor]
  ) throws(OnyxError) {
    let clock = ContinuousClock()
    let loadStart = clock.now
    let session = try Session(path: path, options: options)
    loadMilliseconds = (clock.now - loadStart).milliseconds
    let inputs = try makeInputs(session)
    func once() throws(OnyxError) -> Double {
      let start = clock.now
      _ = try session.run(inputs)
      return (clock.now - start).milliseconds
    }
    firstRunMilliseconds = try once()
    for _ in 0..<settings.warmup { _ = try once() }
    var times: [Double] = []
    let processorStart = ProcessUsage.processorMilliseconds
    let end = clock.now + .seconds(settings.seconds)
    while settings.runs.map({ times.count < $0 }) ?? (times.count < 5 || clock.now < end) {
      times.append(try once())
      progress(times.count)
    }
    processorMilliseconds = (ProcessUsage.processorMilliseconds - processorStart) / Double(times.count)
    peakResidentMegabytes = ProcessUsage.peakResidentBytes / 1_048_576
    times.sort()
    model = path
    threads = session.threadCount
    isa = try session.instructionSetName()
    runs = times.count
    runsPerSecond = 1e3 * Double(times.count) / max(times.reduce(0, +), 1e-6)
    medianMilliseconds = times[times.count / 2]
    p90Milliseconds = times[times.count * 9 / 10]
    let ordered = times
    percentiles =
      settings.percentiles.isEmpty
      ? nil
      : Dictionary(
        settings.percentiles.map { (Self.name(ofPercentile: $0), ordered[min(Int(Double(ordered.count) * $0 / 100), ordered.count - 1)]) },
        uniquingKeysWith: { first, _ in first })
    minMilliseconds = times[0]
    let work = StepWork(of: try session.plan(for: inputs).plan)
    multiplyAccumulates = work.multiplyAccumulates
    bytesMoved = work.bytes
    gigaflops = work.gigaflops(milliseconds: medianMilliseconds)
    gigabytes = work.gigabytes(milliseconds: medianMilliseconds)
    if let rate = settings.rate { paced = try Paced(rate, seconds: settings.seconds, once) }
    if let seconds = settings.idleSeconds { idle = Idle(seconds: seconds) }
  }
}

extension Benchmark {
  /// "99", "99.9".
  fileprivate static func name(ofPercentile number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }
}

extension Benchmark.Paced {
  /// Starts a run every 1/`rate` seconds, at least two; a run that takes longer delays the next.
  fileprivate init(_ rate: Double, seconds: Double, _ once: () throws(OnyxError) -> Double) throws(OnyxError) {
    let clock = ContinuousClock()
    var times: [Double] = []
    let start = clock.now
    let processorStart = ProcessUsage.processorMilliseconds
    let count = max(2, Int((seconds * rate).rounded(.down)))
    for index in 1...count {
      times.append(try once())
      ProcessUsage.pause(milliseconds: 1e3 * Double(index) / rate - (clock.now - start).milliseconds)
    }
    processorMilliseconds = (ProcessUsage.processorMilliseconds - processorStart) / Double(count)
    times.sort()
    self.rate = rate
    runs = count
    medianMilliseconds = times[count / 2]
  }
}

extension Benchmark.Idle {
  /// Longer than threads may wait for more work before they sleep.
  private static let settlingMilliseconds = 20.0

  fileprivate init(seconds: Double) {
    ProcessUsage.pause(milliseconds: Self.settlingMilliseconds)
    let start = ProcessUsage.processorMilliseconds
    ProcessUsage.pause(milliseconds: seconds * 1e3)
    processorMilliseconds = ProcessUsage.processorMilliseconds - start
    self.seconds = seconds
  }
}

extension Duration {
  package var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15 }
}

extension Benchmark {
  /// The lines that `onyx bench` prints.
  package var text: String {
    func number(_ value: Double) -> String { Quantity.decimal(value, digits: 3) }
    var lines = [
      model,
      "  load \(number(loadMilliseconds)) ms, first run \(number(firstRunMilliseconds)) ms",
      "  median \(number(medianMilliseconds)) ms, p90 \(number(p90Milliseconds)) ms, min \(number(minMilliseconds)) ms over \(runs) runs, "
        + "processor time \(number(processorMilliseconds)) ms, \(Quantity.decimal(runsPerSecond, digits: 1)) runs a second",
      "  \(Quantity.count(threads, "thread")), \(isa), peak memory \(Quantity.decimal(peakResidentMegabytes, digits: 1)) MB",
    ]
    if let percentiles {
      let ordered = percentiles.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
      lines.insert("  " + ordered.map { "p\($0.key) \(number($0.value)) ms" }.joined(separator: ", "), at: 3)
    }
    let rates = [gigaflops.map { "\(Quantity.decimal($0)) GFLOP/s" }, gigabytes.map { "\(Quantity.decimal($0)) GB/s" }].compactMap { $0 }
    if !rates.isEmpty {
      lines.append(
        "  \(rates.joined(separator: ", ")) for \(Quantity.short(multiplyAccumulates)) MACs and \(Quantity.bytes(bytesMoved)) moved")
    }
    if let paced {
      lines.append(
        "  at \(Quantity.decimal(paced.rate)) runs a second: median \(number(paced.medianMilliseconds)) ms, processor time "
          + "\(number(paced.processorMilliseconds)) ms over \(paced.runs) runs"
      )
    }
    if let idle { lines.append("  idle for \(Quantity.decimal(idle.seconds)) s: processor time \(number(idle.processorMilliseconds)) ms") }
    return lines.joined(separator: "\n") + "\n"
  }
}
