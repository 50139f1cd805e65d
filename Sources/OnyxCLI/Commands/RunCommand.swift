import ArgumentParser
import Onyx
import OnyxFiles
import OnyxReport
import OnyxTensor

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a model and shows or writes its outputs.",
    discussion: "Inputs that no file gives are generated from a seed.")

  @Argument(help: "The .onnx file.")
  var model: String

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Option(help: ArgumentHelp("Another tensor of the graph to return; can be repeated.", valueName: "NAME"))
  var fetch: [String] = []

  @Option(help: "Writes every result into this directory.")
  var outputDir: String?

  @Option(help: "Format of the files: npy, npz, pb or json.")
  var format: TensorFormatName = .npy

  @Option(help: ArgumentHelp("Prints the K most likely classes of the first output.", valueName: "K"))
  var top: Int?

  @Option(help: "Names of the classes, one a line.")
  var labels: String?

  @Flag(help: "Prints one JSON document with all results.")
  var json = false

  enum TensorFormatName: String, ExpressibleByArgument, CaseIterable { case npy, npz, pb, json }

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top must be at least 1.") }
    if labels != nil, top == nil { throw ValidationError("--labels needs --top.") }
  }

  func run() throws {
    let session = try Session(path: model, options: session.options)
    let tensors = try inputs.tensors(for: session)
    let results = try session.run(tensors, fetching: fetch)
    let names = session.outputs.map(\.name) + fetch.filter { name in !session.outputs.contains { $0.name == name } }
    let ordered = names.compactMap { name in results[name].map { (name: name, tensor: $0) } }
    if let outputDir { try OutputFolder(path: outputDir).write(ordered, as: fileFormat) }
    if json {
      Console.out(String(decoding: try JSONTensor.encode(ordered.map { ($0.name, $0.tensor) }), as: UTF8.self) + "\n")
    } else if let top, let scores = ordered.first?.tensor {
      Console.out(try Classification(scores, top: top, labels: try labels.map { (path) throws(OnyxError) in try OutputFolder.lines(of: path) }).text)
    } else {
      for (name, tensor) in ordered { Console.out(try TensorPreview(name: name, tensor).text) }
    }
  }

  private var fileFormat: TensorFile.Format {
    switch format {
    case .npy: .npy
    case .npz: .npz
    case .pb: .pb
    case .json: .json
    }
  }
}
