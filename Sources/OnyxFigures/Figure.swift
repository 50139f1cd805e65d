import OnyxImages

/// A drawing in units of CSS pixels, from which SVG and PNG are made.
package struct Figure: Sendable {
  package enum Anchor: String, Sendable { case start, middle, end }

  package struct Box: Sendable, Hashable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }
  }

  package struct Point: Sendable, Hashable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  package enum Element: Sendable {
    /// A filled rectangle; `title` is what a browser shows when the pointer rests on it.
    case rectangle(Box, Ink, title: String?)
    case outline(Box, Ink, width: Double)
    case line(from: Point, to: Point, Ink, width: Double)
    /// `at` is on the base line.
    case text(String, at: Point, size: Double, Anchor, Ink, isBold: Bool)
    /// Pixels over a box: blurred between their centres when `isSmooth`.
    case picture(Pixels, Box, isSmooth: Bool, description: String)
  }

  package var width: Double
  package var height: Double
  /// Space around a figure in a file of its own.
  static let margin = 16.0
  /// What the figure shows, for those who cannot see it.
  package let description: String
  package private(set) var elements: [Element] = []

  package init(width: Double, height: Double, description: String) {
    self.width = width
    self.height = height
    self.description = description
  }

  package mutating func rectangle(_ box: Box, _ ink: Ink, title: String? = nil) { elements.append(.rectangle(box, ink, title: title)) }
  package mutating func outline(_ box: Box, _ ink: Ink, width: Double = 1) { elements.append(.outline(box, ink, width: width)) }

  package mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ ink: Ink, width: Double = 1) {
    elements.append(.line(from: Point(x1, y1), to: Point(x2, y2), ink, width: width))
  }

  package mutating func text(
    _ text: String, _ x: Double, _ y: Double, size: Double = 12, _ anchor: Anchor = .start, _ ink: Ink = .text, isBold: Bool = false
  ) {
    elements.append(.text(text, at: Point(x, y), size: size, anchor, ink, isBold: isBold))
  }

  package mutating func picture(_ pixels: Pixels, _ box: Box, isSmooth: Bool = false, description: String) {
    elements.append(.picture(pixels, box, isSmooth: isSmooth, description: description))
  }
}
