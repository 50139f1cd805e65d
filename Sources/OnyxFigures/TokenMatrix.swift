import OnyxImages

/// What tokens of a text attend to: a row for each query with its text, a column for each key with its number.
package struct TokenMatrix: Sendable {
  private let title: String
  private let subtitle: String
  private let tokens: [String]
  private let weights: NumberGrid

  /// More tokens are not drawn with their texts.
  private static let limit = 64
  private static let margin = 132.0
  private static let top = 44.0

  /// nil when there is not one row and one column for each token, or there are too many.
  package init?(title: String, subtitle: String, tokens: [String], weights: NumberGrid) {
    guard tokens.count <= Self.limit, weights.width == tokens.count, weights.height == tokens.count, !tokens.isEmpty else { return nil }
    self.title = title
    self.subtitle = subtitle
    self.tokens = tokens
    self.weights = weights
  }

  private var step: Double { tokens.count <= 24 ? 18 : 13 }

  package var figure: Figure {
    let side = step * Double(tokens.count)
    var figure = Figure(
      width: max(Self.margin + side, 300), height: Self.top + side + 20, description: "\(title): \(subtitle), \(tokens.count) tokens")
    figure.text(MarkupText.shortened(title, to: Int(figure.width / 8)), 0, 14, size: 13, isBold: true)
    figure.text(MarkupText.shortened(subtitle, to: Int(figure.width / 6)), 0, 31, size: 11.5, .start, .muted)
    figure.picture(weights.heatMap(weights.range), Figure.Box(Self.margin, Self.top, side, side), description: subtitle)
    let size = min(step * 0.7, 11)
    for (index, token) in tokens.enumerated() {
      let middle = Self.top + (Double(index) + 0.7) * step
      figure.text("\(index)", 18, middle, size: size, .end, .muted)
      figure.text(MarkupText.shortened(token, to: 16), 26, middle, size: size)
      if index % (tokens.count <= 24 ? 1 : 4) == 0 {
        figure.text("\(index)", Self.margin + (Double(index) + 0.5) * step, Self.top + side + 14, size: size, .middle, .muted)
      }
    }
    return figure
  }

  /// The numbers as CSV: a line for each query, a column for each key.
  package var table: String {
    let header = ([""] + tokens.map(MarkupText.cell)).joined(separator: ",")
    let lines = tokens.enumerated().map { index, token in
      let row = weights.values[index * tokens.count..<(index + 1) * tokens.count]
      return ([MarkupText.cell(token)] + row.map { "\($0)" }).joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }
}
