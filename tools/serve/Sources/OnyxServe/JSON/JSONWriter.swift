/// Writes JSON from front to end.
package struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  /// Whether the next value needs a comma before it.
  private var needsComma = false

  package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// An object whose members `body` writes.
  package mutating func object(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
    try nested(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
  }

  /// An array whose items `body` writes.
  package mutating func array(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
    try nested(UInt8(ascii: "["), UInt8(ascii: "]"), body)
  }

  private mutating func nested(
    _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    separate()
    bytes.append(open)
    needsComma = false
    try body(&self)
    bytes.append(close)
    needsComma = true
  }

  /// The key of the member whose value comes next.
  package mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// A member that is a string.
  package mutating func member(_ name: String, _ value: String) {
    key(name)
    string(value)
  }

  /// A member that is an integer.
  package mutating func member(_ name: String, _ value: Int) {
    key(name)
    integer(Int64(value))
  }

  /// A member that is true or false.
  package mutating func member(_ name: String, _ value: Bool) {
    key(name)
    bool(value)
  }

  /// A member that is an array of integers.
  package mutating func member(_ name: String, _ values: [Int]) {
    key(name)
    integers(values)
  }

  /// An array of integers.
  package mutating func integers(_ values: [Int]) {
    separate()
    bytes.append(UInt8(ascii: "["))
    needsComma = false
    for value in values { integer(Int64(value)) }
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  /// `true` or `false`.
  package mutating func bool(_ value: Bool) {
    separate()
    bytes += (value ? "true" : "false").utf8
  }

  /// An integer.
  package mutating func integer(_ value: some BinaryInteger) {
    separate()
    bytes += "\(value)".utf8
  }

  /// The shortest text that reads back as the same number; what JSON lacks as "NaN", "Infinity" and "-Infinity" in quotes.
  package mutating func number(_ value: Float) {
    separate()
    if value.isFinite { bytes += value.description.utf8 } else { special(Double(value)) }
  }

  /// As for a Float.
  package mutating func number(_ value: Double) {
    separate()
    if value.isFinite { bytes += value.description.utf8 } else { special(value) }
  }

  private mutating func special(_ value: Double) {
    bytes += (value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"").utf8
  }

  /// A string with the escapes it needs.
  package mutating func string(_ text: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case UInt8(ascii: "\n"): bytes += "\\n".utf8
      case UInt8(ascii: "\r"): bytes += "\\r".utf8
      case UInt8(ascii: "\t"): bytes += "\\t".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += "\\u00\(byte < 16 ? "0" : "")\(digits)".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}
