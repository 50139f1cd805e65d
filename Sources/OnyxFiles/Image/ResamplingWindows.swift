#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Which pixels of a row or column make each pixel of a resized one, and with what weights.
///
/// Pixel i stands for the place (i + ½) · source / target. With antialias the function is as much wider as the picture gets smaller and
/// what lies outside of the picture has no weight; without it the pixels at the border stand for those outside. Weights are multiples
/// of 2^−22 rounded half away from 0, as in Pillow's arithmetic of 8-bit pictures.
struct ResamplingWindows {
  static let weightBits = 22

  /// The first pixel of each window.
  private(set) var starts: [Int] = []
  /// Weights of all windows, `capacity` for each.
  private(set) var weights: [Int] = []
  /// How many weights each window has.
  private(set) var counts: [Int] = []
  let capacity: Int

  init(source: Int, target: Int, _ interpolation: ImageGeometry.Interpolation, antialias: Bool) {
    let step = Double(source) / Double(target)
    let function = WeightFunction(interpolation, antialias: antialias)
    let stretch = antialias ? max(step, 1) : 1
    let support = function.support * stretch
    capacity = interpolation == .nearest ? 1 : 2 * Int(support.rounded(.up)) + 1
    starts.reserveCapacity(target)
    counts.reserveCapacity(target)
    weights.reserveCapacity(target * capacity)
    // Where a place falls between two pixels Pillow's sum of steps decides which is the nearest.
    var place = 0.5 * step
    for index in 0..<target {
      if interpolation == .nearest {
        append(min(Int(place), source - 1), [1])
        place += step
        continue
      }
      let center = (Double(index) + 0.5) * step
      let first = antialias ? max(Int(center - support + 0.5), 0) : Int((center - support + 0.5).rounded(.down))
      let end = antialias ? min(Int(center + support + 0.5), source) : Int((center + support + 0.5).rounded(.down))
      let values = (first..<max(end, first + 1)).map { function.weight((Double($0) - center + 0.5) / stretch) }
      if antialias { append(first, values) } else { append(clamped: first, values, source: source) }
    }
  }

  private mutating func append(_ start: Int, _ values: [Double]) {
    let sum = values.reduce(0, +)
    starts.append(start)
    counts.append(values.count)
    for value in values {
      let share = sum == 0 ? value : value / sum
      weights.append(Int((share * Double(1 << Self.weightBits)).rounded(.toNearestOrAwayFromZero)))
    }
    for _ in values.count..<max(capacity, values.count) { weights.append(0) }
  }

  /// Gives the weights of pixels outside of the picture to those at its border.
  private mutating func append(clamped first: Int, _ values: [Double], source: Int) {
    let start = min(max(first, 0), source - 1)
    var inside = [Double](repeating: 0, count: min(max(first + values.count - 1, 0), source - 1) - start + 1)
    for (offset, value) in values.enumerated() { inside[min(max(first + offset, 0), source - 1) - start] += value }
    append(start, inside)
  }
}

/// The functions by which `ImageGeometry.Interpolation` weighs pixels, by their distance.
private struct WeightFunction {
  private let interpolation: ImageGeometry.Interpolation
  private let cubicCoefficient: Double

  init(_ interpolation: ImageGeometry.Interpolation, antialias: Bool) {
    self.interpolation = interpolation
    cubicCoefficient = antialias ? -0.5 : -0.75
  }

  /// The distance from which on the weight is 0.
  var support: Double {
    switch interpolation {
    case .nearest, .box: 0.5
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  func weight(_ distance: Double) -> Double {
    let x = distance.magnitude
    switch interpolation {
    case .nearest: return 1
    case .box: return distance > -0.5 && distance <= 0.5 ? 1 : 0
    case .bilinear: return max(0, 1 - x)
    case .bicubic:
      // Keys, Cubic Convolution Interpolation for Digital Image Processing, 1981.
      let a = cubicCoefficient
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    case .lanczos: return x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }

  private func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}
