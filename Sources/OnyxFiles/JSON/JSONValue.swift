import OnyxTensor

/// A JSON document. Numbers keep their text, so that 64-bit integers stay exact.
indirect enum JSONValue: Hashable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Throws `invalidModel` naming the byte where the text stops being JSON (RFC 8259).
  init(parsing bytes: ArraySlice<UInt8>) throws(OnyxError) {
    var parser = JSONParser(bytes)
    self = try parser.document()
  }
}

struct JSONParser {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private static let deepest = 32

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  mutating func document() throws(OnyxError) -> JSONValue {
    let result = try value(depth: 0)
    skipSpace()
    guard position == bytes.endIndex else { throw broken }
    return result
  }

  private mutating func value(depth: Int) throws(OnyxError) -> JSONValue {
    skipSpace()
    guard let first = current, depth <= Self.deepest else { throw broken }
    switch first {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try items(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func members(depth: Int) throws(OnyxError) -> [String: JSONValue] {
    position += 1
    var members: [String: JSONValue] = [:]
    if accept("}") { return members }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw broken }
      let name = try string()
      guard accept(":") else { throw broken }
      guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else { throw broken }
    } while accept(",")
    guard accept("}") else { throw broken }
    return members
  }

  private mutating func items(depth: Int) throws(OnyxError) -> [JSONValue] {
    position += 1
    var items: [JSONValue] = []
    if accept("]") { return items }
    repeat { items.append(try value(depth: depth + 1)) } while accept(",")
    guard accept("]") else { throw broken }
    return items
  }

  private mutating func number() throws(OnyxError) -> String {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else { throw broken }
    if current == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { throw broken }
    }
    if let letter = current, letter | 0x20 == UInt8(ascii: "e") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw broken }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let start = position
    while let digit = current, (0x30...0x39).contains(digit) { position += 1 }
    return position - start
  }

  private mutating func string() throws(OnyxError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = current, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw broken }
      position += 1
      if byte == UInt8(ascii: "\\") { text += Array(String(try escaped()).utf8) } else { text.append(byte) }
    }
    guard current != nil, let string = String(validating: text, as: UTF8.self) else { throw broken }
    position += 1
    return string
  }

  private mutating func escaped() throws(OnyxError) -> Unicode.Scalar {
    guard let letter = current else { throw broken }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codePoint()
    default: throw broken
    }
  }

  /// Four hexadecimal digits; a high surrogate needs a low one behind it.
  private mutating func codePoint() throws(OnyxError) -> Unicode.Scalar {
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard (0xD800...0xDBFF).contains(unit), bytes[position...].starts(with: Array("\\u".utf8)) else { throw broken }
    position += 2
    let low = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) else {
      throw broken
    }
    return scalar
  }

  private mutating func hexadecimal() throws(OnyxError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw broken }
    position += 4
    return unit
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(OnyxError) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw broken }
    position += text.utf8.count
    return value
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }
  private var broken: OnyxError { .invalid("The file is no JSON: byte \(position - bytes.startIndex) does not fit.") }
}
