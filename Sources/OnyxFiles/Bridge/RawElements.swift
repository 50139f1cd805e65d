import OnyxTensor

/// Tensors from and to the little-endian bytes of their elements. Every platform of Onyx is little-endian.
package enum RawElements {
  /// A tensor over a copy of `bytes`, one element after the other as in memory. Bits that an element type does not have are
  /// cleared: a bool becomes 0 or 1, a 4-bit integer is extended by its sign. Throws when the count does not fit the shape.
  package static func tensor(_ type: ElementType, shape: Shape, bytes: ArraySlice<UInt8>) throws(OnyxError) -> Tensor {
    let count = try Tensor.byteCount(shape.elementCount, width: type.byteWidth)
    guard type != .string, count == bytes.count else {
      throw .invalid("\(type)\(shape) has \(count) bytes, and \(bytes.count) were found.")
    }
    let buffer = try Buffer(uninitializedByteCount: count)
    // SAFETY: source and buffer have `count` bytes; the buffer is new and nobody else has it yet.
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress { unsafe buffer.pointer.copyMemory(from: start, byteCount: count) }
    }
    normalize(type, buffer)
    return Tensor(elementType: type, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// The bytes of the elements; empty for strings.
  package static func bytes(of tensor: Tensor) -> [UInt8] { unsafe tensor.withBytes { unsafe [UInt8]($0) } }

  private static func normalize(_ type: ElementType, _ buffer: Buffer) {
    let rule: (UInt8) -> UInt8
    switch type {
    case .bool: rule = { $0 == 0 ? 0 : 1 }
    case .uint4, .float4e2m1: rule = { $0 & 0xF }
    case .float6e2m3, .float6e3m2: rule = { $0 & 0x3F }
    case .uint2: rule = { $0 & 3 }
    case .int4: rule = { UInt8(bitPattern: Int4(Int8(bitPattern: $0)).value) }
    case .int2: rule = { UInt8(bitPattern: Int2(Int8(bitPattern: $0)).value) }
    default: return
    }
    // SAFETY: the buffer has `byteCount` initialized bytes and is not shared yet.
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: buffer.pointer, count: buffer.byteCount)
    for index in bytes.indices { unsafe bytes[index] = rule(bytes[index]) }
  }
}
