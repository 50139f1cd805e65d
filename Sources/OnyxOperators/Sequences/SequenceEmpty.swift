import OnyxGraph
import OnyxTensor

/// A sequence without tensors, which are to be of type `dtype`. ONNX: SequenceEmpty (11).
package struct SequenceEmpty: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SequenceEmpty", versions: [11], inputs: [], outputs: [.required("output", "S")], types: [:],
      others: ["S": .sequences(of: .sequenceElements)]), SequenceEmpty.init)

  package let dtype: ElementType

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    dtype = try attributes.elementType("dtype") ?? .float32
    guard Set<ElementType>.sequenceElements.contains(dtype) else { throw .invalid("A sequence cannot hold tensors of \(dtype).") }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [Inferred(.sequence(.tensor(dtype, shape: nil)))] }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] { [.sequence(of: .tensor(dtype), [])] }
}
