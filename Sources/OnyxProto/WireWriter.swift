// SAFETY: the bytes of a slice are read inside the closure that lends them.

/// Writes the protobuf wire format: fields in the order of the calls, nothing else.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  private mutating func tag(_ number: Int, _ type: WireCursor.WireType) { bytes.appendVarint(UInt64(number) << 3 | type.rawValue) }

  mutating func varint(_ number: Int, _ value: Int64) {
    tag(number, .varint)
    bytes.appendVarint(UInt64(bitPattern: value))
  }

  mutating func float(_ number: Int, _ value: Float) {
    tag(number, .fixed32)
    append(value.bitPattern)
  }

  /// One packed field.
  mutating func floats(_ number: Int, _ values: [Float]) { packed(number, values.map(\.bitPattern)) }

  /// One packed field.
  mutating func doubles(_ number: Int, _ values: [Double]) { packed(number, values.map(\.bitPattern)) }

  private mutating func packed<Word: FixedWidthInteger>(_ number: Int, _ words: [Word]) {
    if words.isEmpty { return }
    tag(number, .lengthDelimited)
    bytes.appendVarint(UInt64(words.count * Word.bitWidth / 8))
    for word in words { append(word) }
  }

  private mutating func append<Word: FixedWidthInteger>(_ word: Word) {
    for shift in stride(from: 0, to: Word.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> Word(shift))) }
  }

  /// One packed field.
  mutating func varints(_ number: Int, _ values: [Int64]) {
    if values.isEmpty { return }
    var content: [UInt8] = []
    for value in values { content.appendVarint(UInt64(bitPattern: value)) }
    data(number, content)
  }

  mutating func data(_ number: Int, _ content: [UInt8]) {
    tag(number, .lengthDelimited)
    bytes.appendVarint(UInt64(content.count))
    bytes += content
  }

  mutating func data(_ number: Int, _ content: ByteSlice) {
    tag(number, .lengthDelimited)
    bytes.appendVarint(UInt64(content.count))
    // SAFETY: the bytes are copied while the slice keeps them alive.
    unsafe content.withBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Text; "" is left out, as it is the default.
  mutating func text(_ number: Int, _ content: String) {
    if !content.isEmpty { data(number, Array(content.utf8)) }
  }

  /// Every element, empty ones too.
  mutating func texts(_ number: Int, _ contents: [String]) {
    for content in contents { data(number, Array(content.utf8)) }
  }

  mutating func message<M>(_ number: Int, _ content: M, _ write: (M, inout WireWriter) -> Void) {
    var inner = WireWriter()
    write(content, &inner)
    data(number, inner.bytes)
  }

  mutating func messages<M>(_ number: Int, _ contents: [M], _ write: (M, inout WireWriter) -> Void) {
    for content in contents { message(number, content, write) }
  }
}
