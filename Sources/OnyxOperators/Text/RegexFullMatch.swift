import OnyxGraph
import OnyxTensor

/// Whether a regular expression of RE2's syntax matches all of a text. ONNX: RegexFullMatch (20).
///
/// `\C` (one byte) is refused: texts are taken code point by code point.
package struct RegexFullMatch: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "RegexFullMatch", versions: [20], inputs: [.required("X", "T1")], outputs: [.required("Y", "T2")],
      types: ["T1": [.string], "T2": [.bool]]), RegexFullMatch.init)

  /// The expression; nil: the node has none.
  package let pattern: String?
  private let program: RegexProgram?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    pattern = try attributes.text("pattern")
    program = try pattern.map { (pattern) throws(OnyxError) in try RegexParser.parse(pattern) }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    // The standard gives `pattern` no default and does not require it; nothing can be matched without it.
    guard program != nil else { throw .invalid("The attribute 'pattern' is missing.") }
    return [context.folded(self, .tensor(.bool, shape: try context.shape(0)))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    guard let program else { throw .invalid("The attribute 'pattern' is missing.") }
    let x = try context.input(0)
    var matcher = program.matcher()
    return [try Tensor(try x.strings().map { program.matchesWhole($0, with: &matcher) }, shape: x.shape)]
  }
}
