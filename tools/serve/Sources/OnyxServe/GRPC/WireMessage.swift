import NIOCore

/// The fields of a protocol buffers message, one after the other; contents are views of the message.
package struct WireReader {
  /// What a field holds.
  package enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ByteBuffer)
  }

  private var bytes: ByteBuffer

  package init(_ bytes: ByteBuffer) { self.bytes = bytes }

  /// The failure of bytes that are no message.
  package static let broken = Failure(.badRequest, "The message is no message of the Open Inference Protocol: its bytes do not fit.")

  /// The next field and its number; nil at the end. Throws `badRequest` for bytes that are no message.
  package mutating func next() throws(Failure) -> (field: Int, value: Value)? {
    guard bytes.readableBytes > 0 else { return nil }
    let key = try Self.varint(&bytes)
    guard key >> 3 > 0, key >> 3 < 1 << 29 else { throw Self.broken }
    let field = Int(key >> 3)
    switch key & 7 {
    case 0: return (field, .varint(try Self.varint(&bytes)))
    case 1:
      guard let value = bytes.readInteger(endianness: .little, as: UInt64.self) else { throw Self.broken }
      return (field, .fixed64(value))
    case 2:
      guard let length = Int(exactly: try Self.varint(&bytes)), let part = bytes.readSlice(length: length) else { throw Self.broken }
      return (field, .bytes(part))
    case 5:
      guard let value = bytes.readInteger(endianness: .little, as: UInt32.self) else { throw Self.broken }
      return (field, .fixed32(value))
    default: throw Self.broken
    }
  }

  /// One number of up to 64 bits.
  package static func varint(_ bytes: inout ByteBuffer) throws(Failure) -> UInt64 {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while let byte = bytes.readInteger(as: UInt8.self) {
      guard shift < 63 || byte <= 1 && shift == 63 else { throw broken }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw broken
  }
}

extension WireReader.Value {
  /// The text. Throws `badRequest` for what is none.
  package func text() throws(Failure) -> String {
    guard case .bytes(let bytes) = self, let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
      throw WireReader.broken
    }
    return text
  }

  /// The message inside. Throws `badRequest` for what is none.
  package func message() throws(Failure) -> WireReader { WireReader(try bytes()) }

  /// The bytes. Throws `badRequest` for a number.
  package func bytes() throws(Failure) -> ByteBuffer {
    guard case .bytes(let bytes) = self else { throw WireReader.broken }
    return bytes
  }

  /// A number. Throws `badRequest` for bytes.
  package func number() throws(Failure) -> UInt64 {
    guard case .varint(let number) = self else { throw WireReader.broken }
    return number
  }

  /// Puts the numbers of a repeated field behind `numbers`: one, or many packed. Throws `badRequest` for other than varints.
  package func append<T>(to numbers: inout [T], _ convert: (UInt64) -> T) throws(Failure) {
    switch self {
    case .varint(let number): numbers.append(convert(number))
    case .bytes(var packed):
      numbers.reserveCapacity(numbers.count + min(packed.readableBytes, 1 << 20))
      while packed.readableBytes > 0 { numbers.append(convert(try WireReader.varint(&packed))) }
    default: throw WireReader.broken
    }
  }
}

/// Writes a protocol buffers message field by field. Fields of their default value are left out, as the protocol's third version does.
package struct WireWriter {
  package private(set) var bytes = ByteBuffer()

  /// Nothing is written yet.
  package init() {}

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.writeInteger(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.writeInteger(UInt8(truncatingIfNeeded: value))
  }

  /// Makes room for so many more bytes.
  package mutating func reserve(_ count: Int) { bytes.reserveCapacity(minimumWritableBytes: count) }

  package mutating func bool(_ field: Int, _ value: Bool) {
    guard value else { return }
    varint(UInt64(field) << 3)
    varint(1)
  }

  package mutating func text(_ field: Int, _ value: String) {
    guard !value.isEmpty else { return }
    length(field, value.utf8.count)
    bytes.writeString(value)
  }

  package mutating func message(_ field: Int, _ body: (inout WireWriter) throws(Failure) -> Void) throws(Failure) {
    var writer = WireWriter()
    try body(&writer)
    var inner = writer.bytes
    length(field, inner.readableBytes)
    bytes.writeBuffer(&inner)
  }

  /// Packed integers of 64 bits.
  package mutating func integers(_ field: Int, _ values: [Int]) {
    guard !values.isEmpty else { return }
    var writer = WireWriter()
    for value in values { writer.varint(UInt64(bitPattern: Int64(value))) }
    var inner = writer.bytes
    length(field, inner.readableBytes)
    bytes.writeBuffer(&inner)
  }

  /// Bytes that `write` appends: exactly `count`.
  package mutating func raw(_ field: Int, count: Int, _ write: (inout ByteBuffer) -> Void) {
    length(field, count)
    write(&bytes)
  }

  private mutating func length(_ field: Int, _ count: Int) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(count))
  }
}
