extension Tensor {
  /// The elements as another type, under the same shape, by the rules of ONNX Cast (version 28); the tensor itself when it has that type.
  ///
  /// - Floats become floats with one rounding to nearest even; past the range of a type they become infinity. The 8-bit floats become
  ///   their largest number instead when `saturates`, else infinity or NaN; the types without NaN and infinity always saturate.
  /// - Floats become integers by truncation towards zero, held to the bounds of the type; NaN becomes 0. Of types of 2 and 4 bits the low
  ///   bits of the truncated number are kept.
  /// - Integers become integers by their low bits, and floats with one rounding.
  /// - Everything but 0 becomes true; true becomes 1.
  /// - Numbers become the shortest texts that read back as themselves ("1.5", "NaN", "-INF"), bools "1" and "0". Texts are read as
  ///   decimal numbers.
  ///
  /// Throws `usage` for complex types and for a text that is no number. Complexity: O(elements).
  public func converted(to type: ElementType, saturates: Bool = true) throws(OnyxError) -> Tensor {
    do {
      return try ElementConversion(saturates: saturates).convert(self, to: type)
    } catch {
      throw error.code == .invalidModel ? OnyxError(.usage, error.reason, remedy: error.remedy) : error
    }
  }
}
