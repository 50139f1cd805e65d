/// Text that stands in XML, HTML or CSV: names come from models.
package enum MarkupText {
  /// For text and quoted attributes of XML and HTML; characters that XML does not allow become U+FFFD.
  package static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
      }
    }
    return result
  }

  /// Whether XML can hold the character, and it does nothing to the text around it.
  package static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 9, 10, 13: true
    // Directional marks could turn the text around them.
    case 0x202A...0x202E, 0x2066...0x2069: false
    case 0xFFFE, 0xFFFF: false
    default: scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
    }
  }

  /// One cell of a CSV file, quoted where needed. A cell that a spreadsheet would take for a formula gets an apostrophe.
  package static func cell(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
    let safe = isFormula && Double(text) == nil ? "'" + text : text
    guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
    return "\"" + safe.replacing("\"", with: "\"\"") + "\""
  }

  /// `text` with its middle cut out when it is longer than `limit`.
  package static func shortened(_ text: String, to limit: Int) -> String {
    guard text.count > limit, limit > 3 else { return text }
    let head = (limit - 1) / 3
    return text.prefix(head) + "…" + text.suffix(limit - 1 - head)
  }
}
