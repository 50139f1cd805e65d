import OnyxGraph
import OnyxTensor

/// The values of a map in the order of its keys, as one row of a type. ONNX: CastMap (ai.onnx.ml 1).
///
/// DENSE gives [1,values]; SPARSE gives [1,max_map], each value at the place of its key, and 0 or the empty text elsewhere. Values are
/// converted by the rules of Cast.
package struct CastMap: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "CastMap", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T1")], outputs: [.required("Y", "T2")],
      types: ["T2": [.string, .float32, .int64]],
      others: ["T1": [.map(key: .int64, value: .tensor(.string)), .map(key: .int64, value: .tensor(.float32))]]), CastMap.init)

  /// What the values become.
  private enum Target: String, CaseIterable {
    case float = "TO_FLOAT"
    case string = "TO_STRING"
    case int64 = "TO_INT64"

    var elementType: ElementType {
      switch self {
      case .float: .float32
      case .string: .string
      case .int64: .int64
      }
    }
  }

  private enum Form: String, CaseIterable {
    case dense = "DENSE"
    case sparse = "SPARSE"
  }

  /// The type of the result.
  package let target: ElementType
  /// The length of the result, where a value's place is its key; nil where the values follow each other.
  package let length: Int?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    target = try attributes.choice("cast_to", default: Target.float).elementType
    let form = try attributes.choice("map_form", default: Form.dense)
    let most = try attributes.int("max_map", default: 1)
    guard form == .dense || most > 0 else { throw .invalid("The attribute 'max_map' is \(most); it must be positive.") }
    length = form == .sparse ? most : nil
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [Inferred(target, try [1, length.map { Dimension($0) } ?? context.unknown("values")].checked())]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let map = try context.map(0)
    let keys = try map.keys.ints()
    let values = try ElementConversion().convert(map.values, to: target)
    let order = keys.indices.sorted { keys[$0] < keys[$1] }
    guard let length else { return [.tensor(try values.gathering(order, shape: try Shape([1, keys.count])))] }
    var places = try Shape([1, length]).filled(with: IndexMap.outside)
    for (index, key) in keys.enumerated() {
      guard key >= 0, key < length else { throw .invalid("The key \(key) of the map is outside 0 … \(length - 1).") }
      places[key] = index
    }
    return [.tensor(try values.gathering(places, shape: try Shape([1, length]), fill: .blank(target)))]
  }
}

extension ValueContext {
  /// Input `index`, which must be a map.
  func map(_ index: Int) throws(OnyxError) -> MapValue {
    guard case .map(let map) = try input(index) else { throw .invalid("Input \(index) is no map.") }
    return map
  }
}
