import ArgumentParser
import Onyx
import OnyxFiles
import OnyxInsight
import OnyxReport
import OnyxTensor

struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Draws a model: its nodes inside their modules and attention blocks, shapes on the edges.",
    discussion: """
      A .html file is one page to move about in, to find nodes and to fold boxes; it needs no network. A .svg file is a \
      picture, a .dot file is for Graphviz. Nodes are colored by their share of the MACs, or with --time of the time of a run. \
      For .svg and .html Graphviz must be installed: it places the nodes.

        onyx graph model.onnx -o model.html --time
        onyx graph model.onnx -o model.svg --depth 2 --fold-attention
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
  var model: String

  @Option(name: [.short, .long], help: ArgumentHelp("The picture; its name ends in .dot, .svg or .html.", valueName: "FILE"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Modules nested deeper are drawn as one node each; default: as many are open as can be laid out.", valueName: "N"))
  var depth: Int?

  @Flag(help: "Draws each attention block as one node.")
  var foldAttention = false

  @Flag(help: "Measures some runs on generated inputs and colors nodes by their time.")
  var time = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads of the runs for --time; default: what the machine or container allows.", valueName: "N"))
  var threads: Int?

  @OptionGroup var dimensions: DimensionArguments

  private enum Format: String, CaseIterable { case dot, svg, html }

  /// More nodes take Graphviz too long, and nobody can read them.
  private static let nodeLimit = 1500
  private static let edgeLimit = 6000
  private static let layoutSeconds = 60

  func validate() throws {
    if format == nil { throw ValidationError("'--output \(output)' ends in none of .dot, .svg and .html.") }
    if let depth, depth < 0 { throw ValidationError("'--depth \(depth)' is not at least 0.") }
    if threads != nil, !time { throw ValidationError("--threads is for --time; give --time too.") }
  }

  private var format: Format? { Format.allCases.first { output.lowercased().hasSuffix(".\($0.rawValue)") } }

  func run() throws {
    let loaded = try Model(path: model)
    let sizes = try dimensions.sizes(for: loaded.inputs)
    var options = GraphPicture.Options()
    options.depth = depth
    options.foldsAttention = foldAttention
    options.nodeLimit = format == .dot ? nil : Self.nodeLimit
    if time { options.milliseconds = try measured(try Session(loaded, options: SessionOptions(threads: threads)), sizes) }
    let analysis = try GraphAnalysis(loaded.source, dimensions: sizes)
    let picture = GraphPicture(analysis, name: title, options: options)
    try FileBytes.write(Array(try text(of: picture).utf8), to: output)
    let missing = analysis.unsupported.map { "\($0.fullName) (opset \($0.opset))" }
    if !missing.isEmpty { Console.error("note: Onyx lacks \(missing.joined(separator: ", ")); shapes behind are not known.") }
    if picture.isFolded, depth == nil, !foldAttention {
      Console.error("note: inner modules are drawn as one node each, \(picture.nodes.count) in all; --depth N changes that.")
    }
  }

  /// "seresnet50/dynamo-static": models are often called model.onnx.
  private var title: String {
    var parts: [String] = model.split(separator: "/").map { String($0) }
    parts.removeAll { $0 == "." || $0 == ".." }
    if let last = parts.popLast() { parts.append(last.hasSuffix(".onnx") ? String(last.dropLast(5)) : last) }
    if parts.count > 1, parts.last == "model" { parts.removeLast() } else { parts = parts.suffix(1) }
    return parts.suffix(2).joined(separator: "/")
  }

  private func measured(_ session: Session, _ sizes: [String: Int]) throws(OnyxError) -> [Double] {
    var generator = InputGenerator(seed: 0, range: nil)
    var inputs: [String: Tensor] = [:]
    var types: [String: (element: ElementType, shape: Shape)] = [:]
    for input in session.inputs where !input.isOptional { types[input.name] = try InputGenerator.type(of: input, sizes) }
    try session.admit(types)
    for input in session.inputs where !input.isOptional { inputs[input.name] = try generator.tensor(for: input, sizes) }
    return try Profile(session, model: model, inputs: inputs, runs: 10).nodeMilliseconds
  }

  private func text(of picture: GraphPicture) throws(OnyxError) -> String {
    guard format != .dot else { return picture.dot }
    guard picture.nodes.count <= Self.nodeLimit, picture.edges.count <= Self.edgeLimit else {
      throw .budget(
        "The picture would have \(picture.nodes.count) nodes and \(picture.edges.count) edges; \(Self.nodeLimit) and \(Self.edgeLimit) "
          + "can be laid out.",
        remedy: "Draw fewer with --depth N where the model has modules, or write a .dot file.")
    }
    let layout = try GraphLayout(json: try place(picture), of: picture)
    let heat: HeatMeasure = time ? .time : .macs
    return format == .svg ? picture.svg(layout, heat: heat) : try picture.page(layout, heat: heat)
  }

  private func place(_ picture: GraphPicture) throws(OnyxError) -> [UInt8] {
    let answer: [UInt8]?
    do throws(OnyxError) {
      answer = try ExternalProgram.output(of: "dot", ["-Tjson0"], input: Array(picture.layoutRequest.utf8), seconds: Self.layoutSeconds)
    } catch {
      guard error.code == .budgetExceeded else { throw error }
      throw .budget(
        "Graphviz did not place the nodes within \(Self.layoutSeconds) seconds.", remedy: "Draw fewer with --depth N, or write a .dot file."
      )
    }
    guard let answer else {
      throw OnyxError(
        .missingFile, "The program 'dot' of Graphviz, which places the nodes, is not installed.",
        remedy: "Install it: 'apt install graphviz' on Debian and Ubuntu, 'brew install graphviz' on macOS; a .dot file needs no program.")
    }
    return answer
  }
}
