import OnyxTensor

// Attributes that choose the element type of a result.
extension AttributeReader {
  /// `type` when absent. Throws `invalidModel` when it is not one of `allowed`.
  mutating func elementType(_ name: String, default type: ElementType, among allowed: Set<ElementType>) throws(OnyxError) -> ElementType {
    try Self.check(name, try elementType(name, default: type), allowed)
  }

  /// nil when absent. Throws `invalidModel` when it is not one of `allowed`.
  mutating func elementType(_ name: String, among allowed: Set<ElementType>) throws(OnyxError) -> ElementType? {
    try elementType(name).map { (type) throws(OnyxError) in try Self.check(name, type, allowed) }
  }

  private static func check(_ name: String, _ type: ElementType, _ allowed: Set<ElementType>) throws(OnyxError) -> ElementType {
    guard allowed.contains(type) else { throw .invalid("The attribute '\(name)' is \(type), which the operator does not allow.") }
    return type
  }
}
