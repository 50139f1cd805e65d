extension Tensor: Equatable {
  /// Whether two tensors have the same element type, the same shape and equal elements.
  ///
  /// Floats of all widths are compared as IEEE 754 numbers, as Swift compares arrays of `Float`: 0 equals −0, and NaN equals nothing, so
  /// that a tensor with a NaN does not equal itself. `hasEqualBits(to:)` compares what is stored. Strings are equal when Swift says
  /// so (canonical equivalence). Hence no `Hashable`: a tensor with a NaN would never be found again.
  /// Complexity: O(elements).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.elementType == b.elementType, a.shape == b.shape else { return false }
    switch (a.storage, b.storage) {
    case (.strings(let left), .strings(let right)): return left == right
    default: break
    }
    switch a.elementType {
    case .complex64: return equalValues(a, b, Complex64.self) { $0.real == $1.real && $0.imaginary == $1.imaginary }
    case .complex128: return equalValues(a, b, Complex128.self) { $0.real == $1.real && $0.imaginary == $1.imaginary }
    case .float32: return equalValues(a, b, Float.self, ==)
    default:
      guard let type = a.elementType.floatingElement else { return a.hasEqualBits(to: b) }
      return equalFloats(a, b, type)
    }
  }

  /// Whether two tensors have the same element type, the same shape and the same bits in every element: NaN equals a NaN of the same
  /// bits, and 0 differs from −0. Strings are compared by their UTF-8 bytes. An equivalence relation. Complexity: O(elements).
  public func hasEqualBits(to other: Tensor) -> Bool {
    guard elementType == other.elementType, shape == other.shape else { return false }
    if case .strings(let left) = storage, case .strings(let right) = other.storage {
      return zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
    return hasEqualBytes(to: other)
  }

  private static func equalFloats<T: FloatingElement>(_ a: Tensor, _ b: Tensor, _ type: T.Type) -> Bool {
    equalValues(a, b, type) { $0.wide == $1.wide }
  }

  /// `T` is the element type of both, and the shapes are equal.
  private static func equalValues<T: TensorElement>(_ a: Tensor, _ b: Tensor, _ type: T.Type, _ areEqual: (T, T) -> Bool) -> Bool {
    let result = try? a.withElements(of: type) { (left) throws(OnyxError) in
      try b.withElements(of: type) { (right) throws(OnyxError) in left.indices.allSatisfy { areEqual(left[$0], right[$0]) } }
    }
    return result ?? false
  }
}
