import OnyxGraph
import OnyxTensor

/// Numbers for texts, or texts for numbers, by a list of pairs; which way, the input says. ONNX: CategoryMapper (ai.onnx.ml 1).
///
/// What is not in the list becomes the default. Of equal keys the last one counts. LabelEncoder of version 1 is this operator with the
/// numbers 0, 1, …
package struct CategoryMapper: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "CategoryMapper", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T1")], outputs: [.required("Y", "T2")],
      types: ["T1": .labels, "T2": .labels]), CategoryMapper.init)

  private let numbers: [TextKey: Int]
  private let texts: [Int: String]
  private let otherNumber: Int
  private let otherText: String

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let numbers = try attributes.ints("cats_int64s") ?? []
    let texts = try attributes.texts("cats_strings") ?? []
    otherNumber = try attributes.int("default_int64", default: -1)
    otherText = try attributes.text("default_string", default: "_Unused")
    guard numbers.count == texts.count else {
      throw .invalid("The attribute 'cats_int64s' has \(numbers.count) numbers for the \(texts.count) texts of 'cats_strings'.")
    }
    self.numbers = Dictionary(zip(texts.map(TextKey.init), numbers), uniquingKeysWith: { $1 })
    self.texts = Dictionary(zip(numbers, texts), uniquingKeysWith: { $1 })
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [Inferred(try context.elementType(0) == .string ? .int64 : .string, try context.shape(0))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    if x.elementType == .string {
      return [try Tensor(x.strings().map { Int64(numbers[TextKey($0)] ?? otherNumber) }, shape: x.shape)]
    }
    return [try Tensor(x.ints().map { texts[$0] ?? otherText }, shape: x.shape)]
  }
}
