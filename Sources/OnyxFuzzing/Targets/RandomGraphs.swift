import Onyx
import OnyxGraph
import OnyxTensor
import OnyxTestSupport

/// Random valid graphs: optimized against not optimized, within the error that their roundings can make, and one thread against three, bit
/// for bit. An input is a seed of 8 bytes and one byte for each node.
package final class RandomGraphs: FuzzTarget {
  package static let name = "graphs"
  private static let mostNodes = 24

  package init() {}

  package func input(_ generator: inout SeededGenerator) -> [UInt8] {
    Wire.little(generator.next()) + [UInt8](repeating: 0, count: 1 + Int(generator.next() % UInt64(Self.mostNodes)))
  }

  private static func seed(_ input: [UInt8]) -> UInt64 { input.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  private static func graph(_ input: [UInt8]) throws(OnyxError) -> GraphMaker {
    try GraphMaker.make(seed: seed(input), nodes: min(input.count - 8, mostNodes))
  }

  /// The instruction sets that the machine has.
  private static let instructionSets = SessionOptions.InstructionSet.allCases.filter { set in
    var options = SessionOptions(threads: 1)
    options.instructionSet = set
    return (try? Session(bytes: Onnx.good, options: options)) != nil
  }

  package func run(_ input: [UInt8]) throws(Finding) -> Bool {
    guard input.count >= 8 else { return false }
    let graph: GraphMaker
    do throws(OnyxError) { graph = try Self.graph(input) } catch { throw Finding("The graph cannot be made: \(error)") }
    do {
      let model = try Model(bytes: try graph.model())
      var options = SessionOptions(threads: 1)
      options.optimization = .none
      let inputs = try graph.tensors(seed: Self.seed(input))
      let expected = try Session(model, options: options).run(inputs)
      options.optimization = Self.seed(input) % 8 == 0 ? .canonical : .full
      options.instructionSet = Self.instructionSets[Int(Self.seed(input) / 8 % UInt64(Self.instructionSets.count))]
      let session = try Session(model, options: options)
      let results = try session.run(inputs)
      try Self.compare(results, expected, graph)
      try Self.expectEqual(results, try session.run(inputs), "A second run")
      options.threads = 3
      try Self.expectEqual(results, try Session(model, options: options).run(inputs), "A run on three threads")
    } catch let error as OnyxError {
      throw Finding("A valid graph is refused: \(error)")
    } catch let finding as Finding { throw finding } catch { throw Finding("\(error)") }
    return true
  }

  private static func expectEqual(_ a: [String: Tensor], _ b: [String: Tensor], _ what: String) throws(Finding) {
    for (name, tensor) in a where b[name]?.hasEqualBits(to: tensor) != true { throw Finding("\(what) gives other bits for '\(name)'.") }
  }

  /// Throws a `Finding` unless the outputs are what the maker knows of them, and as near to each other as their roundings.
  package static func compare(_ results: [String: Tensor], _ expected: [String: Tensor], _ graph: GraphMaker) throws(Finding) {
    for known in graph.results {
      let name = graph.builder.graph[known.id].name
      guard let actual = results[name], let wanted = expected[name] else { throw Finding("The output '\(name)' is missing.") }
      guard actual.elementType == wanted.elementType, actual.shape == wanted.shape, wanted.elementType == known.type,
        wanted.shape.dimensions == known.shape
      else {
        throw Finding(
          "'\(name)' is \(actual.typeDescription) optimized, \(wanted.typeDescription) not, and \(known.type)\(known.shape) by its rule.")
      }
      guard known.isFloat else {
        if !actual.hasEqualBits(to: wanted) { throw Finding("'\(name)' (\(actual.typeDescription)) differs.") }
        continue
      }
      try compare(actual, wanted, known, name)
    }
  }

  private static func compare(_ actual: Tensor, _ wanted: Tensor, _ known: GraphMaker.Known, _ name: String) throws(Finding) {
    guard let (a, b) = try? (actual.doubles(), wanted.doubles()) else { throw Finding("'\(name)' cannot be read.") }
    // What holds equal values is written with the roundoff of its own type.
    let allowed = 4 * known.error + (known.error == 0 ? 0 : GraphMaker.roundoff(known.type) * known.bound)
    var worst = 0.0
    for (x, y) in zip(a, b) where x != y && !(x.isNaN && y.isNaN) {
      let difference = abs(x - y)
      // NaN is no number that `max` would keep.
      if difference.isNaN || difference > worst { worst = difference.isNaN ? .infinity : difference }
    }
    guard worst > allowed else { return }
    let index =
      zip(a, b).enumerated().first { pair in abs(pair.element.0 - pair.element.1) > allowed || pair.element.0.isNaN != pair.element.1.isNaN
      }?.offset ?? 0
    throw Finding(
      "'\(name)' \(actual.typeDescription) differs by \(worst), at most \(allowed) is right; element \(index) is \(a[index]), "
        + "not optimized \(b[index])."
    )
  }

  package func file(_ input: [UInt8]) -> (bytes: [UInt8], ending: String) {
    if let model = try? Self.graph(input).model() { (model, "onnx") } else { (input, "bin") }
  }

  /// The graph without its last nodes.
  package func reductions(of input: [UInt8]) -> [[UInt8]] { (8..<max(input.count, 8)).map { Array(input[..<$0]) } }
}
