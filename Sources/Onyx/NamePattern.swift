/// A name in which `*` stands for any characters, none included, and `?` for exactly one.
package struct NamePattern: Sendable {
  /// Compared by Unicode scalars, as `?` counts them.
  private let pattern: [UnicodeScalar]

  /// Any text is a pattern; one without `*` and `?` matches itself only.
  package init(_ text: String) { pattern = Array(text.unicodeScalars) }

  /// Whether the text has a `*` or a `?`.
  package static func isPattern(_ text: String) -> Bool { text.contains { $0 == "*" || $0 == "?" } }

  /// Whether the whole name fits the pattern.
  ///
  /// Complexity: O(length of the pattern · length of the name), without recursion: patterns come from outside.
  package func matches(_ name: String) -> Bool {
    let text = Array(name.unicodeScalars)
    var (position, mark) = (0, 0)
    // Where the last star stands, and how much of the name it has taken so far.
    var star: (pattern: Int, text: Int)?
    while position < text.count {
      if mark < pattern.count, pattern[mark] == "*" {
        star = (mark, position)
        mark += 1
      } else if mark < pattern.count, pattern[mark] == "?" || pattern[mark] == text[position] {
        position += 1
        mark += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        position = last.text + 1
        mark = last.pattern + 1
      } else {
        return false
      }
    }
    return pattern[mark...].allSatisfy { $0 == "*" }
  }
}
