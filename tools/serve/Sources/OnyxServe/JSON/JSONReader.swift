/// Reads JSON (RFC 8259) from front to end, value by value, without making a tree of it. As Python writes them, NaN, Infinity and
/// -Infinity are numbers too.
///
/// What is read is the caller's choice: each function expects one kind of value and throws where the text has another.
package struct JSONReader {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int
  /// Objects and arrays inside one another, at most.
  package static let deepest = 64

  /// Of the text in `bytes`, or of the part in `range`.
  package init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
    self.bytes = bytes
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// Bytes that are left.
  package var remaining: Int { end - position }

  /// Another reader of the part in `range`.
  package func part(_ range: Range<Int>) -> JSONReader { JSONReader(bytes, range) }

  /// The failure of a text that does not go on as it should.
  package func broken(_ expected: String) -> Failure { Failure(.badRequest, "The JSON at byte \(position): \(expected) is expected.") }

  /// The first byte of the next value; nil at the end.
  package mutating func peek() -> UInt8? {
    while position < end {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// Goes past the next byte when it is `byte`, and says whether it was.
  package mutating func accept(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  /// Throws unless nothing but space is left.
  package mutating func finish() throws(Failure) {
    guard peek() == nil else { throw broken("the end") }
  }

  /// Calls `body` with each key, at its value, which `body` has to read or skip. Throws for a key that comes twice.
  package mutating func object(_ body: (String, inout JSONReader) throws(Failure) -> Void) throws(Failure) {
    guard accept(UInt8(ascii: "{")) else { throw broken("an object") }
    if accept(UInt8(ascii: "}")) { return }
    var seen: Set<String> = []
    repeat {
      let key = try string()
      guard seen.insert(key).inserted else { throw Failure(.badRequest, "The JSON has the key '\(key)' twice in one object.") }
      guard accept(UInt8(ascii: ":")) else { throw broken("a colon") }
      try body(key, &self)
    } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "}")) else { throw broken("the end of the object") }
  }

  /// Calls `body` at each item, which it has to read or skip.
  package mutating func array(_ body: (inout JSONReader) throws(Failure) -> Void) throws(Failure) {
    guard accept(UInt8(ascii: "[")) else { throw broken("an array") }
    if accept(UInt8(ascii: "]")) { return }
    repeat { try body(&self) } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "]")) else { throw broken("the end of the array") }
  }

  /// Goes past one value of any kind and returns where it stands.
  @discardableResult
  package mutating func skip() throws(Failure) -> Range<Int> {
    _ = peek()
    let start = position
    try skipValue(depth: 0)
    return start..<position
  }

  private mutating func skipValue(depth: Int) throws(Failure) {
    guard depth < Self.deepest else { throw Failure(.badRequest, "The JSON is nested deeper than \(Self.deepest) times.") }
    switch peek() {
    case UInt8(ascii: "{"): try object { (_, reader) throws(Failure) in try reader.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["): try array { (reader) throws(Failure) in try reader.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
    case UInt8(ascii: "n"): try null()
    default: _ = try double()
    }
  }

  /// Goes past an array by its brackets alone and returns where it stands; what is in it is for whoever reads it then.
  package mutating func skipArray() throws(Failure) -> Range<Int> {
    guard peek() == UInt8(ascii: "[") else { throw broken("an array") }
    let start = position
    var (depth, at, inString) = (0, position, false)
    while at < end {
      switch bytes[at] {
      case UInt8(ascii: "\\") where inString: at += 1
      case UInt8(ascii: "\""): inString.toggle()
      case UInt8(ascii: "[") where !inString: depth += 1
      case UInt8(ascii: "]") where !inString: depth -= 1
      default: break
      }
      at += 1
      if depth == 0 {
        position = at
        return start..<at
      }
    }
    position = end
    throw broken("the end of the array")
  }

  /// Calls `body` at each value that is no array, in arrays of any depth: numbers of a tensor, flat or nested.
  package mutating func leaves(depth: Int = 0, _ body: (inout JSONReader) throws(Failure) -> Void) throws(Failure) {
    guard depth < Self.deepest else { throw Failure(.badRequest, "The JSON is nested deeper than \(Self.deepest) times.") }
    guard accept(UInt8(ascii: "[")) else { throw broken("an array") }
    if accept(UInt8(ascii: "]")) { return }
    repeat {
      if peek() == UInt8(ascii: "[") { try leaves(depth: depth + 1, body) } else { try body(&self) }
    } while accept(UInt8(ascii: ","))
    guard accept(UInt8(ascii: "]")) else { throw broken("the end of the array") }
  }

  /// `true` or `false`.
  package mutating func bool() throws(Failure) -> Bool {
    _ = peek()
    if word("true") { return true }
    if word("false") { return false }
    throw broken("true or false")
  }

  /// `null`.
  package mutating func null() throws(Failure) {
    _ = peek()
    guard word("null") else { throw broken("a value") }
  }

  /// Goes past the text when it is what comes next, and says whether it was.
  private mutating func word(_ text: String) -> Bool {
    var at = position
    for byte in text.utf8 {
      guard at < end, bytes[at] == byte else { return false }
      at += 1
    }
    position = at
    return true
  }
}

// Numbers.
extension JSONReader {
  /// Powers of ten that a Double has exactly.
  private static let tens: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The digits of a number as one integer, and the power of ten that it is to be multiplied by.
  private struct Decimal {
    var isNegative = false
    var digits: UInt64 = 0
    /// Significant digits; more than 19 do not fit.
    var count = 0
    var exponent = 0
    var isWhole = true
  }

  /// The nearest Double to the number.
  package mutating func double() throws(Failure) -> Double {
    if let special = special() { return special }
    let start = position
    let number = try decimal()
    // Both are exact then, so the one operation rounds once (Clinger, How to Read Floating Point Numbers Accurately, 1990).
    if number.count <= 19, number.digits <= 1 << 53, abs(number.exponent) <= 22 {
      let value = Self.scaled(Double(number.digits), number.exponent)
      return number.isNegative ? -value : value
    }
    return Double(String(decoding: bytes[start..<position], as: UTF8.self)) ?? .nan
  }

  /// The nearest Float to the number.
  package mutating func float() throws(Failure) -> Float {
    if let special = special() { return Float(special) }
    let start = position
    let number = try decimal()
    if number.count <= 19, abs(number.exponent) <= 22 {
      let value = Self.scaled(Double(number.digits), number.exponent)
      // The Double is the nearest one, or off by two units of its last place: which Float is nearest is then decided, unless what a Float
      // does not keep of it is that near to one half. Subnormal Floats keep less.
      let tail = Int64(value.bitPattern & 0x1FFF_FFFF) - 0x1000_0000
      let margin: Int64 = number.digits <= 1 << 53 ? 0 : 4
      if abs(tail) > margin, value == 0 || value >= Double(Float.leastNormalMagnitude) {
        return number.isNegative ? -Float(value) : Float(value)
      }
    }
    return Float(String(decoding: bytes[start..<position], as: UTF8.self)) ?? .nan
  }

  private static func scaled(_ value: Double, _ exponent: Int) -> Double {
    exponent < 0 ? value / tens[-exponent] : value * tens[exponent]
  }

  /// The integer that the number is; a fraction or a number past 64 bits is nil, and the reader is past it all the same.
  package mutating func integer() throws(Failure) -> Int64? {
    _ = peek()
    let number = try decimal()
    guard number.isWhole, number.count <= 19 else { return nil }
    if number.isNegative { return number.digits <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- number.digits) : nil }
    return Int64(exactly: number.digits)
  }

  /// The same without a sign.
  package mutating func unsigned() throws(Failure) -> UInt64? {
    _ = peek()
    let start = position
    let number = try decimal()
    guard number.isWhole, !number.isNegative || number.digits == 0 else { return nil }
    return number.count <= 19 ? number.digits : UInt64(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  /// NaN and infinities, bare or in quotes.
  private mutating func special() -> Double? {
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "N"), UInt8(ascii: "I"): break
    case UInt8(ascii: "-") where position + 1 < end && bytes[position + 1] == UInt8(ascii: "I"): break
    default: return nil
    }
    let start = position
    let isQuoted = accept(UInt8(ascii: "\""))
    let isNegative = accept(UInt8(ascii: "-"))
    var value: Double?
    if word("Infinity") { value = isNegative ? -.infinity : .infinity } else if !isNegative, word("NaN") { value = .nan }
    if let value, !isQuoted || (position < end && bytes[position] == UInt8(ascii: "\"")) {
      if isQuoted { position += 1 }
      return value
    }
    position = start
    return nil
  }

  private mutating func decimal() throws(Failure) -> Decimal {
    var number = Decimal()
    var at = position
    if at < end, bytes[at] == UInt8(ascii: "-") {
      number.isNegative = true
      at += 1
    }
    let whole = at
    Self.digits(bytes, &at, end, &number)
    guard at > whole, at == whole + 1 || bytes[whole] != UInt8(ascii: "0") else { throw broken("a number") }
    if at < end, bytes[at] == UInt8(ascii: ".") {
      number.isWhole = false
      at += 1
      let fraction = at
      Self.digits(bytes, &at, end, &number)
      guard at > fraction else { throw broken("a digit") }
      number.exponent = fraction - at
    }
    if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
      number.isWhole = false
      at += 1
      var isNegative = false
      if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
        isNegative = bytes[at] == UInt8(ascii: "-")
        at += 1
      }
      let start = at
      var exponent = 0
      while at < end, (0x30...0x39).contains(bytes[at]) {
        exponent = min(exponent * 10 + Int(bytes[at] - 0x30), 100_000)
        at += 1
      }
      guard at > start else { throw broken("a digit") }
      number.exponent += isNegative ? -exponent : exponent
    }
    position = at
    return number
  }

  @inline(__always)
  private static func digits(_ bytes: [UInt8], _ at: inout Int, _ end: Int, _ number: inout Decimal) {
    var (digits, count) = (number.digits, number.count)
    while at < end {
      let digit = bytes[at] &- 0x30
      guard digit < 10 else { break }
      digits = digits &* 10 &+ UInt64(digit)
      // Zeros in front are no significant digits.
      if count > 0 || digit > 0 { count += 1 }
      at += 1
    }
    (number.digits, number.count) = (digits, count)
  }
}

// Strings.
extension JSONReader {
  /// A string, with its escapes resolved.
  package mutating func string() throws(Failure) -> String {
    guard accept(UInt8(ascii: "\"")) else { throw broken("a string") }
    let start = position
    while position < end, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\"), bytes[position] >= 0x20 {
      position += 1
    }
    if position < end, bytes[position] == UInt8(ascii: "\"") {
      guard let text = String(validating: bytes[start..<position], as: UTF8.self) else { throw broken("UTF-8") }
      position += 1
      return text
    }
    var text = Array(bytes[start..<position])
    while position < end, bytes[position] != UInt8(ascii: "\"") {
      let byte = bytes[position]
      guard byte >= 0x20 else { throw broken("a character") }
      position += 1
      if byte == UInt8(ascii: "\\") { text += Array(String(try escaped()).utf8) } else { text.append(byte) }
    }
    guard position < end, let string = String(validating: text, as: UTF8.self) else { throw broken("the end of the string") }
    position += 1
    return string
  }

  private mutating func escaped() throws(Failure) -> Unicode.Scalar {
    guard position < end else { throw broken("an escape") }
    position += 1
    switch bytes[position - 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(bytes[position - 1])
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      guard (0xD800...0xDBFF).contains(unit), word("\\u") else { throw broken("a surrogate pair") }
      let low = try hexadecimal()
      guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) else {
        throw broken("a surrogate pair")
      }
      return scalar
    default: throw broken("an escape")
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard position + 4 <= end else { throw broken("four hexadecimal digits") }
    var unit: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw broken("four hexadecimal digits") }
      unit = unit << 4 | UInt32(digit)
    }
    position += 4
    return unit
  }
}
