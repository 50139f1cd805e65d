/// SAFETY: the buffer of a widened tensor has 4 bytes for each of the 2 that its source has.
extension Tensor {
  /// The float32 numbers of a tensor of float16 or bfloat16, computed when they are first needed. What only packs them has them for
  /// that time, so that a constant takes no more memory than its 16 bits.
  ///
  /// Throws `bug` for another type, `budgetExceeded` when there is no memory for them. Complexity: O(1), O(elements) for few.
  package func widened() throws(OnyxError) -> Tensor {
    guard case .bytes(let buffer, let offset) = storage, [.float16, .bfloat16].contains(elementType) else {
      throw .bug("A tensor of \(elementType) cannot be widened.")
    }
    let floats = try Buffer(wideningOnFirstUse: buffer, offset: offset, count: elementCount, of: elementType)
    if elementCount <= Self.fewElements { floats.makeDeferredCopy() }
    return Tensor(elementType: .float32, shape: shape, storage: .bytes(floats, offset: 0))
  }

  /// The 16-bit numbers that these float32 ones are, unless somebody needed them in float32.
  package var unwidened: Tensor? {
    guard case .bytes(let buffer, 0) = storage, elementCount * 4 == buffer.byteCount, let source = buffer.unwidened else { return nil }
    return Tensor(elementType: source.type, shape: shape, storage: .bytes(source.buffer, offset: source.offset))
  }

  /// Elements that are widened or scaled at once: less than a page.
  static let fewElements = 512
}
