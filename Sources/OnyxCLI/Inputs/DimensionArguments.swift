import ArgumentParser
import Onyx
import OnyxInsight
import OnyxTensor

/// Sizes of the dynamic dimensions of a model's inputs.
struct DimensionArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Size of a dynamic dimension of the inputs, 1 where nothing is said; can be repeated.", valueName: "NAME=N"))
  var dim: [String] = []

  /// The sizes given, by name. Throws `usage` for a name that no input has and for one given twice.
  func sizes(for inputs: [TensorSpecification]) throws(OnyxError) -> [String: Int] {
    let names = Self.names(in: inputs)
    var sizes: [String: Int] = [:]
    for argument in dim {
      guard let mark = argument.lastIndex(of: "="), let size = Int(argument[argument.index(after: mark)...]), size >= 0, size <= 1 << 40
      else {
        throw .usage("'--dim \(argument)' is not of the form NAME=N.", remedy: "For example --dim batch=4.")
      }
      let name = String(argument[..<mark])
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

  /// The dynamic dimensions of some inputs, each once, in their order.
  static func names(in inputs: [TensorSpecification]) -> [String] {
    var seen: Set<String> = []
    return inputs.flatMap { $0.shape ?? [] }.compactMap { extent in
      if case .symbolic(let name) = extent, seen.insert(name).inserted { name } else { nil }
    }
  }
}
