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

  /// Elements of 2 or 4 bits, the first in the lowest bits of each byte, as one byte each. The slice has the bytes for them.
  func unpacked(_ type: ElementType, _ shape: Shape) throws(OnyxError) -> Buffer {
    let bits = type.bitsInFiles
    let perByte = 8 / bits
    let isSigned = type.domain == .signed
    let target = try Buffer(uninitializedByteCount: shape.elementCount)
    unsafe withBytes { bytes in
      for index in 0..<shape.elementCount {
        let atTop = unsafe bytes[index / perByte] << UInt8(8 - bits - index % perByte * bits)
        let element = isSigned ? UInt8(bitPattern: Int8(bitPattern: atTop) >> Int8(8 - bits)) : atTop >> UInt8(8 - bits)
        unsafe target.pointer.storeBytes(of: element, toByteOffset: index, as: UInt8.self)
      }
    }
    return target
  }

  /// The reverse of `unpacked`: one element of 2 or 4 bits in each byte of the slice.
  func packed(bits: Int) throws(OnyxError) -> ByteSlice {
    let perByte = 8 / bits
    var result = [UInt8](repeating: 0, count: count / perByte + (count % perByte == 0 ? 0 : 1))
    let mask: UInt8 = (1 << UInt8(bits)) - 1
    unsafe withBytes { bytes in
      for index in 0..<count { unsafe result[index / perByte] |= (bytes[index] & mask) << UInt8(index % perByte * bits) }
    }
    return try ByteSlice(copying: result)
  }
}
