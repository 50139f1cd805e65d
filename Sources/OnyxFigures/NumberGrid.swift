import OnyxImages

/// Numbers on a grid of rows from the top: a spatial map, a matrix of probabilities.
package struct NumberGrid: Sendable {
  package let width: Int
  package let height: Int
  package let values: [Double]

  /// nil when the numbers are not as many as the sides say, or a side is zero.
  package init?(width: Int, height: Int, values: [Double]) {
    guard width > 0, height > 0, values.count / width == height, values.count % width == 0 else { return nil }
    self.width = width
    self.height = height
    self.values = values
  }

  /// The mean of grids of one size; nil for none and for different sizes.
  package static func mean(of grids: [NumberGrid]) -> NumberGrid? {
    guard let first = grids.first, grids.allSatisfy({ $0.width == first.width && $0.height == first.height }) else { return nil }
    var sum = [Double](repeating: 0, count: first.values.count)
    for grid in grids {
      for index in sum.indices { sum[index] += grid.values[index] }
    }
    return NumberGrid(width: first.width, height: first.height, values: sum.map { $0 / Double(grids.count) })
  }

  /// Lowest and highest finite number; 0 … 1 without any. Numbers that differ by a few roundings of float32 alone are one: colours
  /// stretched over these would show a pattern where none is.
  package var range: ClosedRange<Double> {
    let finite = values.lazy.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...1 }
    return high - low <= 2e-6 * max(low.magnitude, high.magnitude) ? high...high : low...high
  }

  /// The same with no side longer than `limit`: means of blocks.
  package func bounded(by limit: Int) -> NumberGrid {
    let (across, down) = ((width + limit - 1) / limit, (height + limit - 1) / limit)
    guard across > 1 || down > 1, limit > 0 else { return self }
    let (columns, rows) = ((width + across - 1) / across, (height + down - 1) / down)
    var result: [Double] = []
    result.reserveCapacity(columns * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        var (sum, count) = (0.0, 0)
        for y in (row * down)..<min((row + 1) * down, height) {
          for x in (column * across)..<min((column + 1) * across, width) where values[y * width + x].isFinite {
            sum += values[y * width + x]
            count += 1
          }
        }
        result.append(count > 0 ? sum / Double(count) : .nan)
      }
    }
    return NumberGrid(width: columns, height: rows, values: result) ?? self
  }

  /// The colours of the numbers, `range` stretched over the whole map.
  package func heatMap(_ range: ClosedRange<Double>) -> Pixels {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 3)
    for value in values {
      let color = ColorMap.color(Self.share(value, range))
      bytes += [color.red, color.green, color.blue]
    }
    return Pixels(width: width, height: height, channels: 3, bytes: bytes)
  }

  private static func share(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    let span = range.upperBound - range.lowerBound
    return span > 0 ? (value - range.lowerBound) / span : value.isFinite ? 0.5 : .nan
  }

  /// The heat map, blurred to the size of a picture, over the picture in gray.
  package func overlay(on picture: Pixels, _ range: ClosedRange<Double>, limit: Int = 384) -> Pixels {
    let base = PixelGrid(picture)
    let map = PixelGrid(bounded(by: limit).heatMap(range))
    let longest = max(picture.width, picture.height, 1)
    // Small pictures are enlarged so that the blurred map has room.
    let factor = longest > limit ? Double(limit) / Double(longest) : Double(max(limit / longest, 1))
    let (columns, rows) = (max(Int(Double(picture.width) * factor), 1), max(Int(Double(picture.height) * factor), 1))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(columns * rows * 3)
    for y in 0..<rows {
      for x in 0..<columns {
        let (u, v) = ((Double(x) + 0.5) / Double(columns), (Double(y) + 0.5) / Double(rows))
        let color = base.at(Int(u * Double(base.width)), Int(v * Double(base.height)))
        let gray = 0.299 * color.x + 0.587 * color.y + 0.114 * color.z
        let heat = map.between(u * Double(map.width) - 0.5, v * Double(map.height) - 0.5)
        let mixed = heat * 0.62 + SIMD4(repeating: gray) * 0.38
        for channel in 0..<3 { bytes.append(UInt8(min(max(mixed[channel], 0), 255).rounded())) }
      }
    }
    return Pixels(width: columns, height: rows, channels: 3, bytes: bytes)
  }
}
