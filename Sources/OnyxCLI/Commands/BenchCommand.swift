import ArgumentParser
import Onyx
import OnyxReport

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times a model: loading, the first run, and many more.",
    discussion: """
      Inputs that no file gives are generated from a seed. Times are those of whole runs, inputs and outputs included. Several models \
      are timed one after the other; the peak memory is that of the process until then.

        onyx bench model.onnx --runs 100 --warmup 10 --percentiles 95,99
      """)

  @Argument(help: "The .onnx files, or folders with one; - for the standard input.", transform: ModelFile.argument)
  var models: [String]

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("How long to measure; five runs at least.", valueName: "S"))
  var seconds: Double = 2

  @Option(parsing: .unconditional, help: ArgumentHelp("How many runs to measure instead.", valueName: "N"))
  var runs: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("Runs before those that are measured, beside the first.", valueName: "N"))
  var warmup = 3

  @Option(help: ArgumentHelp("Percentiles of the times of runs to tell, separated by commas: 50,95,99.", valueName: "P,…"))
  var percentiles: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Also measures as long with this many runs a second, and pauses between them.", valueName: "R"))
  var rate: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Also measures what the open session costs when nothing runs for so many seconds.", valueName: "S"))
  var idle: Double?

  @Flag(help: "Prints one JSON document.")
  var json = false

  func validate() throws {
    guard seconds >= 0, seconds <= 86_400 else { throw ValidationError("'--seconds \(seconds)' does not lie in 0 … 86400.") }
    if let runs, !(1...10_000_000).contains(runs) { throw ValidationError("'--runs \(runs)' does not lie in 1 … 10000000.") }
    guard (0...1_000_000).contains(warmup) else { throw ValidationError("'--warmup \(warmup)' does not lie in 0 … 1000000.") }
    if let percentiles, numbers == nil { throw ValidationError("'--percentiles \(percentiles)' are no numbers of 0 … 100.") }
    if models.count > 1, models.contains(where: { $0.hasPrefix("/dev/fd/") }) {
      throw ValidationError("The standard input is one model; give it alone.")
    }
    if let rate, !(rate >= 0.01 && rate <= 1e6) { throw ValidationError("'--rate \(rate)' does not lie in 0.01 … 1000000.") }
    if let idle, !(idle > 0 && idle <= 86_400) {
      throw ValidationError("'--idle \(idle)' is not a positive number of seconds up to 86400.")
    }
  }

  private var numbers: [Double]? {
    let numbers = (percentiles ?? "").split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    return numbers.allSatisfy { (0...100).contains($0) } ? numbers : nil
  }

  func run() throws {
    var settings = Benchmark.Settings()
    settings.seconds = seconds
    settings.runs = runs
    settings.warmup = warmup
    settings.percentiles = percentiles == nil ? [] : numbers ?? []
    settings.rate = rate
    settings.idleSeconds = idle
    var benchmarks: [Benchmark] = []
    for model in models {
      let progress = Progress("runs", of: runs)
      let benchmark = try Benchmark(path: model, options: session.options(for: model), settings: settings, progress: progress.report) {
        (session) throws(OnyxError) in try inputs.tensors(for: session)
      }
      progress.end()
      benchmarks.append(benchmark)
      if !json { Console.out(benchmark.text) }
    }
    guard json else { return }
    Console.document(try benchmarks.count == 1 ? JSONText.encode(benchmarks[0]) : JSONText.encode(["models": benchmarks]))
  }
}
