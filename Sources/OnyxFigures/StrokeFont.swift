/// Letters of a few straight strokes, for text in PNG files: no font file is needed.
enum StrokeFont {
  /// Units of the glyphs' grid for each unit of the font size: capitals are 10 units high.
  private static let unit = 0.072
  private static let gap = 2.6
  private static let blank = 3.4

  /// The strokes of a line of text.
  static func strokes(_ text: String, at point: Figure.Point, size: Double, _ anchor: Figure.Anchor) -> [(
    from: Figure.Point, to: Figure.Point
  )] {
    let scale = size * unit
    let glyphs = text.map(glyph)
    let width = max(glyphs.reduce(0) { $0 + $1.advance } - gap, 0) * scale
    var x = point.x - (anchor == .start ? 0 : anchor == .middle ? width / 2 : width)
    var strokes: [(from: Figure.Point, to: Figure.Point)] = []
    for glyph in glyphs {
      for line in glyph.lines {
        let points = line.map { Figure.Point(x + $0.x * scale, point.y - $0.y * scale) }
        for (from, to) in zip(points, points.dropFirst()) { strokes.append((from, to)) }
      }
      x += glyph.advance * scale
    }
    return strokes
  }

  private struct Glyph {
    var lines: [[Figure.Point]]
    var advance: Double
  }

  /// What has no glyph is a box.
  private static func glyph(_ character: Character) -> Glyph {
    if character.isWhitespace { return Glyph(lines: [], advance: blank + gap) }
    return decode(table[character] ?? "0d0n5n5d0d")
  }

  /// Lines are parted by blanks; a point is a digit for x and a letter for y, `d` on the base line and `n` ten units above.
  private static func decode(_ text: String) -> Glyph {
    var lines: [[Figure.Point]] = []
    for part in text.split(separator: " ") {
      let codes = Array(part.utf8)
      lines.append(
        stride(from: 0, to: codes.count - 1, by: 2).map { place in
          Figure.Point(Double(codes[place]) - Double(UInt8(ascii: "0")), Double(codes[place + 1]) - Double(UInt8(ascii: "d")))
        })
    }
    let right = lines.joined().map(\.x).max() ?? 0
    return Glyph(lines: lines, advance: right + gap)
  }
}
