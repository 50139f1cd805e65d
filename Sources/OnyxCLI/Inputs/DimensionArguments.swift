import ArgumentParser
import Onyx
import OnyxInsight
import OnyxTensor

/// Sizes of the dynamic dimensions of a model's inputs.
struct DimensionArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Size of a dynamic dimension of the inputs, 1 where nothing is said; can be repeated.", valueName: "NAME=N"))
  var dim: [String] = []

  /// The sizes given, by name. Where exporters name a dimension `8*h8`, the size of `h8` gives it eight times as much.
  ///
  /// Throws `usage` for a name that no input has, for one given twice, and for a size that such a name does not allow.
  func sizes(for inputs: [TensorSpecification]) throws(OnyxError) -> [String: Int] {
    let names = Self.names(in: inputs)
    var sizes: [String: Int] = [:]
    for argument in dim {
      guard let mark = argument.lastIndex(of: "="), let size = Int(argument[argument.index(after: mark)...]), size >= 0, size <= 1 << 40
      else {
        throw .usage("'--dim \(argument)' is not of the form NAME=N.", remedy: "For example --dim batch=4.")
      }
      let name = String(argument[..<mark])
      let multiples = names.compactMap { full in Self.multiple(full).flatMap { $0.name == name ? (full, $0.factor) : nil } }
      for (full, factor) in multiples where sizes[full] == nil { sizes[full] = size * factor }
      if !multiples.isEmpty, !names.contains(name) { continue }
      if let factor = Self.multiple(name)?.factor, size % factor != 0 {
        throw .usage("'--dim \(argument)' is no multiple of \(factor), as the name says.", remedy: "Give one.")
      }
      guard names.contains(name) else {
        throw .usage(
          "The model has no dynamic dimension '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "dynamic dimensions"))
      }
      guard sizes.updateValue(size, forKey: name) == nil else {
        throw .usage("The size of the dimension '\(name)' was given twice.", remedy: "Give it once.")
      }
    }
    return sizes
  }

  /// The parts of a name such as "8*h8" or "h8*8"; nil for other names.
  private static func multiple(_ text: String) -> (factor: Int, name: String)? {
    let parts = text.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let index = parts.firstIndex(where: { Int($0) != nil }), let factor = Int(parts[index]), factor > 1,
      factor <= 1 << 20, !parts[1 - index].isEmpty
    else { return nil }
    return (factor, parts[1 - index])
  }

  /// The dynamic dimensions of some inputs, each once, in their order.
  static func names(in inputs: [TensorSpecification]) -> [String] {
    var seen: Set<String> = []
    return inputs.flatMap { $0.shape ?? [] }.compactMap { extent in
      if case .symbolic(let name) = extent, seen.insert(name).inserted { name } else { nil }
    }
  }
}
