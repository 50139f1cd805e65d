import ArgumentParser
import Onyx
import OnyxFiles
import OnyxReport
import OnyxTensor

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a model and shows or writes its outputs.",
    discussion: """
      Inputs that no file gives are generated from a seed.

        onyx run model.onnx --dim batch=4
        onyx run model.onnx --input x=x.npy --fetch 'layer1*' --output-dir out
        onyx run model.onnx --input cat.jpg --top 5 --preprocess imagenet
        onyx run model.onnx --input 'photos/*.jpg' --top 1 --labels labels.txt
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
  var model: String

  @Argument(help: InputArguments.moreHelp)
  var more: [String] = []

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Option(
    help: ArgumentHelp(
      "Another tensor of the graph to return, by name or by a pattern with * and ?, or all that nodes make; can be repeated.",
      valueName: "NAME|PATTERN|all"))
  var fetch: [String] = []

  @Option(help: ArgumentHelp("Writes every result into this directory.", valueName: "DIR"))
  var outputDir: String?

  @Option(help: ArgumentHelp("Format of the files in --output-dir; default: npy.", valueName: "FORMAT"))
  var format: TensorFormatName?

  @Option(parsing: .unconditional, help: ArgumentHelp("Prints the K most likely classes of the first output.", valueName: "K"))
  var top: Int?

  @Option(help: ArgumentHelp("Names of the classes for --top, one a line.", valueName: "FILE"))
  var labels: String?

  @Flag(help: "Prints one JSON document: {\"outputs\":[{\"name\",\"type\",\"shape\",\"data\"}]}.")
  var json = false

  enum TensorFormatName: String, ExpressibleByArgument, CaseIterable { case npy, npz, pb, json }

  func validate() throws {
    if let top, top < 1 { throw ValidationError("'--top \(top)' is not at least 1.") }
    if labels != nil, top == nil { throw ValidationError("--labels is for --top; give --top K too.") }
    if format != nil, outputDir == nil { throw ValidationError("--format is for --output-dir; give --output-dir DIR too.") }
    if top != nil, json { throw ValidationError("--top and --json exclude each other.") }
  }

  mutating func run() throws {
    try inputs.add(more)
    var options = session.options(for: model)
    options.seed = inputs.seed
    let session = try Session(Model(path: model), options: options, fetching: fetch)
    let names = try labels.map { (path) throws(OnyxError) in try OutputFolder.lines(of: path) }
    let fetched = try session.tensorNames(matching: fetch)
    let (values, files) = try inputs.values(for: session)
    let results = try session.run(values, fetching: fetched)
    for warning in session.warnings { Console.error("warning: \(warning)") }
    let ordered = order(of: session, fetched).flatMap { name in results[name].map { $0.tensors(named: name) } ?? [] }
    if let outputDir { try OutputFolder(path: outputDir).write(ordered, as: fileFormat) }
    if json {
      var objects: [String] = []
      for (name, tensor) in ordered { objects.append(String(decoding: try JSONTensor.encode([(name, tensor)]).dropLast(), as: UTF8.self)) }
      Console.document("{\"outputs\":[" + objects.joined(separator: ",\n") + "]}")
    } else if let top {
      guard let scores = ordered.first?.tensor else {
        throw OnyxError.usage("--top needs an output; the model has none.", remedy: "Leave it out.")
      }
      Console.out(try Classification(scores, top: top, labels: names).text(of: files))
    } else {
      for (name, tensor) in ordered { Console.out(try TensorPreview(name: name, tensor).text) }
    }
  }

  /// The outputs as the model lists them, then what was fetched; each name once.
  private func order(of session: Session, _ fetched: [String]) -> [String] {
    var seen: Set<String> = []
    return (session.outputs.map(\.name) + fetched).filter { seen.insert($0).inserted }
  }

  private var fileFormat: TensorFile.Format {
    switch format ?? .npy {
    case .npy: .npy
    case .npz: .npz
    case .pb: .pb
    case .json: .json
    }
  }
}
