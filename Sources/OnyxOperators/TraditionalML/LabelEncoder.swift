import OnyxGraph
import OnyxTensor

/// Another value for each element by a table; the default for what is not in it. ONNX: LabelEncoder (ai.onnx.ml 1, 2, 4).
///
/// The keys have the input's type, the values the output's. NaN is one key, and 0 and −0 are another. Of equal keys the last one counts.
package struct LabelEncoder: TensorOperator {
  private static let types: Set<ElementType> = [.string, .int64, .float32, .int32, .int16, .float64]

  static let definition = OperatorDefinition(
    Signature(
      "LabelEncoder", domain: TraditionalML.domain, versions: [1, 2, 4], inputs: [.required("X", "T1")], outputs: [.required("Y", "T2")],
      types: ["T1": types, "T2": types]), LabelEncoder.init)

  private enum Places {
    case texts([TextKey: Int])
    case integers([Int64: Int])
    case floats([Double: Int], nan: Int?)
  }

  private let keyType: ElementType
  private let places: Places
  /// The values, then the default.
  package let values: Tensor

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let keys = try attributes.list("keys")
    let values = try attributes.list("values")
    let otherwise = try Self.readDefaults(&attributes, values.elementType)
    guard keys.elementCount == values.elementCount else {
      throw .invalid("There are \(keys.elementCount) keys for \(values.elementCount) values.")
    }
    keyType = keys.elementType
    places = try Self.places(keys)
    self.values = try Tensor.joined([values, otherwise])
  }

  /// The one element for what is no key, of the type of the values.
  private static func readDefaults(_ attributes: inout AttributeReader, _ type: ElementType) throws(OnyxError) -> Tensor {
    let float = try attributes.float("default_float", default: -0.0)
    let int = try attributes.int("default_int64", default: -1)
    let text = try attributes.text("default_string", default: "_Unused")
    if let tensor = try attributes.tensor("default_tensor") {
      guard tensor.elementType == type, tensor.elementCount == 1 else {
        throw .invalid("The attribute 'default_tensor' is \(tensor.typeDescription); it must be one \(type), as the values are.")
      }
      return tensor
    }
    if type == .string { return try Tensor([text]) }
    if type.isFloating { return try Tensor(floating: [Double(float)], as: type, shape: [1]) }
    return try Tensor(integral: [Int64(int)], as: type, shape: [1])
  }

  private static func places(_ keys: Tensor) throws(OnyxError) -> Places {
    if keys.elementType == .string {
      return .texts(Dictionary(zip(try keys.strings().map(TextKey.init), 0...), uniquingKeysWith: { $1 }))
    }
    guard keys.elementType.isFloating else {
      return .integers(Dictionary(zip(try keys.integers(), 0...), uniquingKeysWith: { $1 }))
    }
    let numbers = try keys.doubles()
    return .floats(
      Dictionary(zip(numbers, 0...).filter { !$0.0.isNaN }, uniquingKeysWith: { $1 }), nan: numbers.lastIndex(where: \.isNaN))
  }

  /// A key that is no text.
  package enum NumberKey: Sendable {
    case integer(Int64)
    case floating(Double)
  }

  /// The keys and the places of their values; nil when they are texts.
  package var numberPlaces: [(key: NumberKey, place: Int)]? {
    switch places {
    case .texts: nil
    case .integers(let places): places.map { (.integer($0.key), $0.value) }
    case .floats(let places, let nan): places.map { (.floating($0.key), $0.value) } + (nan.map { [(.floating(.nan), $0)] } ?? [])
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.elementType(0)
    guard type == keyType else { throw .invalid("The input is \(type), and the keys are \(keyType).") }
    return [Inferred(values.elementType, try context.shape(0))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let other = values.elementCount - 1
    let found =
      switch places {
      case .texts(let places): try x.strings().map { places[TextKey($0)] ?? other }
      case .integers(let places): try x.integers().map { places[$0] ?? other }
      case .floats(let places, let nan): try x.doubles().map { $0.isNaN ? nan ?? other : places[$0] ?? other }
      }
    return [try values.gathering(found, shape: x.shape)]
  }
}

extension AttributeReader {
  /// The list that one of `kind_strings`, `kind_int64s`, `kind_floats` and `kind_tensor` gives, as a tensor of rank 1. Throws
  /// `invalidModel` unless exactly one is given.
  fileprivate mutating func list(_ kind: String) throws(OnyxError) -> Tensor {
    var given: [Tensor] = []
    if let texts = try texts("\(kind)_strings") { given.append(try Tensor(texts)) }
    if let ints = try ints("\(kind)_int64s") { given.append(try Tensor(ints)) }
    if let floats = try floats("\(kind)_floats") { given.append(try Tensor(floats)) }
    if let tensor = try tensor("\(kind)_tensor") { given.append(try tensor.reshaped(to: try Shape([tensor.elementCount]))) }
    guard given.count == 1 else { throw .invalid("Exactly one of the attributes '\(kind)_…' must be given; there are \(given.count).") }
    return given[0]
  }
}
