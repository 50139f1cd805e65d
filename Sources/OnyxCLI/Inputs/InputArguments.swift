import ArgumentParser
import Onyx
import OnyxFiles
import OnyxTensor

/// Flags that say what a model is run on: files, or generated numbers.
struct InputArguments: ParsableArguments {
  @Option(help: ArgumentHelp("A file for an input: .npy, .npz, .pb, .png or .jpg; can be repeated.", valueName: "NAME=FILE|FILE"))
  var input: [String] = []

  @Option(help: ArgumentHelp("The size of a dynamic dimension of generated inputs.", valueName: "NAME=N"))
  var dim: [String] = []

  @Option(help: ArgumentHelp("Generated floats are uniform in this range; default: standard normal.", valueName: "A:B"))
  var randomRange: String?

  @Option(help: "Seed of generated inputs.")
  var seed: UInt64 = 0

  @OptionGroup(title: "Image options")
  var image: ImageArguments

  /// Sizes of dynamic dimensions by name. Throws `usage` for a name that no input has.
  func dimensions(of session: Session) throws(OnyxError) -> [String: Int] {
    let names = session.inputs.flatMap { $0.shape ?? [] }.compactMap { extent in
      if case .symbolic(let name) = extent { name } else { nil }
    }
    var sizes: [String: Int] = [:]
    for argument in dim {
      let (name, text) = Self.split(argument)
      guard let name, let size = Int(text), size >= 0, size <= 1 << 40 else {
        throw .usage("'--dim \(argument)' is not of the form NAME=N.", remedy: "For example --dim batch=4.")
      }
      guard names.contains(name) else {
        throw .usage("The model has no dynamic dimension '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "dynamic dimensions"))
      }
      sizes[name] = size
    }
    return sizes
  }

  /// A tensor for every input: from the files given, generated for the others.
  ///
  /// Throws `usage` for a name that the model lacks, and for `--dim` and `--random-range` when nothing is generated.
  func tensors(for session: Session) throws(OnyxError) -> [String: Tensor] {
    var tensors = try readFiles(for: session)
    let sizes = try dimensions(of: session)
    var generator = InputGenerator(seed: seed, range: try range())
    var generated = false
    for specification in session.inputs where tensors[specification.name] == nil && !specification.isOptional {
      tensors[specification.name] = try generator.tensor(for: specification, sizes)
      generated = true
    }
    if !generated, !dim.isEmpty || randomRange != nil {
      throw .usage("--dim and --random-range are for generated inputs, and every input has a file.", remedy: "Leave them out.")
    }
    return tensors
  }

  private func readFiles(for session: Session) throws(OnyxError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    let names = session.inputs.map(\.name)
    for argument in input {
      var (name, path) = Self.split(argument)
      if name == nil || !names.contains(name ?? "") {
        // A path can hold '='; an unknown name before it is a typo only when no such file exists.
        if name != nil, !OutputFolder.exists(argument) {
          throw .usage("The model has no input '\(name ?? "")'.", remedy: Names.suggestion(for: name ?? "", among: names, what: "inputs"))
        }
        (name, path) = (nil, argument)
      }
      for (stored, tensor) in try read(path, for: name ?? names.first, session) {
        guard let target = name ?? stored.flatMap({ names.contains($0) ? $0 : nil }) ?? names.first(where: { tensors[$0] == nil }) else {
          throw .usage("'\(path)' is one file more than the model has inputs.")
        }
        guard tensors.updateValue(tensor, forKey: target) == nil else { throw .usage("The input '\(target)' was given twice.") }
      }
    }
    return tensors
  }

  private func read(_ path: String, for name: String?, _ session: Session) throws(OnyxError) -> [(name: String?, tensor: Tensor)] {
    let specification = session.inputs.first { $0.name == name }
    return try TensorFile.read(path, image: try image.options(for: specification))
  }

  private func range() throws(OnyxError) -> ClosedRange<Double>? {
    guard let text = randomRange else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], low <= high, (high - low).isFinite else {
      throw .usage("'--random-range \(text)' is not of the form A:B with A ≤ B.", remedy: "For example --random-range 0:1.")
    }
    return low...high
  }

  private static func split(_ argument: String) -> (String?, String) {
    guard let mark = argument.firstIndex(of: "=") else { return (nil, argument) }
    return (String(argument[..<mark]), String(argument[argument.index(after: mark)...]))
  }
}
