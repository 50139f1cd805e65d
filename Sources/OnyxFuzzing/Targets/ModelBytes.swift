import Onyx
import OnyxTensor
import OnyxTestSupport

/// Models whose bytes were changed, into the loader and into what tells of a model without running it.
package final class ModelBytes: FuzzTarget {
  package static let name = "model-bytes"
  private var seeds: [[UInt8]]

  package init() throws { seeds = try Seeds.models() }

  package func input(_ generator: inout SeededGenerator) -> [UInt8] {
    var mutator = ByteMutator(generator)
    defer { generator = mutator.generator }
    return mutator.mutated(mutator.pick(seeds), others: seeds)
  }

  package func run(_ input: [UInt8]) throws(Finding) -> Bool {
    guard let model = try refused({ () throws(OnyxError) in try Model(bytes: input) }) else { return false }
    _ = model.coverage()
    _ = (model.inputs, model.outputs, model.nodes, model.initializers, model.functions, model.metadata, model.opsets, model.documentation)
    _ = try refused { () throws(OnyxError) in try model.summary() }
    return true
  }

  package func learn(_ input: [UInt8]) { if seeds.count < 20000 { seeds.append(input) } }
  package func file(_ input: [UInt8]) -> (bytes: [UInt8], ending: String) { (input, "onnx") }
}
