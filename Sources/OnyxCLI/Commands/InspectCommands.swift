import ArgumentParser
import Onyx
import OnyxGraph
import OnyxLoader
import OnyxReport
import OnyxTensor

struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary", abstract: "Shows every node with its shape, parameters and multiply–accumulates.")

  @Argument(help: "The .onnx file.")
  var model: String

  @OptionGroup var inputs: InputArguments

  @Flag(help: "Prints one JSON document.")
  var json = false

  func run() throws {
    let session = try Session(path: model)
    let summary = try Summary(session, dimensions: try inputs.dimensions(of: session))
    Console.out(json ? try JSONText.encode(summary) + "\n" : summary.text)
  }
}

struct CoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage", abstract: "Tells which operators of models, or of the ONNX standard, are supported.",
    discussion: "Exits 0 when all operators of the models are supported, 69 otherwise.")

  @Argument(help: "The .onnx files; without one, the whole catalog against the standard.")
  var models: [String] = []

  @Flag(help: "Prints one JSON document.")
  var json = false

  func run() throws {
    var loaded: [ModelGraph] = []
    for path in models { loaded.append(try ModelLoader.load(contentsOf: path, options: LoadOptions(checksOperators: false))) }
    let coverage = models.isEmpty ? Coverage.ofStandard : Coverage(of: loaded)
    Console.out(json ? try JSONText.encode(coverage) + "\n" : coverage.text)
    if !models.isEmpty, !coverage.supported { throw ExitCode(OnyxError.Code.unsupported.exitCode) }
  }
}

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Loads a model, infers all shapes and makes a plan, without running it.",
    discussion: "Exits with the code of the first error; 0 means the model can run.")

  @Argument(help: "The .onnx file.")
  var model: String

  @OptionGroup var session: SessionArguments

  @Flag(help: "Prints one JSON document.")
  var json = false

  private struct Report: Encodable {
    let model: String
    let valid: Bool
    let code: Int32
    let error: String?
  }

  func run() throws {
    do throws(OnyxError) {
      let session = try Session(path: model, options: session.options)
      _ = try Summary(session)
      Console.out(json ? try JSONText.encode(Report(model: model, valid: true, code: 0, error: nil)) + "\n" : "\(model): valid, can run\n")
    } catch {
      guard json else { throw error }
      Console.out(try JSONText.encode(Report(model: model, valid: false, code: error.code.exitCode, error: error.description)) + "\n")
      throw ExitCode(error.code.exitCode)
    }
  }
}

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Shows the steps of a run: kernels, memory and rewrites.")

  @Argument(help: "The .onnx file.")
  var model: String

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Flag(help: "Prints one JSON document.")
  var json = false

  func run() throws {
    let session = try Session(path: model, options: session.options)
    let plan = try session.plan(dimensions: try inputs.dimensions(of: session))
    let explanation = Explanation(plan, threads: session.threadCount, rewrites: session.appliedRewrites)
    Console.out(json ? try JSONText.encode(explanation) + "\n" : explanation.text)
  }
}
