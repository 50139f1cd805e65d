/// A bar for each token of a text, with its words beside it: what one query weighs, or what reaches it.
package struct TokenBars: Sendable {
  private let title: String
  private let subtitle: String
  private let tokens: [String]
  private let spread: SampleSpread

  /// More tokens are not drawn with their texts.
  private static let limit = 64
  private static let margin = 132.0
  private static let top = 44.0
  private static let length = 400.0

  /// nil when there is not one number for each token, or there are too many.
  package init?(title: String, subtitle: String, tokens: [String], spread: SampleSpread) {
    guard !tokens.isEmpty, tokens.count <= Self.limit, spread.mean.count == tokens.count else { return nil }
    self.title = title
    self.subtitle = subtitle
    self.tokens = tokens
    self.spread = spread
  }

  private var step: Double { tokens.count <= 24 ? 18 : 13 }

  package var figure: Figure {
    var figure = Figure(
      width: Self.margin + Self.length + 64, height: Self.top + step * Double(tokens.count) + 4,
      description: "\(title): \(subtitle), \(tokens.count) tokens")
    figure.text(MarkupText.shortened(title, to: 70), 0, 14, size: 13, isBold: true)
    let note = spread.sampleCount > 1 ? " · line: ± 1 deviation" : ""
    figure.text(MarkupText.shortened(subtitle + note, to: 100), 0, 31, size: 11.5, .start, .muted)
    let largest = zip(spread.mean, spread.deviation).map { $0 + $1 }.filter(\.isFinite).max() ?? 0
    let size = min(step * 0.7, 11)
    for (index, token) in tokens.enumerated() {
      let (y, mean) = (Self.top + Double(index) * step, spread.mean[index])
      figure.text("\(index)", 18, y + 0.7 * step, size: size, .end, .muted)
      figure.text(MarkupText.shortened(token, to: 16), 26, y + 0.7 * step, size: size)
      guard mean.isFinite, mean >= 0, largest > 0 else { continue }
      let length = Self.length * mean / largest
      let name = "\(index) \(token): \(FigureNumber.short(mean))"
      figure.rectangle(Figure.Box(Self.margin, y + 0.15 * step, max(length, 0.5), 0.7 * step), .mark, title: name)
      let reach = Self.length * spread.deviation[index] / largest
      if spread.sampleCount > 1, reach > 0 {
        let from = Self.margin + max(length - reach, 0)
        figure.line(from, y + 0.5 * step, Self.margin + length + reach, y + 0.5 * step, .text)
      }
      figure.text(FigureNumber.short(mean), Self.margin + length + max(reach, 0) + 6, y + 0.7 * step, size: size, .start, .muted)
    }
    figure.line(Self.margin, Self.top, Self.margin, Self.top + step * Double(tokens.count), .muted)
    return figure
  }
}
