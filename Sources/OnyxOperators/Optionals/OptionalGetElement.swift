import OnyxGraph
import OnyxTensor

/// What an optional holds; a value that is no optional is passed on. ONNX: OptionalGetElement (15, 18, 28).
package struct OptionalGetElement: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "OptionalGetElement", versions: [15, 18, 28], inputs: [.required("input", "O")], outputs: [.required("output", "V")],
      types: ["O": .everyTensor, "V": .everyTensor],
      others: ["O": .optionalOrContents, "V": .optionalContents]), OptionalGetElement())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.input(0)
    guard case .optional(let content) = input.type else { return [input] }
    return [Inferred(content)]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    guard case .optional(let kind, let content) = try context.input(0) else { return [try context.input(0)] }
    guard let content else { throw .invalid("The optional of \(kind) holds nothing.", remedy: "Ask OptionalHasElement first.") }
    return [content]
  }
}
