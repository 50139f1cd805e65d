import ArgumentParser
import Onyx
import OnyxReport

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times a model: loading, the first run, and many more.",
    discussion: "Inputs that no file gives are generated from a seed. Times are those of whole runs, inputs and outputs included.")

  @Argument(help: "The .onnx file.")
  var model: String

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("How long to measure; five runs at least.", valueName: "S"))
  var seconds: Double = 2

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
    if let rate, !(rate >= 0.01 && rate <= 1e6) { throw ValidationError("'--rate \(rate)' does not lie in 0.01 … 1000000.") }
    if let idle, !(idle > 0 && idle <= 86_400) {
      throw ValidationError("'--idle \(idle)' is not a positive number of seconds up to 86400.")
    }
  }

  func run() throws {
    var settings = Benchmark.Settings()
    settings.seconds = seconds
    settings.rate = rate
    settings.idleSeconds = idle
    let benchmark = try Benchmark(path: model, options: session.options(for: model), settings: settings) { (session) throws(OnyxError) in
      try inputs.tensors(for: session)
    }
    if json { Console.document(try JSONText.encode(benchmark)) } else { Console.out(benchmark.text) }
  }
}
