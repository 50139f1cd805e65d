import ArgumentParser
import Onyx
import OnyxInsight
import OnyxReport
import OnyxTensor

struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Shows every node with its shape, parameters and multiply–accumulates, then modules and attention blocks.",
    discussion: """
      Names in a shape are dynamic dimensions; MACs and memory are counted for the sizes that --dim gives them. Modules are \
      those of the program that the model was exported from, as far as the exporter names them.

        onyx summary model.onnx --depth 3
        onyx summary model.onnx --csv > nodes.csv
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
  var model: String

  @OptionGroup var dimensions: DimensionArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("How deep modules are listed; default: 2.", valueName: "N"))
  var depth: Int?

  @Flag(help: "Prints one JSON document.")
  var json = false

  @Flag(help: "Prints one line for each node, separated by commas.")
  var csv = false

  func validate() throws {
    if json, csv { throw ValidationError("--json and --csv exclude each other.") }
    if let depth, depth < 0 { throw ValidationError("'--depth \(depth)' is not at least 0.") }
    if depth != nil, json || csv { throw ValidationError("--depth is for the table; leave it out.") }
  }

  func run() throws {
    let model = try Model(path: model)
    let summary = try model.summary(dimensions: try dimensions.sizes(for: model.inputs))
    if json {
      Console.document(try JSONText.encode(summary))
    } else if csv {
      Console.file(summary.csv)
    } else {
      Console.out(depth.map { summary.text(depth: $0) } ?? summary.description)
    }
  }
}

struct CoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage", abstract: "Tells which operators of models, or of the ONNX standard, are supported.",
    discussion: "Exits 0 when all operators of the models are supported, 69 otherwise.")

  @Argument(help: "The .onnx files, or folders with some; without one, the whole catalog against the standard.")
  var models: [String] = []

  @Flag(help: "Prints one JSON document.")
  var json = false

  func run() throws {
    var loaded: [Model] = []
    for path in models.flatMap(ModelFile.all) { loaded.append(try Model(path: path)) }
    let coverage = models.isEmpty ? Coverage.standard : Coverage(of: loaded)
    if json { Console.document(try JSONText.encode(coverage)) } else { Console.out(coverage.description) }
    if !models.isEmpty, !coverage.isSupported { throw ExitCode(OnyxError.Code.unsupported.exitCode) }
  }
}

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Shows the steps of a run: kernels, memory and rewrites.",
    discussion: """
      A kernel or rewrite that it names can be switched off with --disable-kernel and --disable-rewrite. With --candidates it \
      lists below the table, for each node, the rows of the kernel table in the order in which they are asked, and why each declines.
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
  var model: String

  @OptionGroup var dimensions: DimensionArguments
  @OptionGroup var options: PlanArguments

  @Flag(help: "Lists the kernel rows of each node, and why they decline.")
  var candidates = false

  @Flag(help: "Prints one JSON document.")
  var json = false

  func run() throws {
    let session = try Session(path: model, options: options.options)
    let plan = try session.plan(dimensions: try dimensions.sizes(for: session.inputs))
    let explanation = try Explanation(
      plan, threads: session.threadCount, rewrites: try session.appliedRewrites(), listsCandidates: candidates)
    if json { Console.document(try JSONText.encode(explanation)) } else { Console.out(explanation.text) }
  }
}
