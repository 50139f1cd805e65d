import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The shape rule of the windowed pools: batch and channels stay, each spatial axis becomes its number of windows.
func poolShape(_ context: InferenceContext, _ window: WindowAttributes) throws(OnyxError) -> [Dimension]? {
  guard let x = try context.shape(0) else { return nil }
  guard x.count >= 3 else { throw .invalid("The input has rank \(x.count); a pool needs batch, channels and at least one spatial axis.") }
  let kernel = try window.poolKernel(rank: x.count - 2).map { Dimension($0) }
  return try Array(x[..<2]) + window.outputSizes(input: Array(x[2...]), kernel: kernel, context)
}

extension WindowAttributes {
  /// The windows of a pool over an input of shape N, C, spatial….
  package func poolGeometry(input: Shape) throws(OnyxError) -> WindowGeometry {
    guard input.rank >= 3 else { throw .bug("A pool has an unchecked shape.") }
    return try geometry(input: Array(input[2...]), kernel: try poolKernel(rank: input.rank - 2))
  }
}

extension WindowGeometry {
  /// Reduces every window of every plane: `reduce` gets the plane's elements that lie in the window.
  func pool(_ x: [Double], shape: Shape, _ reduce: (_ position: [Int], _ elements: [Double]) -> Double) throws(OnyxError) -> [Double] {
    var y: [Double] = try shape.filled(with: 0)
    if y.isEmpty { return y }
    let plane = axes.reduce(1) { $0 * $1.input }
    let windows = windowCount
    try forEachWindow { (window, position, taps) throws(OnyxError) in
      for channel in 0..<shape[0] * shape[1] {
        y[channel * windows + window] = reduce(position, taps.map { x[channel * plane + $0.input] })
      }
    }
    return y
  }
}

/// The norm (Σ |x|^p)^(1/p).
func norm(_ elements: some Sequence<Double>, p: Int) -> Double {
  switch p {
  case 1: return elements.reduce(0) { $0 + $1.magnitude }
  case 2: return elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
  default: return pow(elements.reduce(0) { $0 + pow($1.magnitude, Double(p)) }, 1 / Double(p))
  }
}
