import OnyxTensor

/// One axis of a Resize: which input elements make each result element, and with which weights.
package struct ResizeAxis {
  /// The attribute `mode`.
  package enum Interpolation: String, CaseIterable, Sendable { case nearest, linear, cubic }

  /// The attribute `nearest_mode`.
  package enum NearestMode: String, CaseIterable, Sendable {
    case preferFloor = "round_prefer_floor"
    case preferCeil = "round_prefer_ceil"
    case floor, ceil
  }

  /// The attribute `coordinate_transformation_mode`.
  package enum CoordinateMode: String, CaseIterable, Sendable {
    case halfPixel = "half_pixel"
    case halfPixelSymmetric = "half_pixel_symmetric"
    case pytorchHalfPixel = "pytorch_half_pixel"
    case alignCorners = "align_corners"
    case asymmetric
    case cropAndResize = "tf_crop_and_resize"
  }

  /// The weighted input elements of one result element; nil where the extrapolation value stands.
  package typealias Taps = [(index: Int, weight: Double)]?

  /// How many elements of the result there are for one of the input.
  enum Scale {
    /// A ratio of extents. Positions are quotients of whole numbers, rounded once: a position that is an element is found exactly.
    case ratio(Int, Int)
    /// A number of the input `scales`. Positions are computed in `Float`, as PyTorch and ONNX Runtime compute them: in `Double` the
    /// rounding error of the scale itself would move positions below the elements that they mean.
    case factor(Float)

    /// A number of the input `scales`; the ratio of the extents where it is this ratio rounded to `Float`.
    init(_ factor: Float, input: Int, output: Int) {
      self = Float(output) / Float(input) == factor ? .ratio(output, input) : .factor(factor)
    }

    var value: Double {
      switch self {
      case .ratio(let numerator, let denominator): Double(numerator) / Double(denominator)
      case .factor(let factor): Double(factor)
      }
    }
  }

  /// Elements of the input and of the result.
  package let input: Int
  package let output: Int
  let scale: Scale
  /// The region of interest of `tf_crop_and_resize`, in units of the input.
  var region: (start: Double, end: Double) = (0, 1)

  /// Position in the input of result element `x`; nil outside a cropped region. ONNX Resize, `coordinate_transformation_mode`.
  ///
  /// `length_resized` is the length of the resized tensor, a whole number, as the text of ONNX, PyTorch and ONNX Runtime have it; the
  /// reference evaluator of ONNX takes the product of scale and length there.
  func coordinate(_ x: Int, _ mode: CoordinateMode) -> Double? {
    let last = Double(input - 1)
    switch mode {
    case .halfPixel: return halfPixel(x)
    case .pytorchHalfPixel: return output > 1 ? halfPixel(x) : 0
    case .halfPixelSymmetric: return symmetricHalfPixel(x)
    case .asymmetric:
      switch scale {
      case .ratio(let numerator, let denominator): return Double(x) * Double(denominator) / Double(numerator)
      case .factor(let factor): return Double(Float(x) / factor)
      }
    case .alignCorners: return output == 1 ? 0 : Double(x) * last / Double(output - 1)
    case .cropAndResize:
      let (start, end) = region
      let position = output == 1 ? 0.5 * (start + end) * last : start * last + Double(x) * (end - start) * last / Double(output - 1)
      return position >= 0 && position <= last ? position : nil
    }
  }

  /// The position of `halfPixel`, moved so that the centres of input and result meet.
  private func symmetricHalfPixel(_ x: Int) -> Double {
    switch scale {
    case .ratio(let numerator, let denominator):
      let length = Double(numerator) * Double(input) / Double(denominator)
      return Double(input) / 2 * (1 - Double(output) / length) + halfPixel(x)
    case .factor(let factor):
      let offset = Float(input) / 2 * (1 - Float(output) / (factor * Float(input)))
      return Double(offset + (Float(x) + 0.5) / factor - 0.5)
    }
  }

  /// (x + 1/2) / scale - 1/2.
  private func halfPixel(_ x: Int) -> Double {
    switch scale {
    case .ratio(let numerator, let denominator):
      let (above, below) = (Double(denominator), Double(numerator))
      return ((2 * Double(x) + 1) * above - below) / (2 * below)
    case .factor(let factor): return Double((Float(x) + 0.5) / factor - 0.5)
    }
  }

  /// The nearest input element; nil outside a cropped region.
  func nearest(_ x: Int, _ mode: CoordinateMode, _ rounding: NearestMode) -> Int? {
    guard let position = coordinate(x, mode) else { return nil }
    let left = position.rounded(.down)
    let ratio = position - left
    let takesLeft =
      switch rounding {
      case .preferFloor: ratio <= 0.5
      case .preferCeil: ratio < 0.5
      case .floor: true
      case .ceil: ratio == 0
      }
    return Int(clamping: takesLeft ? left : left + 1, to: 0...(input - 1))
  }

  /// The taps of result element `x` for a kernel of `radius` elements, stretched when downscaling with `antialias`.
  ///
  /// The taps lie around the position with the left neighbour first, an integral position being its own right neighbour.
  func taps(
    _ x: Int, _ mode: CoordinateMode, radius: Int, antialias: Bool, excludeOutside: Bool, kernel: (Double) -> Double
  ) throws(OnyxError) -> Taps {
    guard let position = coordinate(x, mode) else { return nil }
    let stretch = antialias ? min(scale.value, 1) : 1
    let reach = (Double(radius) / stretch).rounded(.up)
    guard position.isFinite, reach <= Double(input) * 4 + 8 else { throw .invalid("A scale of Resize is too small for its input.") }
    let left = position.rounded(.up) - 1
    let ratio = position - left
    var taps: [(index: Int, weight: Double)] = []
    var sum = 0.0
    for offset in (1 - Int(reach))...Int(reach) {
      let place = left + Double(offset)
      let isOutside = place < 0 || place > Double(input - 1)
      let weight = excludeOutside && isOutside ? 0 : kernel((Double(offset) - ratio) * stretch)
      sum += weight
      taps.append((Int(clamping: place, to: 0...(input - 1)), weight))
    }
    if (antialias || excludeOutside) && sum != 0 { taps = taps.map { ($0.index, $0.weight / sum) } }
    return taps
  }
}

/// Interpolation kernels: the weight at a distance from the position.
enum ResizeKernel {
  static func linear(_ distance: Double) -> Double { max(0, 1 - abs(distance)) }

  /// Cubic convolution with the coefficient `a`: Keys, doi 10.1109/TASSP.1981.1163711, equation 4.
  static func cubic(_ distance: Double, _ a: Double) -> Double {
    let x = abs(distance)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }
}

extension Int {
  /// The integral part of a number, kept inside the range; NaN gives the lower bound.
  init(clamping value: Double, to range: ClosedRange<Int>) {
    if value >= Double(range.upperBound) {
      self = range.upperBound
    } else if value >= Double(range.lowerBound) {
      self.init(value)
    } else {
      self = range.lowerBound
    }
  }
}
