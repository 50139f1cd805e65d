/// Names come from models and can be of any length: what people read has them cut.
package enum LongNames {
  /// Bytes that a word keeps, in two halves, and bytes that a message keeps.
  private static let (word, message) = (320, 16_384)

  /// The text with the middle of each long word left out. A word is what stands between spaces and quotes.
  ///
  /// Complexity: O(bytes).
  package static func cut(_ text: String) -> String {
    guard text.utf8.count > word else { return text }
    var result = ""
    var start = text.startIndex
    for index in text.utf8.indices where isBetweenWords(text.utf8[index]) {
      result += middleLeftOut(text[start..<index], keeping: word)
      result.unicodeScalars.append(Unicode.Scalar(text.utf8[index]))
      start = text.utf8.index(after: index)
    }
    return result + middleLeftOut(text[start...], keeping: word)
  }

  /// A message for people, with long words cut and no longer than a page or two itself.
  package static func cutMessage(_ text: String) -> String { middleLeftOut(cut(text)[...], keeping: message) }

  private static func isBetweenWords(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x27 || byte == 0x22 }

  private static func middleLeftOut(_ text: Substring, keeping count: Int) -> String {
    guard text.utf8.count > count else { return String(text) }
    let scalars = text.unicodeScalars
    let head = scalars.prefix(count / 8)
    let tail = scalars.suffix(count / 8)
    return "\(String(head))…\(String(tail))"
  }
}
