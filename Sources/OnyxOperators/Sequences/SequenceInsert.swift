import OnyxGraph
import OnyxTensor

/// The sequence with a tensor put in at a position, behind the last one where none is given; negative positions count from the end.
/// ONNX: SequenceInsert (11).
package struct SequenceInsert: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SequenceInsert", versions: [11],
      inputs: [.required("input_sequence", "S"), .required("tensor", "T"), .optional("position", "I")],
      outputs: [.required("output_sequence", "S")], types: ["T": .sequenceElements, "I": .indices],
      others: ["S": .sequences(of: .sequenceElements)]), SequenceInsert())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [Inferred(.sequence(try context.sequenceElement(0).joined(asElement: try context.tensor(1).type)))]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let tensor = try context.tensor(1)
    let position = context.optional(2) == nil ? nil : try context.position(2, among: try context.sequence(0).values.count, orBehind: true)
    var (kind, values) = try context.takeSequence(0)
    guard kind == .tensor(tensor.elementType) else {
      throw .invalid("A tensor of \(tensor.elementType) cannot be put into a sequence of \(kind).")
    }
    if let position { values.insert(.tensor(tensor), at: position) } else { values.append(.tensor(tensor)) }
    return [.sequence(of: kind, values)]
  }
}
