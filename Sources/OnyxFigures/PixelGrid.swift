import OnyxImages

/// Decoded pixels as colours, read at any place; places outside have the colour of the border.
struct PixelGrid {
  let width: Int
  let height: Int
  private let colors: [SIMD4<Float>]

  init(_ pixels: Pixels) {
    width = pixels.width
    height = pixels.height
    let step = pixels.sampleBits / 8
    colors = (0..<pixels.width * pixels.height).map { index in
      func sample(_ channel: Int) -> Float {
        let place = (index * pixels.channels + channel) * step
        guard pixels.bytes.indices.contains(place + step - 1) else { return 0 }
        if step == 1 { return Float(pixels.bytes[place]) }
        return Float(UInt16(pixels.bytes[place]) | UInt16(pixels.bytes[place + 1]) << 8) / 257
      }
      let isColor = pixels.channels > 2
      return SIMD4(sample(0), sample(isColor ? 1 : 0), sample(isColor ? 2 : 0), 0)
    }
  }

  func at(_ x: Int, _ y: Int) -> SIMD4<Float> {
    colors.isEmpty ? .zero : colors[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)]
  }

  /// Bilinear between the four pixels around a place; whole numbers are their centres.
  func between(_ x: Double, _ y: Double) -> SIMD4<Float> {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (i, j) = (Int(left), Int(top))
    let (across, down) = (Float(x - left), Float(y - top))
    let upper = at(i, j) * (1 - across) + at(i + 1, j) * across
    let lower = at(i, j + 1) * (1 - across) + at(i + 1, j + 1) * across
    return upper * (1 - down) + lower * down
  }
}
