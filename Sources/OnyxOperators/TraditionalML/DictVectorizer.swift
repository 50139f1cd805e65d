import OnyxGraph
import OnyxTensor

/// The values of a map in the order of a vocabulary of keys; 0 or the empty text for a key that the map lacks. ONNX: DictVectorizer
/// (ai.onnx.ml 1).
///
/// The result is one row, [1,keys], as ONNX Runtime gives it and converters declare it; the standard's text says one axis. Keys of the map
/// outside the vocabulary are passed over.
package struct DictVectorizer: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "DictVectorizer", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T1")], outputs: [.required("Y", "T2")],
      types: ["T2": [.int64, .float32, .float64, .string]],
      others: [
        "T1": [
          .map(key: .string, value: .tensor(.int64)), .map(key: .int64, value: .tensor(.string)),
          .map(key: .int64, value: .tensor(.float32)), .map(key: .int64, value: .tensor(.float64)),
          .map(key: .string, value: .tensor(.float32)), .map(key: .string, value: .tensor(.float64)),
        ]
      ]), DictVectorizer.init)

  /// The keys in the order of the result.
  package let vocabulary: ClassLabels

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    vocabulary = try ClassLabels(&attributes, ints: "int64_vocabulary", strings: "string_vocabulary")
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard case .map(let key, .tensor(let element, _)) = try context.input(0).type else { throw .invalid("Input 0 is no map.") }
    try check(key)
    return [Inferred(element, [1, Dimension(vocabulary.count)])]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let map = try context.map(0)
    try check(map.keys.elementType)
    let places: [Int]
    switch vocabulary {
    case .ints(let keys):
      let found = Dictionary(zip(try map.keys.ints(), 0...), uniquingKeysWith: { $1 })
      places = keys.map { found[$0] ?? IndexMap.outside }
    case .strings(let keys):
      let found = Dictionary(zip(try map.keys.strings().map(TextKey.init), 0...), uniquingKeysWith: { $1 })
      places = keys.map { found[TextKey($0)] ?? IndexMap.outside }
    }
    let shape = try Shape([1, vocabulary.count])
    return [.tensor(try map.values.gathering(places, shape: shape, fill: .blank(map.values.elementType)))]
  }

  private func check(_ key: ElementType) throws(OnyxError) {
    guard key == vocabulary.elementType else {
      throw .invalid("The keys of the map are \(key), those of the vocabulary \(vocabulary.elementType).")
    }
  }
}
