import OnyxGraph
import OnyxTensor

/// One tensor of a sequence; a negative position counts from the end. ONNX: SequenceAt (11).
package struct SequenceAt: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SequenceAt", versions: [11], inputs: [.required("input_sequence", "S"), .required("position", "I")],
      outputs: [.required("tensor", "T")], types: ["T": .sequenceElements, "I": .indices],
      others: ["S": .sequences(of: .sequenceElements)]), SequenceAt())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [Inferred(try context.sequenceElement(0))] }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let values = try context.sequence(0).values
    return [values[try context.position(1, among: values.count)]]
  }
}
