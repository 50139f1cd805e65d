import NIOCore
import Onyx

/// Elements as bytes: little-endian and row-major, strings with a length of four bytes before each.
///
/// SAFETY: pointers into buffers and tensors stay in their closures, and ranges of elements are those of the tensor.
package enum RawElements {
  /// The tensor that `bytes` hold. Throws `badRequest` for another number of bytes than type and shape ask for.
  package static func tensor(_ name: String, _ bytes: ByteBuffer, _ type: ElementType, _ shape: Shape) throws(Failure) -> Tensor {
    do throws(OnyxError) {
      if type == .string { return try Tensor(try strings(name, bytes, count: shape.elementCount), shape: shape) }
      let result = unsafe bytes.withUnsafeReadableBytes { bytes in
        Result { () throws(OnyxError) in unsafe try Tensor(copying: bytes, of: type, shape: shape) }
      }
      return try result.get()
    } catch {
      throw Failure(.badRequest, "The input '\(name)': \(error.reason)")
    }
  }

  private static func strings(_ name: String, _ bytes: ByteBuffer, count: Int) throws(OnyxError) -> [String] {
    var bytes = bytes
    var strings: [String] = []
    strings.reserveCapacity(min(count, bytes.readableBytes / 4))
    while let length = bytes.readInteger(endianness: .little, as: UInt32.self) {
      guard let text = bytes.readSlice(length: Int(length)) else {
        throw OnyxError(.usage, "its bytes end inside of a string.")
      }
      guard let string = String(validating: text.readableBytesView, as: UTF8.self) else {
        throw OnyxError(.usage, "a string is not UTF-8.")
      }
      strings.append(string)
    }
    guard bytes.readableBytes == 0 else { throw OnyxError(.usage, "its bytes end inside of a string.") }
    return strings
  }

  /// Bytes that the elements take on the wire.
  package static func byteCount(_ rows: OutputRows) -> Int {
    if rows.tensor.elementType == .string, let strings = try? rows.tensor.strings() {
      return strings[rows.elements].reduce(0) { $0 + 4 + $1.utf8.count }
    }
    return rows.elements.count * rows.tensor.elementType.byteWidth
  }

  /// Puts the elements behind what the buffer holds.
  package static func write(_ rows: OutputRows, to buffer: inout ByteBuffer) {
    if rows.tensor.elementType == .string, let strings = try? rows.tensor.strings() {
      for string in strings[rows.elements] {
        buffer.writeInteger(UInt32(clamping: string.utf8.count), endianness: .little)
        buffer.writeString(string)
      }
      return
    }
    let width = rows.tensor.elementType.byteWidth
    unsafe rows.tensor.withUnsafeBytes { bytes in
      _ = unsafe buffer.writeBytes(
        UnsafeRawBufferPointer(rebasing: bytes[rows.elements.lowerBound * width..<rows.elements.upperBound * width]))
    }
  }
}
