import OnyxFigures

/// Text from models inside XML, HTML and DOT.
enum Markup {
  /// For element content and quoted attributes.
  static func xml(_ text: String) -> String { MarkupText.escape(text) }

  /// A quoted string of the DOT language, in which backslashes are escapes of labels too.
  static func dot(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(MarkupText.isAllowed(scalar) ? scalar : "\u{FFFD}")
      }
    }
    return result + "\""
  }

  /// A JSON document inside a script element: nothing in it can end the element.
  static func script(_ json: String) -> String { json.replacing("<", with: "\\u003c") }

  /// The text when it is short enough, else its beginning and "…".
  static func cut(_ text: String, to count: Int) -> String { text.count > count ? text.prefix(count - 1) + "…" : text }

  /// A coordinate with at most one decimal.
  static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
