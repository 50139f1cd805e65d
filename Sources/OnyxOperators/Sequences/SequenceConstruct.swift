import OnyxGraph
import OnyxTensor

/// The inputs as a sequence. ONNX: SequenceConstruct (11).
package struct SequenceConstruct: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SequenceConstruct", versions: [11], inputs: [.variadic("inputs", "T")], outputs: [.required("output_sequence", "S")],
      types: ["T": .sequenceElements], others: ["S": .sequences(of: .sequenceElements)]), SequenceConstruct())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    var element = try context.tensor(0).type
    for index in context.inputs.indices.dropFirst() { element = try element.joined(asElement: try context.tensor(index).type) }
    return [Inferred(.sequence(element))]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let first = try context.tensor(0)
    var tensors = [first]
    for index in context.inputs.indices.dropFirst() { tensors.append(try context.tensor(index)) }
    return [try .tensors(tensors, of: first.elementType)]
  }
}
