/// A text as the key of a table. Texts are equal when their UTF-8 is, not when they look alike: `String` equates "é" with "e" and an
/// accent.
struct TextKey: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: TextKey, right: TextKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  /// Over the UTF-8: the hash of `String` is that of all texts that look alike.
  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
