import OnyxServe
import Testing

@Suite struct JSONReaderTests {
  private static func reader(_ text: String) -> JSONReader { JSONReader(Array(text.utf8)) }

  /// Literals of Swift are rounded by the compiler, which is not the code under test.
  @Test(arguments: [
    ("0", 0.0), ("-0", -0.0), ("1", 1), ("-12.5", -12.5), ("0.1", 0.1), ("1e22", 1e22), ("1E-22", 1e-22), ("1e23", 1e23),
    ("123456789012345678", 123_456_789_012_345_680),
    ("0.30000000000000004", 0.30000000000000004), ("9007199254740993", 9_007_199_254_740_992),
    ("1.7976931348623157e308", 1.7976931348623157e308),
    ("5e-324", 0x1p-1074), ("2.2250738585072014e-308", 2.2250738585072014e-308), ("0.000001", 0.000001), ("1e400", Double.infinity),
    ("1e-400", 0),
    ("Infinity", .infinity), ("-Infinity", -.infinity), ("\"-Infinity\"", -.infinity), ("00000.5e1", .nan),
  ]) func doublesAreTheNearest(_ text: String, _ expected: Double) throws {
    var reader = Self.reader(text)
    guard !expected.isNaN else {
      #expect(throws: Failure.self) { try reader.double() }
      return
    }
    #expect(try reader.double().bitPattern == expected.bitPattern)
    try reader.finish()
  }

  @Test(arguments: [
    ("0.1", Float(0.1)), ("0.8444218635559082", 0.8444218635559082), ("16777217", 16_777_216), ("16777219", 16_777_220),
    ("1e-45", 0x1p-149),
    ("1.17549435e-38", 0x1p-126), ("3.4028235e38", 3.4028235e38), ("3.5e38", .infinity), ("0.00000000000000000000001", 1e-23),
    ("1.00000005960464477539062", 1), ("1.00000005960464477539063", 0x1.000002p0),
    ("0.1234567890123456789", 0.1234567890123456789), ("8388608.5", 8388608.5), ("8388609.5", 8388609.5), ("-7.038531e-26", -7.038531e-26),
  ]) func floatsAreTheNearest(_ text: String, _ expected: Float) throws {
    var reader = Self.reader(text)
    #expect(try reader.float().bitPattern == expected.bitPattern)
  }

  /// What a Float is written as reads back as the same Float, also with the digits of a Double as Python writes it.
  @Test func floatsComeBack() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let value = Float(bitPattern: .random(in: 0..<0x7F80_0000, using: &generator))
      for text in ["\(value)", "\(Double(value))"] {
        var reader = Self.reader(text)
        let read = try reader.float()
        #expect(read == value, "\(text)")
      }
    }
  }

  @Test func integersHaveTheirRange() throws {
    for (text, expected) in [
      ("9223372036854775807", Int64.max as Int64?), ("-9223372036854775808", .min), ("9223372036854775808", nil),
      ("-9223372036854775809", nil),
      ("1.0", nil), ("1e2", nil), ("99999999999999999999", nil), ("-0", 0),
    ] {
      var reader = Self.reader(text)
      #expect(try reader.integer() == expected, "\(text)")
    }
    var reader = Self.reader("18446744073709551615")
    #expect(try reader.unsigned() == .max)
    reader = Self.reader("18446744073709551616")
    #expect(try reader.unsigned() == nil)
  }

  @Test func stringsAreUnescaped() throws {
    var reader = Self.reader(#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#)
    #expect(try reader.string() == "a\"\\/\u{8}\u{C}\n\r\té😀é")
  }

  @Test(arguments: [
    "", "{", "}", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "tru", "nul", "01", "+1", ".5", "1.", "1e", "--1", "\"", "\"\\x\"",
    "\"\\ud800\"",
    "\"\\ud800\\u0041\"", "\"\u{1}\"", "[1 2]", "{\"a\":1,\"a\":2}", "1 2", "NaN1", String(repeating: "[", count: 100_000),
    String(repeating: "{\"a\":", count: 100_000),
  ]) func whatIsNoJSONIsRefused(_ text: String) {
    #expect(throws: Failure.self) {
      var reader = Self.reader(text)
      try reader.skip()
      try reader.finish()
    }
  }

  /// Each cut of a document and each wrong byte ends in a failure or a value, never in a trap.
  @Test func brokenDocumentsDoNotTrap() throws {
    let text = Array(#"{"a": [1, -2.5e3, "x\u00e9", true, null, {"b": []}], "c": "\ud83d\ude00", "d": NaN}"#.utf8)
    for cut in text.indices {
      var reader = JSONReader(Array(text[..<cut]))
      #expect(throws: Failure.self) {
        try reader.skip()
        try reader.finish()
      }
      for byte in [UInt8(0), 0x22, 0x5B, 0x5D, 0x7B, 0x7D, 0x5C, 0x80, 0xFF] {
        var broken = text
        broken[cut] = byte
        var reader = JSONReader(broken)
        _ = try? reader.skip()
        reader = JSONReader(broken)
        _ = try? reader.skipArray()
      }
    }
  }
}
