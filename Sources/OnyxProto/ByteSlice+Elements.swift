import OnyxTensor

/// The forms that elements take on their way between files and memory.
///
/// SAFETY: each buffer is made with the size that its loop fills, and each loop stays inside the slice.
extension ByteSlice {
  /// Below this size a copy costs less than the bookkeeping of a deferred one.
  private static let smallByteCount = 16 << 10

  /// The same bytes, aligned; large ones are copied when they are first used.
  func aligned() throws(OnyxError) -> Buffer {
    if count >= Self.smallByteCount { return try Buffer(copyingOnFirstUse: buffer, offset: offset, byteCount: count) }
    let copy = try Buffer(uninitializedByteCount: count)
    unsafe withBytes { bytes in
      if let start = bytes.baseAddress { unsafe copy.pointer.copyMemory(from: start, byteCount: count) }
    }
    return copy
  }

  /// Whether every byte is 0 or 1, as a `Bool` in memory must be.
  var isNormalized: Bool { unsafe withBytes { bytes in unsafe bytes.allSatisfy { $0 <= 1 } } }

  /// A copy in which every byte is 0 or 1.
  func normalized() throws(OnyxError) -> Buffer {
    let copy = try Buffer(uninitializedByteCount: count)
    unsafe withBytes { bytes in
      for index in 0..<count { unsafe copy.pointer.storeBytes(of: bytes[index] == 0 ? 0 : 1, toByteOffset: index, as: UInt8.self) }
    }
    return copy
  }

  /// Elements of 2, 4 or 6 bits, one after the other from the lowest bit of the first byte on, as one byte each. The slice
  /// has the bytes for them.
  func unpacked(_ type: ElementType, _ shape: Shape) throws(OnyxError) -> Buffer {
    let bits = type.bitsInFiles
    let isSigned = type.domain == .signed
    let target = try Buffer(uninitializedByteCount: shape.elementCount)
    unsafe withBytes { bytes in
      for index in 0..<shape.elementCount {
        // Taken in eights, so that the place in bits cannot overflow.
        let place = index % 8 * bits
        let (byte, shift) = (index / 8 * bits + place / 8, place % 8)
        var word = unsafe UInt16(bytes[byte])
        if shift + bits > 8 { word |= unsafe UInt16(bytes[byte + 1]) << 8 }
        let atTop = UInt8(truncatingIfNeeded: word >> UInt16(shift)) << UInt8(8 - bits)
        let element = isSigned ? UInt8(bitPattern: Int8(bitPattern: atTop) >> Int8(8 - bits)) : atTop >> UInt8(8 - bits)
        unsafe target.pointer.storeBytes(of: element, toByteOffset: index, as: UInt8.self)
      }
    }
    return target
  }

  /// The reverse of `unpacked`: one element of 2, 4 or 6 bits in each byte of the slice.
  func packed(bits: Int) throws(OnyxError) -> ByteSlice {
    var result = [UInt8](repeating: 0, count: count / 8 * bits + (count % 8 * bits + 7) / 8)
    let mask: UInt16 = (1 << UInt16(bits)) - 1
    unsafe withBytes { bytes in
      for index in 0..<count {
        let place = index % 8 * bits
        let (byte, shift) = (index / 8 * bits + place / 8, place % 8)
        let word = unsafe (UInt16(bytes[index]) & mask) << UInt16(shift)
        result[byte] |= UInt8(truncatingIfNeeded: word)
        if shift + bits > 8 { result[byte + 1] |= UInt8(word >> 8) }
      }
    }
    return try ByteSlice(copying: result)
  }
}
