import OnyxImages
import OnyxTensor

/// A picture that figures are painted on; edges are smooth.
struct Raster {
  let width: Int
  let height: Int
  /// Red, green, blue of each pixel, 0 … 255.
  private var colors: [SIMD4<Float>]

  init(width: Int, height: Int, background: RGB) {
    self.width = width
    self.height = height
    colors = Array(repeating: Self.vector(background), count: width * height)
  }

  var pixels: Pixels {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(colors.count * 3)
    for color in colors {
      for channel in 0..<3 { bytes.append(UInt8(min(max(color[channel], 0), 255).rounded())) }
    }
    return Pixels(width: width, height: height, channels: 3, bytes: bytes)
  }

  static func vector(_ color: RGB) -> SIMD4<Float> { SIMD4(Float(color.red), Float(color.green), Float(color.blue), 0) }

  mutating func blend(_ x: Int, _ y: Int, _ color: SIMD4<Float>, _ coverage: Float) {
    guard x >= 0, y >= 0, x < width, y < height, coverage > 0 else { return }
    let index = y * width + x
    colors[index] += (color - colors[index]) * min(coverage, 1)
  }

  /// Whole pixels that an interval touches, inside 0 ..< limit.
  private static func touched(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
    guard low.isFinite, high.isFinite, high > 0, low < Double(limit) else { return 0..<0 }
    let first = Int(max(low, 0).rounded(.down))
    return first..<max(first, Int(min(high, Double(limit)).rounded(.up)))
  }

  mutating func fill(_ box: Figure.Box, _ color: RGB) {
    let color = Self.vector(color)
    let (right, bottom) = (box.x + box.width, box.y + box.height)
    for y in Self.touched(box.y, bottom, height) {
      let rows = min(bottom, Double(y + 1)) - max(box.y, Double(y))
      for x in Self.touched(box.x, right, width) {
        let columns = min(right, Double(x + 1)) - max(box.x, Double(x))
        blend(x, y, color, Float(rows * columns))
      }
    }
  }

  /// Lines with round ends; where they cross, the colour is not laid on twice.
  mutating func stroke(_ segments: [(from: Figure.Point, to: Figure.Point)], _ color: RGB, width lineWidth: Double) {
    let reach = lineWidth / 2 + 1
    guard let left = segments.map({ min($0.from.x, $0.to.x) }).min(), let right = segments.map({ max($0.from.x, $0.to.x) }).max(),
      let top = segments.map({ min($0.from.y, $0.to.y) }).min(), let bottom = segments.map({ max($0.from.y, $0.to.y) }).max()
    else { return }
    let (columns, rows) = (Self.touched(left - reach, right + reach, width), Self.touched(top - reach, bottom + reach, height))
    guard !columns.isEmpty, !rows.isEmpty else { return }
    var mask = [Float](repeating: 0, count: columns.count * rows.count)
    for (from, to) in segments {
      let ys = Self.touched(min(from.y, to.y) - reach, max(from.y, to.y) + reach, height)
      let xs = Self.touched(min(from.x, to.x) - reach, max(from.x, to.x) + reach, width)
      for y in ys.clamped(to: rows) {
        for x in xs.clamped(to: columns) {
          let distance = Self.distance(Figure.Point(Double(x) + 0.5, Double(y) + 0.5), from, to)
          let index = (y - rows.lowerBound) * columns.count + x - columns.lowerBound
          mask[index] = max(mask[index], Float(min(max(lineWidth / 2 + 0.5 - distance, 0), 1)))
        }
      }
    }
    let color = Self.vector(color)
    for y in rows {
      for x in columns { blend(x, y, color, mask[(y - rows.lowerBound) * columns.count + x - columns.lowerBound]) }
    }
  }

  private static func distance(_ point: Figure.Point, _ from: Figure.Point, _ to: Figure.Point) -> Double {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let length = dx * dx + dy * dy
    let along = length == 0 ? 0 : min(max(((point.x - from.x) * dx + (point.y - from.y) * dy) / length, 0), 1)
    let (x, y) = (point.x - from.x - along * dx, point.y - from.y - along * dy)
    return (x * x + y * y).squareRoot()
  }

  mutating func draw(_ picture: Pixels, _ box: Figure.Box, isSmooth: Bool) {
    let source = PixelGrid(picture)
    guard box.width > 0, box.height > 0, source.width > 0, source.height > 0 else { return }
    for y in Self.touched(box.y, box.y + box.height, height) {
      for x in Self.touched(box.x, box.x + box.width, width) {
        let u = (Double(x) + 0.5 - box.x) / box.width * Double(source.width)
        let v = (Double(y) + 0.5 - box.y) / box.height * Double(source.height)
        guard u >= 0, v >= 0, u <= Double(source.width), v <= Double(source.height) else { continue }
        blend(x, y, isSmooth ? source.between(u - 0.5, v - 0.5) : source.at(Int(u), Int(v)), 1)
      }
    }
  }
}
