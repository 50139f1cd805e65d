/// Multiplying constants by factors of channels.
///
/// SAFETY: memory that products are written to has the size of the tensor.
extension Tensor {
  /// Multiplies the elements by factors, each product rounded once: `run` elements in a row take one factor, and the factors are taken
  /// again and again. Of many float32 elements the products are computed when they are first needed; what only packs them has them for that
  /// time, so that they take no memory beside the packed ones.
  ///
  /// Throws `internalBug` when factors do not cover the elements evenly or the elements are no floats. Complexity: O(elements).
  package func scaled(by factors: [Double], run: Int) throws(OnyxError) -> Tensor {
    if elementCount == 0 { return self }
    guard run > 0, !factors.isEmpty, elementCount % run == 0, elementCount / run % factors.count == 0, elementType.isFloating else {
      throw .bug("\(factors.count) factors do not fit \(typeDescription).")
    }
    if elementType == .float32, case .bytes(let buffer, let offset) = storage {
      // What is scaled again is computed now: a chain of factors would compute, and hold, one tensor for each of them.
      let isDeferred = elementCount > Self.fewElements && !buffer.isScaled
      let copy = DeferredCopy(source: buffer, offset: offset, byteCount: byteCount, form: .scaled(factors, run: run))
      let products = isDeferred ? try Buffer(computing: copy) : try Buffer(uninitializedByteCount: byteCount)
      if !isDeferred { unsafe copy.write(to: products.pointer) }
      return Tensor(elementType: .float32, shape: shape, storage: .bytes(products, offset: 0))
    }
    var values = try doubles()
    for index in values.indices { values[index] *= factors[index / run % factors.count] }
    return try Tensor(floating: values, as: elementType, shape: shape)
  }
}
