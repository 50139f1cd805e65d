import OnyxGraph
import OnyxTensor

/// The sequence without the tensor at a position, the last where none is given; negative positions count from the end.
/// ONNX: SequenceErase (11).
package struct SequenceErase: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SequenceErase", versions: [11], inputs: [.required("input_sequence", "S"), .optional("position", "I")],
      outputs: [.required("output_sequence", "S")], types: ["I": .indices], others: ["S": .sequences(of: .sequenceElements)]),
    SequenceErase())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [Inferred(.sequence(try context.sequenceElement(0)))]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let count = try context.sequence(0).values.count
    guard count > 0 else { throw .invalid("The sequence is empty: nothing can be taken out of it.") }
    let position = context.optional(1) == nil ? count - 1 : try context.position(1, among: count)
    var (kind, values) = try context.takeSequence(0)
    values.remove(at: position)
    return [.sequence(of: kind, values)]
  }
}
