import ArgumentParser
import Onyx
import OnyxFiles
import OnyxInsight
import OnyxTensor

/// Flags that say what a model is run on: files, or generated numbers.
struct InputArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An input's tensor: .npy, .npz, .pb, .json or an image; without NAME the name in the file, or the next input; can be repeated.",
      valueName: "NAME=FILE|FILE"))
  var input: [String] = []

  @OptionGroup var dimensions: DimensionArguments

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Generated numbers are uniform in this range; default: floats standard normal, integers 0 or 1.", valueName: "A:B"))
  var randomRange: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Seed of generated inputs; default: 0.", valueName: "N"))
  var seed: UInt64?

  @OptionGroup(title: "Image options")
  var image: ImageArguments

  /// A tensor for every input: from the files given, generated for the others.
  ///
  /// Throws `usage` for a name that the model lacks and for a flag that nothing uses.
  func tensors(for session: Session) throws(OnyxError) -> [String: Tensor] {
    var tensors = try readFiles(for: session)
    let sizes = try dimensions.sizes(for: session.inputs)
    var generator = InputGenerator(seed: seed ?? 0, range: try range())
    let generated = session.inputs.filter { tensors[$0.name] == nil && !$0.isOptional }
    for specification in generated { tensors[specification.name] = try generator.tensor(for: specification, sizes) }
    try checkUse(generated: generated, sizes)
    return tensors
  }

  private func checkUse(generated: [TensorSpecification], _ sizes: [String: Int]) throws(OnyxError) {
    let flags = [(randomRange != nil, "--random-range"), (seed != nil, "--seed")].filter(\.0).map(\.1)
    if generated.isEmpty, let flag = flags.first {
      throw .usage("\(flag) is for generated inputs, and every input has a file.", remedy: "Leave it out.")
    }
    let names = DimensionArguments.names(in: generated)
    for name in sizes.keys.sorted() where !names.contains(name) {
      throw .usage("--dim \(name) is for generated inputs, and the inputs with that dimension have files.", remedy: "Leave it out.")
    }
    let unsaid = names.filter { sizes[$0] == nil }
    if !unsaid.isEmpty {
      let text = unsaid.map { "\($0) = 1" }.joined(separator: ", ")
      Console.error("note: inputs are generated with \(text); --dim NAME=N changes that.")
    }
  }

  private func readFiles(for session: Session) throws(OnyxError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    var readsImages = false
    let names = session.inputs.map(\.name)
    for argument in input {
      let (name, path) = try target(of: argument, among: names)
      if image.isGiven, try TensorFile.holdsImage(path) { readsImages = true }
      let specification = session.inputs.first { $0.name == name ?? names.first { tensors[$0] == nil } }
      let stored = try TensorFile.read(path, image: try image.options(for: specification))
      for (storedName, tensor) in stored {
        if let storedName, name == nil, stored.count > 1, !names.contains(storedName) {
          throw .usage(
            "The model has no input '\(storedName)', which '\(path)' holds.",
            remedy: Names.suggestion(for: storedName, among: names, what: "inputs"))
        }
        guard let target = name ?? storedName.flatMap({ names.contains($0) ? $0 : nil }) ?? names.first(where: { tensors[$0] == nil })
        else {
          throw .usage(
            "'\(path)' is one file more than the model has inputs.",
            remedy: "Leave it out, or say which input it is for: --input NAME=\(path).")
        }
        guard tensors.updateValue(tensor, forKey: target) == nil else {
          throw .usage(
            "The input '\(target)' was given twice.", remedy: "Give each input once; --input NAME=FILE says which one a file is for.")
        }
      }
    }
    if image.isGiven, !readsImages {
      throw .usage("--scale, --mean, --std and --layout are for images, and no input is read from one.", remedy: "Leave them out.")
    }
    return tensors
  }

  /// Splits NAME=FILE. A path can hold '=' itself: then what stands before it is no input, but the file is there.
  private func target(of argument: String, among names: [String]) throws(OnyxError) -> (name: String?, path: String) {
    let marks = argument.indices.filter { argument[$0] == "=" }
    for mark in marks where names.contains(String(argument[..<mark])) {
      return (String(argument[..<mark]), String(argument[argument.index(after: mark)...]))
    }
    if let mark = marks.first, !OutputFolder.exists(argument) {
      let name = String(argument[..<mark])
      throw .usage("The model has no input '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "inputs"))
    }
    return (nil, argument)
  }

  private func range() throws(OnyxError) -> ClosedRange<Double>? {
    guard let text = randomRange else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], low <= high, (high - low).isFinite else {
      throw .usage("'--random-range \(text)' is not of the form A:B with A ≤ B.", remedy: "For example --random-range 0:1.")
    }
    return low...high
  }
}
