import Onyx
import OnyxTensor
import OnyxTestSupport

/// Models whose structure was changed: loaded, told of, and run on small inputs with rewrites and without.
package final class ModelStructure: FuzzTarget {
  package static let name = "model-structure"
  private var seeds: [WireTree]

  package init() throws { seeds = try Seeds.models().compactMap { WireTree($0[...], as: .model) } }

  package func input(_ generator: inout SeededGenerator) -> [UInt8] {
    var mutator = ModelMutator(generator)
    defer { generator = mutator.generator }
    return mutator.mutated(mutator.pick(seeds), others: seeds).encoded
  }

  /// What a run of an input may take; a model that wants more gets a typed error.
  private static func options(_ optimization: SessionOptions.Optimization) -> SessionOptions {
    var options = SessionOptions(threads: optimization == .full ? 2 : 1)
    options.optimization = optimization
    options.memoryBudget = 64 << 20
    options.deadline = .milliseconds(300)
    options.seed = 1
    return options
  }

  package func run(_ input: [UInt8]) throws(Finding) -> Bool {
    guard let model = try refused({ () throws(OnyxError) in try Model(bytes: input) }) else { return false }
    _ = try refused { () throws(OnyxError) in try model.summary() }
    var inputs = RandomInputs(seed: UInt64(input.count))
    let values = inputs.make(model.inputs)
    var ran = false
    for optimization in [SessionOptions.Optimization.none, .full] {
      let session = try refused { () throws(OnyxError) in try Session(model, options: Self.options(optimization)) }
      guard let session, let values else { continue }
      // Twice: the second run has a plan already, and memory that the first one used.
      for _ in 0..<2 {
        if try refused({ () throws(OnyxError) in try session.run(values) }) != nil { ran = true }
      }
    }
    return ran
  }

  package func learn(_ input: [UInt8]) {
    if seeds.count < 20000, let tree = WireTree(input[...], as: .model) { seeds.append(tree) }
  }

  package func file(_ input: [UInt8]) -> (bytes: [UInt8], ending: String) { (input, "onnx") }

  package func reductions(of input: [UInt8]) -> [[UInt8]] {
    guard let tree = WireTree(input[...], as: .model) else { return bytewise(input) }
    return (0..<min(tree.fieldCount, 400)).map { tree.removing($0).encoded }
  }
}
