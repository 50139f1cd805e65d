/// A table of text with aligned columns.
package struct TextTable {
  /// Where a cell stands in its column.
  package enum Alignment { case left, right }
  /// Which end of a cut cell stays.
  package enum Part { case start, end }

  /// Of each column.
  private let alignments: [Alignment]
  /// The titles, then what was appended.
  private var rows: [[String]]

  /// Columns by title; numbers are best aligned right.
  package init(_ columns: [(title: String, alignment: Alignment)]) {
    alignments = columns.map(\.alignment)
    rows = [columns.map(\.title)]
  }

  /// Line breaks in a cell become blanks.
  package mutating func append(_ row: String...) { append(row) }

  /// Adds a row with one cell for each column.
  package mutating func append(_ row: [String]) {
    rows.append(row.map { cell in cell.contains(where: \.isNewline) ? String(cell.map { $0.isNewline ? " " : $0 }) : cell })
  }

  /// Makes one column narrower, though not below `least`, until the table fits in `columns`. Cut cells show "…".
  package mutating func fit(columns: Int, shortening column: Int, to least: Int, keeping part: Part) {
    let widths = widths
    let excess = widths.reduce(0, +) + 2 * (widths.count - 1) - columns
    guard excess > 0, widths.indices.contains(column) else { return }
    let width = max(widths[column] - excess, least)
    for row in rows.indices where rows[row][column].count > width {
      let cell = rows[row][column]
      rows[row][column] = part == .start ? cell.prefix(width - 1) + "…" : "…" + cell.suffix(width - 1)
    }
  }

  /// Of each column, in characters.
  private var widths: [Int] { alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 } }

  /// Lines without trailing blanks; a rule below the titles.
  package var text: String {
    let widths = widths
    let lines = rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return alignments[column] == .left ? row[column] + padding : padding + row[column]
      }
      return Self.trimmed(cells.joined(separator: "  "))
    }
    let rule = String(repeating: "-", count: lines.map(\.count).max() ?? 0)
    return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n") + "\n"
  }

  /// A line without the blanks at its end.
  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

/// Numbers for people.
package enum Quantity {
  /// "1.23 G", "456 k", "12".
  package static func short(_ value: Int) -> String {
    for (limit, unit) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] where value >= limit {
      return decimal(Double(value) / Double(limit)) + " " + unit
    }
    return "\(value)"
  }

  /// "1 step", "2 steps".
  package static func count(_ value: Int, _ noun: String) -> String { "\(value) \(noun)" + (value == 1 ? "" : "s") }

  /// "12.3 MB" with powers of 1024.
  package static func bytes(_ value: Int) -> String {
    for (limit, unit) in [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")] where value >= limit {
      return decimal(Double(value) / Double(limit)) + " " + unit
    }
    return "\(value) B"
  }

  /// "12.3 %" of a whole; empty when the whole is zero.
  package static func share(_ part: Int, of whole: Int) -> String {
    whole == 0 ? "" : decimal(100 * Double(part) / Double(whole), digits: 1) + " %"
  }

  /// Three significant digits, or the given number of decimals.
  package static func decimal(_ value: Double, digits: Int? = nil) -> String {
    let digits = digits ?? (value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 2)
    let scale = (0..<digits).reduce(1) { power, _ in power * 10 }
    let rounded = (value.magnitude * Double(scale)).rounded()
    // Above, and for NaN, there are no decimals to show.
    guard rounded < 0x1p53 else { return "\(value)" }
    let scaled = Int(rounded)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + "\(scaled)" }
    let fraction = String(scaled % scale)
    return sign + "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
