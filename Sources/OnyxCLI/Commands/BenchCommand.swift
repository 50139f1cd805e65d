import ArgumentParser
import Onyx
import OnyxReport

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench", abstract: "Times a model.")

  @Argument(help: "The .onnx file.")
  var model: String

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Option(help: "How long to measure.")
  var seconds: Double = 2

  @Flag(help: "Prints one JSON document.")
  var json = false

  func validate() throws {
    guard seconds >= 0, seconds <= 86_400 else { throw ValidationError("--seconds must lie in 0 … 86400.") }
  }

  func run() throws {
    let benchmark = try Benchmark(path: model, options: session.options, seconds: seconds) { (session) throws(OnyxError) in
      try inputs.tensors(for: session)
    }
    Console.out(json ? try JSONText.encode(benchmark) + "\n" : benchmark.text)
  }
}
