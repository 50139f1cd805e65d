import OnyxTensor

/// The part of Python's literals that .npy headers use: a dictionary of strings, booleans, integers, tuples and lists.
struct PythonLiteral {
  enum Value: Hashable {
    case text(String)
    case bool(Bool)
    case int(Int)
    case tuple([Value])
    case list([Value])
  }

  private var rest: ArraySlice<UInt8>
  /// Headers of structured types nest two deep.
  private static let deepest = 8

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func dictionary() throws(OnyxError) -> [String: Value] {
    try expect("{")
    var result: [String: Value] = [:]
    while !accept("}") {
      guard case .text(let key) = try value(depth: 0) else { throw Self.broken }
      try expect(":")
      guard result.updateValue(try value(depth: 0), forKey: key) == nil else { throw Self.broken }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard rest.isEmpty else { throw Self.broken }
    return result
  }

  private mutating func value(depth: Int) throws(OnyxError) -> Value {
    skipSpace()
    guard let first = rest.first, depth <= Self.deepest else { throw Self.broken }
    switch first {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "("): return .tuple(try items(closing: ")", depth: depth))
    case UInt8(ascii: "["): return .list(try items(closing: "]", depth: depth))
    default: return try word()
    }
  }

  private mutating func items(closing: Unicode.Scalar, depth: Int) throws(OnyxError) -> [Value] {
    rest.removeFirst()
    var items: [Value] = []
    while !accept(closing) {
      items.append(try value(depth: depth + 1))
      if !accept(",") {
        try expect(closing)
        break
      }
    }
    return items
  }

  private mutating func text() throws(OnyxError) -> String {
    let quote = rest.removeFirst()
    guard let end = rest.firstIndex(of: quote), !rest[..<end].contains(UInt8(ascii: "\\")) else { throw Self.broken }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private mutating func word() throws(OnyxError) -> Value {
    let characters = rest.prefix { byte in
      byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    rest = rest.dropFirst(characters.count)
    let word = String(decoding: characters, as: UTF8.self)
    switch word {
    case "True": return .bool(true)
    case "False": return .bool(false)
    default:
      // Python 2 wrote long integers as 3L.
      guard let number = Int(word.hasSuffix("L") ? String(word.dropLast()) : word) else { throw Self.broken }
      return .int(number)
    }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(OnyxError) {
    guard accept(character) else { throw Self.broken }
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) } }

  private static var broken: OnyxError { .invalid("The header of the .npy file is broken.") }
}
