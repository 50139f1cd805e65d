/// Values by keys: ONNX's map. Keys are different and keep the order in which they were given. Texts are different when their UTF-8 is,
/// not only when they look different.
public struct MapValue: Sendable {
  /// int64 or string, of rank 1.
  public let keys: Tensor
  /// One element for each key, of rank 1.
  public let values: Tensor

  /// Throws `usage` unless both are of rank 1 with one element for each key, the keys are int64 or strings and no two are equal.
  /// Complexity: O(keys).
  public init(keys: Tensor, values: Tensor) throws(OnyxError) {
    guard keys.shape.rank == 1, values.shape == keys.shape else {
      throw .usage(
        "A map of keys \(keys.typeDescription) and values \(values.typeDescription) was made; both must be of rank 1 and equally long.")
    }
    let distinct: Int
    switch keys.elementType {
    case .int64: distinct = Set(try keys.elements(as: Int64.self)).count
    case .string: distinct = Set(try keys.strings().map { Array($0.utf8) }).count
    default: throw .usage("A map has keys of \(keys.elementType); they must be int64 or string.")
    }
    guard distinct == keys.elementCount else { throw .usage("A map has a key twice.") }
    self.keys = keys
    self.values = values
  }
}
