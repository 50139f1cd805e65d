import ArgumentParser
import Onyx
import OnyxFiles
import OnyxImages
import OnyxReport
import OnyxTensor

struct AttentionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention", abstract: "Finds the attention blocks of a model and shows what their gates do.",
    discussion: """
      Blocks are found by their structure: \(AttentionReport.kinds). With --output-dir gates and maps are written as charts, heat \
      maps, CSV and .npz, and all together as attention.html. Inputs that no file gives are generated from a seed.

        onyx attention model.onnx
        onyx attention model.onnx --input cat.jpg --output-dir out
        onyx attention model.onnx --input a.png --input b.png --output-dir out

      A model with one input is run once for each file.
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
  var model: String

  @Argument(help: InputArguments.moreHelp)
  var more: [String] = []

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Option(help: ArgumentHelp("Writes figures, tables and attention.html into this directory.", valueName: "DIR"))
  var outputDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The query whose weights are shown for self-attention; default: the middle of a map, or the first token.", valueName: "N"))
  var query: Int?

  @Option(help: ArgumentHelp("The tokens of a text, one a line, to write beside the weights of self-attention.", valueName: "FILE"))
  var tokens: String?

  @Option(help: ArgumentHelp("What is on each picture, one a line: gates are grouped by it.", valueName: "FILE"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "A second model to compare block by block on the same inputs: before and after training or quantization.", valueName: "MODEL"))
  var against: String?

  @Option(
    help: ArgumentHelp("Writes what Netron shows beside the graph: open the model there, then this file.", valueName: "FILE.json"))
  var netron: String?

  @Flag(help: "Prints one JSON document.")
  var json = false

  func validate() throws {
    if let query, query < 0 { throw ValidationError("'--query \(query)' is not at least 0.") }
    for (name, value) in [("tokens", tokens), ("labels", labels)] where value != nil && outputDir == nil {
      throw ValidationError("--\(name) is for --output-dir; give --output-dir DIR too.")
    }
    if let netron, !netron.lowercased().hasSuffix(".json") {
      throw ValidationError("'--netron \(netron)' does not end with .json, by which Netron knows the file.")
    }
    if query != nil, outputDir == nil { throw ValidationError("--query is for --output-dir; give --output-dir DIR too.") }
  }

  mutating func run() throws {
    try inputs.add(more)
    var study = try study()
    if let against { try compare(&study, against) }
    if let query, let count = study.queryCount, query >= count {
      throw OnyxError.usage("'--query \(query)' is past the last of \(count) queries.", remedy: "Give a number of 0 … \(count - 1).")
    }
    if let outputDir { try write(&study, to: OutputFolder(path: outputDir)) }
    if let netron { try FileBytes.write(Array(try JSONText.encode(NetronAttachment(study.report)).utf8), to: netron) }
    if json {
      Console.document(try JSONText.encode(study.report))
    } else {
      Console.out(study.report.text)
      if let comparison = study.report.against { Console.out("\n" + comparison.text) }
      if let outputDir { Console.out("\nWrote \(study.report.files.count) files; all together: \(outputDir)/attention.html\n") }
    }
  }

  private func compare(_ study: inout AttentionStudy, _ other: String) throws(OnyxError) {
    let other = ModelFile.path(other)
    let sessions = (
      try Session(try Model(path: model), options: session.options), try Session(try Model(path: other), options: session.options)
    )
    try study.compare(other, sessions.0, sessions.1, rounds: try inputs.rounds(for: sessions.0))
  }

  /// Without files to read or write, a model that Onyx cannot run is only looked at.
  private func study() throws(OnyxError) -> AttentionStudy {
    let loaded = try Model(path: model)
    let observes = outputDir != nil || !inputs.input.isEmpty
    if !observes, !loaded.coverage().isSupported {
      return try AttentionStudy(path: model, loaded, dimensions: try inputs.dimensions.sizes(for: loaded.inputs))
    }
    let session = try Session(loaded, options: self.session.options(for: model))
    return try AttentionStudy(model: model, session, rounds: try inputs.rounds(for: session), observes: observes)
  }

  private func write(_ study: inout AttentionStudy, to folder: OutputFolder) throws(OnyxError) {
    let tokens = try tokens.map { (path) throws(OnyxError) in try OutputFolder.lines(of: path) } ?? []
    let labels = try labels.map { (path) throws(OnyxError) in try OutputFolder.lines(of: path) } ?? []
    if !tokens.isEmpty, !study.hasTokens(tokens.count) {
      throw .usage(
        "The tokens file has \(tokens.count) lines; no block of self-attention has as many tokens.", remedy: "Give a line for each token.")
    }
    if !labels.isEmpty, labels.count != study.report.pictures {
      throw .usage(
        "The labels file has \(labels.count) lines; the model saw \(study.report.pictures) pictures.",
        remedy: "Give a line for each picture.")
    }
    try folder.make()
    try study.write(query: query, tokens: tokens, labels: labels, title: model, safeName: OutputFolder.fileName) {
      (file) throws(OnyxError) in
      try FileBytes.write(file.bytes, to: "\(folder.path)/\(file.name)")
    }
    for (number, tensors) in study.tensors.enumerated() where !tensors.isEmpty {
      let name = number == 0 ? "tensors.npz" : "tensors-\(number + 1).npz"
      try TensorFile.write(tensors.map { ($0.name, $0.tensor) }, to: "\(folder.path)/\(name)", as: .npz)
      study.addFile(name)
    }
  }
}

extension InputArguments {
  /// Tensors and pictures for one run, or for one run a file when the model has one input.
  ///
  /// Throws `usage` when the files are not as many as some runs need.
  func rounds(for session: Session) throws(OnyxError) -> [AttentionRun.Round] {
    let required = session.inputs.filter { !$0.isOptional }.count
    var files: [String] = []
    for argument in input {
      let named = try InputFiles(argument, among: session.inputs.map(\.name))
      files += named.paths.map { path in named.name.map { "\($0)=\(path)" } ?? path }
    }
    guard required > 0, files.count > required else { return [try round(for: session)] }
    guard files.count % required == 0 else {
      throw .usage("\(files.count) files were given for a model with \(required) inputs.", remedy: "Give \(required) for each run.")
    }
    var rounds: [AttentionRun.Round] = []
    for start in stride(from: 0, to: files.count, by: required) {
      var part = self
      part.input = Array(files[start..<start + required])
      rounds.append(try part.round(for: session))
    }
    return rounds
  }

  private func round(for session: Session) throws(OnyxError) -> AttentionRun.Round {
    let (tensors, files) = try given(for: session)
    let name = files.firstFile.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "generated"
    return AttentionRun.Round(inputs: tensors, pictures: files.pictures.map(\.pixels), name: name)
  }
}
