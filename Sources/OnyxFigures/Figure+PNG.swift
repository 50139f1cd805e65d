import OnyxImages
import OnyxTensor

extension Figure {
  /// The figure as pixels, on a light or dark ground; two for each unit, for dense screens. Sides are cut at 8192.
  package func pixels(scale: Double = 2, isDark: Bool = false) -> Pixels {
    func side(_ length: Double) -> Int { length.isFinite ? Int(min(max(length * scale, 1), 8192).rounded(.up)) : 1 }
    var raster = Raster(
      width: side(width + 2 * Self.margin), height: side(height + 2 * Self.margin), background: Ink.surface.color(isDark: isDark))
    for element in elements {
      switch element {
      case .rectangle(let box, let ink, _): raster.fill(box.placed(scale), ink.color(isDark: isDark))
      case .outline(let box, let ink, let width):
        raster.stroke(box.placed(scale).sides, ink.color(isDark: isDark), width: width * scale)
      case .line(let from, let to, let ink, let width):
        raster.stroke([(from.placed(scale), to.placed(scale))], ink.color(isDark: isDark), width: width * scale)
      case .text(let text, let at, let size, let anchor, let ink, let isBold):
        let strokes = StrokeFont.strokes(text, at: at.placed(scale), size: size * scale, anchor)
        raster.stroke(strokes, ink.color(isDark: isDark), width: size * scale * (isBold ? 0.115 : 0.085))
      case .picture(let pixels, let box, let isSmooth, _): raster.draw(pixels, box.placed(scale), isSmooth: isSmooth)
      }
    }
    return raster.pixels
  }

  /// The figure as a PNG file.
  package func png(scale: Double = 2, isDark: Bool = false) throws(OnyxError) -> [UInt8] {
    try Codecs.encodePNG(pixels(scale: scale, isDark: isDark))
  }
}

extension Figure.Point {
  /// In the pixels of a raster with a margin.
  func placed(_ factor: Double) -> Self { Self((x + Figure.margin) * factor, (y + Figure.margin) * factor) }
}

extension Figure.Box {
  func placed(_ factor: Double) -> Self {
    Self((x + Figure.margin) * factor, (y + Figure.margin) * factor, width * factor, height * factor)
  }

  var sides: [(from: Figure.Point, to: Figure.Point)] {
    let corners = [
      Figure.Point(x, y), Figure.Point(x + width, y), Figure.Point(x + width, y + height), Figure.Point(x, y + height),
    ]
    return corners.indices.map { (corners[$0], corners[($0 + 1) % 4]) }
  }
}
