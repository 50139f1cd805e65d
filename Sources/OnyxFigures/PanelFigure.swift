import OnyxImages

/// Pictures beside each other under one title, with one scale of colours.
package struct PanelFigure: Sendable {
  package struct Panel: Sendable {
    package let caption: String
    package let pixels: Pixels
    package let isSmooth: Bool
    /// A place to mark, as shares of the sides: the query of self-attention.
    package var marked: Figure.Box?

    package init(_ caption: String, _ pixels: Pixels, isSmooth: Bool = false, marked: Figure.Box? = nil) {
      self.caption = caption
      self.pixels = pixels
      self.isSmooth = isSmooth
      self.marked = marked
    }
  }

  package var title: String
  package var subtitle: String
  package var panels: [Panel]
  /// The numbers that the ends of the colour map stand for; nil without a scale.
  package var range: ClosedRange<Double>?
  /// Sides of each panel, which its pixels then fill; nil takes what suits their number and the shape of the first.
  package var extent: (width: Double, height: Double)?

  package init(title: String, subtitle: String, panels: [Panel], range: ClosedRange<Double>?) {
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
    self.range = range
  }

  private static let top = 44.0
  private static let gap = 16.0
  private static let caption = 22.0

  private var columns: Int { min(panels.count, panels.count <= 3 ? 3 : 4) }
  private var sides: (width: Double, height: Double) {
    if let extent { return extent }
    let side = panels.count == 1 ? 260.0 : panels.count <= 3 ? 204 : 150
    let (width, height) = panels.first.map { (Double($0.pixels.width), Double($0.pixels.height)) } ?? (1, 1)
    let shape = min(max(height / max(width, 1), 0.25), 1.6)
    return (side, side * shape)
  }

  package var figure: Figure {
    let (width, height) = sides
    let rows = (panels.count + max(columns, 1) - 1) / max(columns, 1)
    let inner = Double(columns) * (width + Self.gap) - Self.gap
    var figure = Figure(
      width: max(inner + (range == nil ? 0 : 88), 300), height: Self.top + Double(rows) * (height + Self.caption + Self.gap) - Self.gap,
      description: "\(title): \(subtitle)")
    figure.text(MarkupText.shortened(title, to: Int(figure.width / 8)), 0, 14, size: 13, isBold: true)
    figure.text(MarkupText.shortened(subtitle, to: Int(figure.width / 6)), 0, 31, size: 11.5, .start, .muted)
    for (index, panel) in panels.enumerated() {
      let x = Double(index % columns) * (width + Self.gap)
      let y = Self.top + Double(index / columns) * (height + Self.caption + Self.gap)
      draw(panel, Figure.Box(x, y, width, height), in: &figure)
    }
    if let range { drawScale(range, x: inner + 18, height: min(height, 204), in: &figure) }
    return figure
  }

  private func draw(_ panel: Panel, _ place: Figure.Box, in figure: inout Figure) {
    let box = extent == nil ? Self.fitted(panel.pixels, in: place) : place
    figure.picture(panel.pixels, box, isSmooth: panel.isSmooth, description: panel.caption)
    figure.text(
      MarkupText.shortened(panel.caption, to: Int(place.width / 6)), place.x, place.y + place.height + 15, size: 11.5, .start, .muted)
    if let marked = panel.marked {
      let mark = Figure.Box(
        box.x + marked.x * box.width, box.y + marked.y * box.height, max(marked.width * box.width, 4), max(marked.height * box.height, 4))
      figure.outline(mark, .fixed(RGB(0xFF_FF_FF)), width: 3)
      figure.outline(mark, .fixed(RGB(0xD6_2F_2F)), width: 1.6)
    }
  }

  /// The largest box of the picture's shape in the middle of a place.
  private static func fitted(_ pixels: Pixels, in place: Figure.Box) -> Figure.Box {
    let (width, height) = (Double(max(pixels.width, 1)), Double(max(pixels.height, 1)))
    let scale = min(place.width / width, place.height / height)
    // A row of numbers would be a hair line: it fills its place.
    if width * scale < place.width / 8 || height * scale < place.height / 8 { return place }
    return Figure.Box(place.x, place.y, width * scale, height * scale)
  }

  private func drawScale(_ range: ClosedRange<Double>, x: Double, height: Double, in figure: inout Figure) {
    let ramp = NumberGrid(width: 1, height: 64, values: (0..<64).map { 1 - Double($0) / 63 })
    guard let ramp else { return }
    figure.picture(ramp.heatMap(0...1), Figure.Box(x, Self.top, 10, height), isSmooth: true, description: "scale of the colours")
    let high = range.upperBound
    // Probabilities next to nothing are nothing beside the others.
    let low = range.lowerBound.magnitude < high.magnitude * 1e-6 ? 0 : range.lowerBound
    // Nothing differs: the middle of the colours stands for all.
    let isFlat = range.lowerBound == high
    let marks = [(0.0, high), (0.5, (low + high) / 2), (1.0, low)]
    for (share, value) in isFlat ? [marks[1]] : height < 60 ? [marks[0], marks[2]] : marks {
      figure.text(
        FigureNumber.short(value), x + 16, Self.top + 4 + share * (height - 4) + (share == 0 ? 4 : share == 1 ? 0 : 2), size: 11, .start,
        .muted)
    }
  }
}
