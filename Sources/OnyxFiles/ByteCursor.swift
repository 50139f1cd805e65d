import OnyxTensor

/// Reads little-endian numbers and runs of bytes; nothing past the end.
struct ByteCursor {
  private let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  /// Starts `offset` bytes into `bytes`. Throws when that is outside.
  init(_ bytes: ArraySlice<UInt8>, at offset: Int = 0) throws(OnyxError) {
    guard offset >= 0, offset <= bytes.count else { throw Self.cutOff }
    self.bytes = bytes
    position = bytes.startIndex + offset
  }

  var left: Int { bytes.endIndex - position }
  var rest: ArraySlice<UInt8> { bytes[position...] }

  mutating func take(_ count: Int) throws(OnyxError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= left else { throw Self.cutOff }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func skip(_ count: Int) throws(OnyxError) { _ = try take(count) }

  mutating func integer<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) throws(OnyxError) -> T {
    try take(MemoryLayout<T>.size).reversed().reduce(0) { $0 << 8 | T($1) }
  }

  private static var cutOff: OnyxError { .invalid("The file is cut off.", remedy: "Copy or save it again.") }
}

extension [UInt8] {
  mutating func append<T: FixedWidthInteger & UnsignedInteger>(littleEndian value: T) {
    for shift in 0..<MemoryLayout<T>.size { append(UInt8(truncatingIfNeeded: value >> T(8 * shift))) }
  }
}
