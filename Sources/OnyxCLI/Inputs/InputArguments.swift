import ArgumentParser
import Onyx
import OnyxFiles
import OnyxInsight
import OnyxProto
import OnyxTensor

/// Flags that say what a model is run on: files, or generated numbers.
struct InputArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An input's tensor: .npy, .npz, .pb, .json or an image, - for the standard input; without NAME the name in the file, or the next "
        + "input. Several images, also of a pattern such as 'photos/*.jpg', are one batch; can be repeated.", valueName: "NAME=FILE|FILE"))
  var input: [String] = []

  @OptionGroup var dimensions: DimensionArguments

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Generated numbers are uniform in this range; default: floats standard normal, integers 0 or 1.", valueName: "A:B"))
  var randomRange: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of generated inputs, default 0, and of random operators, which draw other numbers in each run without it.", valueName: "N"))
  var seed: UInt64?

  @OptionGroup(title: "Image options")
  var image: ImageArguments

  /// As `tensors(for:)`, for models that take sequences, optionals or maps as well; those are read from .pb files. `pictures` are the
  /// files of the first input that takes images.
  func values(for session: Session) throws(OnyxError) -> (values: [String: Value], pictures: [String]) {
    let others = session.inputs.filter { $0.kind != nil && $0.elementType == nil }
    guard !others.isEmpty else {
      let (tensors, files) = try given(for: session)
      return (tensors.mapValues { .tensor($0) }, files.pictures.map(\.file))
    }
    var rest = self
    rest.input = []
    var values: [String: Value] = [:]
    for argument in input {
      let files = try InputFiles(argument, among: session.inputs.map(\.name))
      guard let other = others.first(where: { $0.name == files.name }), let kind = other.kind, let path = files.paths.first else {
        rest.input.append(argument)
        continue
      }
      values[other.name] = try ValueMessage.decode(contentsOf: path, as: kind).value
    }
    let (tensors, files) = try rest.given(for: session)
    for (name, tensor) in tensors { values[name] = .tensor(tensor) }
    return (values, files.pictures.map(\.file))
  }

  /// For the argument of commands that take what a shell makes of --input *.png.
  static let moreHelp = ArgumentHelp("More files for --input, as a shell makes them of --input *.png.", visibility: .hidden)

  /// Takes files that follow --input. Throws `usage` when it is not there.
  mutating func add(_ more: [String]) throws(OnyxError) {
    if input.isEmpty, let file = more.first {
      throw .usage("'\(file)' belongs to nothing.", remedy: "Files of inputs follow --input.")
    }
    input += more
  }

  /// A tensor for every input that is one: from the files given, generated for the others.
  ///
  /// Throws `usage` for a name that the model lacks and for a flag that nothing uses.
  func tensors(for session: Session) throws(OnyxError) -> [String: Tensor] { try given(for: session).tensors }

  /// The same, with what the files were.
  func given(for session: Session) throws(OnyxError) -> (tensors: [String: Tensor], files: GivenInputs) {
    let sizes = try dimensions.sizes(for: session.inputs)
    let given = try GivenInputs(input, inputs: session.inputs, tensorNames: session.tensorNames, image: image, sizes: sizes)
    if image.isGiven, !given.readsImages {
      throw .usage("\(ImageArguments.flags) are for images, and no input is read from one.", remedy: "Leave them out.")
    }
    return (try completed(given.tensors, for: session, sizes, used: given.usedDimensions), given)
  }

  /// Adds generated tensors to those `given`.
  func completed(
    _ given: [String: Tensor], for session: Session, _ sizes: [String: Int], used: Set<String> = []
  ) throws(OnyxError) -> [String: Tensor] {
    var tensors = given
    var generator = InputGenerator(seed: seed ?? 0, range: try range())
    let generated = session.inputs.filter { tensors[$0.name] == nil && !$0.isOptional && ($0.kind == nil || $0.elementType != nil) }
    var types: [String: (element: ElementType, shape: Shape)] = [:]
    for specification in generated { types[specification.name] = try InputGenerator.type(of: specification, sizes) }
    try session.admit(types, beside: given)
    for specification in generated { tensors[specification.name] = try generator.tensor(for: specification, sizes) }
    try checkUse(generated: generated, sizes.filter { !used.contains($0.key) }, drawsNumbers: try session.drawsNumbers())
    return tensors
  }

  private func checkUse(generated: [TensorSpecification], _ sizes: [String: Int], drawsNumbers: Bool) throws(OnyxError) {
    let flags = [(randomRange != nil, "--random-range"), (seed != nil && !drawsNumbers, "--seed")].filter(\.0).map(\.1)
    if generated.isEmpty, let flag = flags.first {
      throw .usage("\(flag) is for generated inputs, and every input has a file.", remedy: "Leave it out.")
    }
    let names = DimensionArguments.names(in: generated)
    for name in sizes.keys.sorted() where !names.contains(name) {
      throw .usage("--dim \(name) is for generated inputs, and the inputs with that dimension have files.", remedy: "Leave it out.")
    }
    guard !generated.isEmpty else { return }
    let inputs = generated.map { "'\($0.name)'" }.joined(separator: ", ")
    let unsaid = names.filter { sizes[$0] == nil }.map { "\($0) = 1" }.joined(separator: ", ")
    let open = unsaid.isEmpty ? "" : ", with \(unsaid), which --dim NAME=N changes"
    Console.error("note: \(inputs) \(generated.count == 1 ? "is" : "are") generated\(open); --input FILE gives numbers of your own.")
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
