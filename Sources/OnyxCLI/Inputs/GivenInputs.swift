import Onyx
import OnyxFiles
import OnyxImages
import OnyxInsight
import OnyxTensor

/// The tensors that files give to the inputs of a model.
struct GivenInputs {
  private(set) var tensors: [String: Tensor] = [:]
  /// What the first input that takes images sees, and the files that it comes from.
  private(set) var pictures: [(pixels: Pixels, file: String)] = []
  /// The open dimensions that said how large an image becomes.
  private(set) var usedDimensions: Set<String> = []
  /// The first file; nil when there is none.
  private(set) var firstFile: String?
  private(set) var readsImages = false

  private let inputs: [TensorSpecification]
  private let tensorNames: Set<String>
  private let image: ImageArguments
  private let sizes: [String: Int]
  /// Images by the input that they are for, in the order of the command line.
  private var images: [(input: String, items: [(pixels: Pixels, file: String)])] = []

  /// Reads the files of all --input. `tensorNames` are those of the graph: what an archive holds of them beside inputs is left aside.
  ///
  /// Throws `usage` for files that no input takes.
  init(
    _ arguments: [String], inputs: [TensorSpecification], tensorNames: [String], image: ImageArguments, sizes: [String: Int]
  ) throws(OnyxError) {
    self.inputs = inputs.filter { !$0.isOptional } + inputs.filter(\.isOptional)
    (self.tensorNames, self.image, self.sizes) = (Set(tensorNames), image, sizes)
    let names = inputs.map(\.name)
    for argument in arguments {
      let files = try InputFiles(argument, among: names)
      for path in files.paths {
        if firstFile == nil { firstFile = path }
        switch try TensorFile.contents(of: path) {
        case .image(let pixels): try add(pixels, path, name: files.name, isMore: path != files.paths.first)
        case .tensors(let items): try add(items, path, name: files.name)
        }
      }
    }
    for (input, items) in images { try add(items, to: input) }
  }

  private var names: [String] { inputs.map(\.name) }

  private func isFree(_ name: String) -> Bool { tensors[name] == nil && !images.contains { $0.input == name } }

  /// - Parameter isMore: whether the same argument gave another image before.
  private mutating func add(_ pixels: Pixels, _ path: String, name: String?, isMore: Bool) throws(OnyxError) {
    readsImages = true
    let free = isMore ? nil : names.first(where: isFree)
    guard let target = name ?? free ?? images.last?.input else { throw tooMany(path) }
    if let index = images.firstIndex(where: { $0.input == target }) {
      images[index].items.append((pixels, path))
    } else {
      try checkFree(target)
      images.append((target, [(pixels, path)]))
    }
  }

  private mutating func add(_ items: [JSONForms.Item], _ path: String, name: String?) throws(OnyxError) {
    var items = items
    if let name, items.count > 1 {
      guard let own = items.first(where: { $0.name == name }) else {
        let list = items.map { "'\($0.name ?? "?")'" }.joined(separator: ", ")
        throw .usage(
          "'\(path)' holds \(items.count) arrays, \(list), and none is named '\(name)'.", remedy: "Give a file with one array.")
      }
      items = [own]
    }
    // An archive of inputs and outputs serves as what it is.
    if items.contains(where: { names.contains($0.name ?? "") }) {
      items.removeAll { item in item.name.map { !names.contains($0) && tensorNames.contains($0) } ?? false }
    }
    for item in items {
      if let stored = item.name, name == nil, items.count > 1, !names.contains(stored) {
        throw .usage(
          "The model has no input '\(stored)', which '\(path)' holds.",
          remedy: Names.suggestion(for: stored, among: names, what: "inputs"))
      }
      guard let target = name ?? item.name.flatMap({ names.contains($0) ? $0 : nil }) ?? names.first(where: isFree) else {
        throw tooMany(path)
      }
      try checkFree(target)
      tensors[target] = try typed(item, as: inputs.first { $0.name == target }?.elementType, path)
    }
  }

  /// A JSON list without a type has that of its input.
  private func typed(_ item: JSONForms.Item, as type: ElementType?, _ path: String) throws(OnyxError) -> Tensor {
    let from = item.tensor.elementType
    guard !item.isTyped, from == .int64 || from == .float64 else { return item.tensor }
    let type = type ?? (from == .float64 ? .float32 : .int64)
    guard type.isFloating || from == .int64 && type.isInteger else { return item.tensor }
    let tensor = try item.tensor.converted(to: type)
    if type.isInteger, try tensor.integers() != item.tensor.integers() {
      throw OnyxError(.invalidModel, "'\(path)': A number is not one of \(type).", remedy: "Give numbers that the input holds.")
    }
    return tensor
  }

  private mutating func add(_ items: [(pixels: Pixels, file: String)], to name: String) throws(OnyxError) {
    let input = inputs.first { $0.name == name }
    let options = try image.options(for: input, sizes: sizes)
    usedDimensions.formUnion(ImageOptions.sizeDimensions(of: input, layout: options.layout))
    var seen: [(pixels: Pixels, file: String)] = []
    for item in items {
      do throws(OnyxError) { seen.append((try ImageTensor.seen(item.pixels, options), item.file)) } catch {
        throw OnyxError(error.code, "'\(item.file)': \(error.reason)", remedy: error.remedy)
      }
    }
    if !image.saysSize { note(items, seen) }
    var batch = seen.map(\.pixels)
    if let first = input?.shape?.first, case .fixed(let count) = first, count != items.count || !options.isBatched {
      let takes = options.isBatched ? count : 1
      guard items.count <= takes, let last = batch.last else {
        throw .usage(
          "The input '\(name)' takes \(takes) image\(takes == 1 ? "" : "s") at a time; \(items.count) were given.",
          remedy: "Run the model once for each, or export it with a dynamic batch.")
      }
      if takes > items.count {
        Console.error("note: '\(name)' takes \(takes) images; the last one given stands for those that are missing.")
        batch += Array(repeating: last, count: takes - items.count)
      }
    }
    var rest = options
    rest.geometry = ImageGeometry()
    tensors[name] = try ImageTensor.make(batch, rest)
    if pictures.isEmpty { pictures = seen }
  }

  /// Says once that images were made to fit without a flag that asks for it.
  private func note(_ items: [(pixels: Pixels, file: String)], _ seen: [(pixels: Pixels, file: String)]) {
    let pairs = zip(items, seen).filter { $0.pixels.width != $1.pixels.width || $0.pixels.height != $1.pixels.height }
    guard let (from, to) = pairs.first else { return }
    let more = pairs.count > 1 ? " and \(pairs.count - 1) more" : ""
    Console.error(
      "note: '\(from.file)'\(more), \(from.pixels.width) × \(from.pixels.height) pixels, resized and cropped to \(to.pixels.width) × "
        + "\(to.pixels.height); --preprocess, --resize, --crop and --letterbox change that.")
  }

  private func checkFree(_ name: String) throws(OnyxError) {
    guard isFree(name) else {
      throw .usage("The input '\(name)' was given twice.", remedy: "Give each input once; --input NAME=FILE says which one a file is for.")
    }
  }

  private func tooMany(_ path: String) -> OnyxError {
    .usage(
      "'\(path)' is one file more than the model has inputs.",
      remedy: "Leave it out, or say which input it is for: --input NAME=\(path).")
  }
}
