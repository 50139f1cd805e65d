import OnyxGraph
import OnyxTensor

/// Whether an optional holds something: false for an omitted input, true for a value that is no optional.
/// ONNX: OptionalHasElement (15, 18, 28).
package struct OptionalHasElement: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "OptionalHasElement", versions: [15, 18, 28], inputs: [.optional("input", "O")], outputs: [.required("output", "B")],
      types: ["O": .everyTensor, "B": [.bool]], others: ["O": .optionalOrContents]), OptionalHasElement())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard let input = context.optional(0) else { return [Inferred(constant: try Tensor(scalar: false))] }
    if case .optional = input.type { return [Inferred(.bool, [])] }
    return [Inferred(constant: try Tensor(scalar: true))]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let holds =
      switch context.optional(0) {
      case nil: false
      case .optional(_, let content): content != nil
      default: true
      }
    return [.tensor(try Tensor(scalar: holds))]
  }
}
