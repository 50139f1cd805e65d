import OnyxGraph
import OnyxTensor

/// An optional that holds the input, or one of type `type` that holds nothing. ONNX: Optional (15, 28).
package struct OptionalOf: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Optional", versions: [15, 28], inputs: [.optional("input", "V")], outputs: [.required("output", "O")],
      types: ["V": .everyTensor], others: ["V": .optionalContents, "O": .everyOptional]), OptionalOf.init)

  /// What the optional would hold; nil when the input says it.
  package let type: ValueType?

  init(_ attributes: inout AttributeReader) throws(OnyxError) { type = try attributes.valueType("type") }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let given = context.optional(0)?.type
    guard let content = given ?? type else { throw Self.nothing }
    if let given, let type, given.kind != type.kind {
      throw .invalid("The input is \(given.kind), and the attribute 'type' says \(type.kind).")
    }
    return [Inferred(.optional(content))]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    if let value = context.optional(0) { return [.optional(of: value.kind, value)] }
    guard let type else { throw Self.nothing }
    return [.optional(of: type.kind, nil)]
  }

  private static var nothing: OnyxError { .invalid("The node has neither an input nor the attribute 'type'.") }
}
