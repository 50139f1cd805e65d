import Foundation
import OnyxFiles
import Testing

/// Reports as JSON, beside what Foundation's encoder writes of the same values.
@Suite struct JSONTextTests {
  private struct Part: Encodable {
    var name = "a \"b\" \\ / \n\t\u{1}\u{7F} é 漢 🙂"
    var count = -3
    var large = UInt64.max
    var ratio = 0.1
    var whole = 2.0
    var small: Float = 1e-7
    var exact: Float = 16_777_216
    var missing: Int?
    var flags = [true, false]
    var empty: [Int] = []
    var table = ["b": 1, "a": 2]
    var infinite = [Double.infinity, -.infinity, .nan]
    var shapes: [[Int]] = [[1, 2], [], [3]]
  }

  private struct Whole: Encodable {
    var parts = [Part(), Part(name: "", missing: 7)]
    var other: Part?

    enum Key: String, CodingKey { case parts, other, inner, list, more }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(parts, forKey: .parts)
      try container.encode(other, forKey: .other)
      var inner = container.nestedContainer(keyedBy: Key.self, forKey: .inner)
      try inner.encode(1.5, forKey: .list)
      var list = container.nestedUnkeyedContainer(forKey: .list)
      try list.encode("x")
      try list.encodeNil()
      var nested = list.nestedContainer(keyedBy: Key.self)
      try nested.encode(1, forKey: .more)
      // A second container of the same encoder adds to the first.
      var again = encoder.container(keyedBy: Key.self)
      try again.encode(true, forKey: .more)
    }
  }

  @Test func oneLineIsWhatFoundationWrites() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    func expected(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    #expect(try JSONText.encode(Whole(), isIndented: false) == expected(Whole()))
    #expect(try JSONText.encode([Part](), isIndented: false) == "[]")
    #expect(try JSONText.encode(["k": [1]], isIndented: false) == #"{"k":[1]}"#)
    #expect(try JSONText.encode("text", isIndented: false) == #""text""#)
  }

  @Test func indentedTextIsTheSameDocument() throws {
    let text = try JSONText.encode(Whole())
    let read = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
    let line = try JSONText.encode(Whole(), isIndented: false)
    let expected = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? NSDictionary
    #expect(read == expected)
    #expect(try JSONText.encode(["k": [1, 2], "e": []]) == "{\n  \"e\" : [],\n  \"k\" : [\n    1,\n    2\n  ]\n}")
  }
}
