import OnyxTensor

/// One JSON document from a report.
package enum JSONText {
  /// Keys are sorted and numbers written so that they read back exactly; infinities and NaN are strings. Without
  /// `isIndented` all is on one line.
  package static func encode(_ value: some Encodable, isIndented: Bool = true) throws(OnyxError) -> String {
    let place = JSONEncoding.Place()
    do { try JSONEncoding(place: place, codingPath: []).encode(value) } catch {
      throw .bug("A report cannot be written as JSON: \(error).")
    }
    var text = ""
    write(place.value, to: &text, indentation: isIndented ? "\n" : nil)
    return text
  }

  /// `indentation` begins each line; nil for one line.
  private static func write(_ value: JSONValue, to text: inout String, indentation: String?) {
    switch value {
    case .null: text += "null"
    case .bool(let truth): text += truth ? "true" : "false"
    case .number(let digits): text += digits
    case .string(let string): write(string, to: &text)
    case .array(let items):
      list(items, "[", "]", to: &text, indentation) { item, text, inner in write(item, to: &text, indentation: inner) }
    case .object(let members):
      list(members.sorted { $0.key < $1.key }, "{", "}", to: &text, indentation) { member, text, inner in
        write(member.key, to: &text)
        text += inner == nil ? ":" : " : "
        write(member.value, to: &text, indentation: inner)
      }
    }
  }

  private static func list<T>(
    _ items: [T], _ opening: String, _ closing: String, to text: inout String, _ indentation: String?,
    _ write: (T, inout String, String?) -> Void
  ) {
    text += opening
    let inner = indentation.map { $0 + "  " }
    for (index, item) in items.enumerated() {
      if index > 0 { text += "," }
      text += inner ?? ""
      write(item, &text, inner)
    }
    if !items.isEmpty { text += indentation ?? "" }
    text += closing
  }

  /// Appends a string in quotes, with the escapes of RFC 8259.
  static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
