/// Multiplying constants by factors of channels.
///
/// SAFETY: the source has the bytes that its type and shape ask for, at any address, and the target was made as large; every index is
/// below the number of elements.
extension Tensor {
  /// Multiplies the elements by factors, each product rounded once: `run` elements in a row take one factor, and the factors are taken
  /// again and again.
  ///
  /// Throws `internalBug` when factors do not cover the elements evenly or the elements are no floats. Complexity: O(elements).
  package func scaled(by factors: [Double], run: Int) throws(OnyxError) -> Tensor {
    if elementCount == 0 { return self }
    guard run > 0, !factors.isEmpty, elementCount % run == 0, elementCount / run % factors.count == 0, elementType.isFloating else {
      throw .bug("\(factors.count) factors do not fit \(typeDescription).")
    }
    if elementType == .float32 { return try scaledFloats(by: factors, run: run) }
    var values = try doubles()
    for index in values.indices { values[index] *= factors[index / run % factors.count] }
    return try Tensor(floating: values, as: elementType, shape: shape)
  }

  private func scaledFloats(by factors: [Double], run: Int) throws(OnyxError) -> Tensor {
    let target = try Buffer(uninitializedByteCount: byteCount)
    let (count, width) = (elementCount, MemoryLayout<Float>.stride)
    unsafe withUnalignedBytes { source in
      let result = unsafe target.pointer.bindMemory(to: Float.self, capacity: count)
      if run == 1 {
        for start in stride(from: 0, to: count, by: factors.count) {
          for index in factors.indices {
            let value = unsafe source.loadUnaligned(fromByteOffset: (start + index) * width, as: Float.self)
            unsafe result[start + index] = Float(Double(value) * factors[index])
          }
        }
        return
      }
      for part in 0..<count / run {
        let factor = factors[part % factors.count]
        for index in part * run..<(part + 1) * run {
          unsafe result[index] = Float(Double(source.loadUnaligned(fromByteOffset: index * width, as: Float.self)) * factor)
        }
      }
    }
    return Tensor(elementType: .float32, shape: shape, storage: .bytes(target, offset: 0))
  }
}
