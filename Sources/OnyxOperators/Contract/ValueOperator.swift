import OnyxGraph
import OnyxTensor

/// An operator that takes or makes values that are no tensors: sequences, optionals, maps.
package protocol ValueOperator: Operator {
  /// One value for each of `context.outputCount` outputs. Checks every value that it uses, as `TensorOperator.evaluate` does.
  func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value]
}

/// The inputs of an operator on values of any kind.
package struct ValueContext: Sendable {
  /// In the order of the signature; nil for an omitted one and for one that was taken.
  package private(set) var inputs: [Value?]
  package let outputCount: Int

  package init(inputs: [Value?], outputCount: Int = 1) {
    self.inputs = inputs
    self.outputCount = outputCount
  }

  /// Input `index`; nil when it is omitted.
  package func optional(_ index: Int) -> Value? { inputs.indices.contains(index) ? inputs[index] : nil }

  /// Input `index`, which the signature requires.
  package func input(_ index: Int) throws(OnyxError) -> Value {
    guard let value = optional(index) else { throw .invalid("Input \(index) is missing.") }
    return value
  }

  /// Input `index`, which must be a tensor.
  package func tensor(_ index: Int) throws(OnyxError) -> Tensor {
    guard case .tensor(let tensor) = try input(index) else { throw .invalid("Input \(index) is no tensor.") }
    return tensor
  }

  /// Input `index`, which must be a sequence: what its values are, and the values.
  package func sequence(_ index: Int) throws(OnyxError) -> (kind: ValueKind, values: [Value]) {
    guard case .sequence(let kind, let values) = try input(index) else { throw .invalid("Input \(index) is no sequence.") }
    return (kind, values)
  }

  /// As `sequence`, and the context lets go of the input: values that nobody else holds are then changed in place.
  package mutating func takeSequence(_ index: Int) throws(OnyxError) -> (kind: ValueKind, values: [Value]) {
    let taken = try sequence(index)
    inputs[index] = nil
    return taken
  }
}
