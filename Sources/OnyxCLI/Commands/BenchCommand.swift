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

  @Flag(help: "Prints one JSON document.")
  var json = false

  func validate() throws {
    guard seconds >= 0, seconds <= 86_400 else { throw ValidationError("'--seconds \(seconds)' does not lie in 0 … 86400.") }
  }

  func run() throws {
    let benchmark = try Benchmark(path: model, options: session.options, seconds: seconds) { (session) throws(OnyxError) in
      try inputs.tensors(for: session)
    }
    if json { Console.document(try JSONText.encode(benchmark)) } else { Console.out(benchmark.text) }
  }
}
