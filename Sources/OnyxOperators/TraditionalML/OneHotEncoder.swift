import OnyxGraph
import OnyxTensor

/// For each element a row with 1 at its category and 0 elsewhere. ONNX: OneHotEncoder (ai.onnx.ml 1).
///
/// Numbers are truncated to integers and looked up among `cats_int64s`, texts among `cats_strings`; of equal categories the last one
/// counts. Without `zeros` an element of no category is an error.
package struct OneHotEncoder: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "OneHotEncoder", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "float32")],
      types: ["T": Set<ElementType>.features.union([.string])]), OneHotEncoder.init)

  /// The categories.
  package let categories: ClassLabels
  /// Whether an element of no category gives a row of zeros.
  package let allowsUnknown: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    categories = try ClassLabels(&attributes, ints: "cats_int64s", strings: "cats_strings")
    allowsUnknown = try attributes.flag("zeros", default: true)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    guard (x.elementType == .string) == (categories.elementType == .string) else {
      throw .invalid("The categories are \(categories.elementType), and the input is another kind of value.")
    }
    guard let shape = x.shape else { return [Inferred(.float32, nil)] }
    return [Inferred(.float32, try (shape + [Dimension(categories.count)]).checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    var result = try shape.filled(with: Float(0))
    for (index, place) in try places(x).enumerated() {
      guard let place else {
        if allowsUnknown { continue }
        throw .invalid("The element \(index) of the input belongs to no category.", remedy: "Set the attribute 'zeros' to 1.")
      }
      result[index * categories.count + place] = 1
    }
    return [try Tensor(result, shape: shape)]
  }

  /// The category of each element; nil for none.
  private func places(_ x: Tensor) throws(OnyxError) -> [Int?] {
    switch categories {
    case .strings(let texts):
      let byText = Dictionary(zip(texts.map(TextKey.init), 0...), uniquingKeysWith: { $1 })
      return try x.strings().map { byText[TextKey($0)] }
    case .ints(let numbers):
      let byNumber = Dictionary(zip(numbers, 0...), uniquingKeysWith: { $1 })
      guard x.elementType.isFloating else { return try x.ints().map { byNumber[$0] } }
      return try x.doubles().map { value in Int(exactly: value.rounded(.towardZero)).flatMap { byNumber[$0] } }
    }
  }
}
