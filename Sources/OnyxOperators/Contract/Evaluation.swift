import OnyxGraph
import OnyxTensor

/// The inputs of a reference evaluation and the types that its results must have.
package struct EvaluationContext: Sendable {
  /// In the order of the signature; nil for an omitted one.
  package let inputs: [Tensor?]
  /// One type for each output, as the operator's rule gives it for these inputs.
  ///
  /// Shapes are exact, except where a size depends on the elements of a floating input or on a file to be decoded. Who runs the operator
  /// infers them once.
  package let outputs: [ValueType]
  /// Start of the random numbers of a node that has no seed of its own; the same for every run that is to draw the same.
  package let seed: UInt64

  /// `outputs` are the results of the operator's rule over concrete inputs of the same types, and of the same values where a
  /// shape depends on them.
  package init(inputs: [Tensor?], outputs: [ValueType], seed: UInt64 = 0) {
    self.inputs = inputs
    self.outputs = outputs
    self.seed = seed
  }

  /// The number of outputs.
  package var outputCount: Int { outputs.count }

  /// Input `index`, which the signature requires.
  package func input(_ index: Int) throws(OnyxError) -> Tensor {
    guard inputs.indices.contains(index), let input = inputs[index] else { throw .invalid("Input \(index) is missing.") }
    return input
  }

  /// Input `index`; nil when it is omitted.
  package func optional(_ index: Int) -> Tensor? { inputs.indices.contains(index) ? inputs[index] : nil }

  /// The given inputs of a variadic operator.
  package var given: [Tensor] { inputs.compactMap { $0 } }

  /// The shape of output `index`. Throws `bug` when the rule leaves it to the elements of a floating input or to a decoder.
  package func shape(_ index: Int = 0) throws(OnyxError) -> Shape {
    guard outputs.indices.contains(index), let dimensions = outputs[index].shape?.allKnown else {
      throw .bug("An output shape is unknown in the run.")
    }
    return try Shape(dimensions)
  }
}

extension Operator {
  /// What the rule says of the first `outputCount` outputs for these inputs. Throws what the rule throws.
  package func outputTypes(_ inputs: [Tensor?], outputCount: Int = 1) throws(OnyxError) -> [ValueType] {
    let results = try infer(InferenceContext(inputs: inputs.map { $0.map { Inferred(constant: $0) } }, outputCount: outputCount))
    guard results.count >= outputCount else { throw .bug("The shape rule gave \(results.count) results.") }
    return results.prefix(outputCount).map(\.type)
  }

}

extension TensorOperator {
  /// Runs the rule, then the reference. Throws what they throw.
  package func evaluate(_ inputs: [Tensor?], outputCount: Int = 1, seed: UInt64 = 0) throws(OnyxError) -> [Tensor] {
    try evaluate(EvaluationContext(inputs: inputs, outputs: try outputTypes(inputs, outputCount: outputCount), seed: seed))
  }
}
