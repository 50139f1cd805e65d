import OnyxGraph
import OnyxTensor

/// The number of tensors of a sequence. ONNX: SequenceLength (11).
package struct SequenceLength: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SequenceLength", versions: [11], inputs: [.required("input_sequence", "S")], outputs: [.required("length", "I")],
      types: ["I": [.int64]], others: ["S": .sequences(of: .sequenceElements)]), SequenceLength())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [Inferred(.int64, [])] }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    [.tensor(try Tensor(scalar: Int64(try context.sequence(0).values.count)))]
  }
}
