import OnyxOperators

/// Where the places of a grid lie in an image: the elements and weights of which each sample is made.
struct GridPlaces: Sendable {
  let mode: GridSampling.Mode
  let padding: GridSampling.Padding
  let alignsCorners: Bool
  /// The spatial axes of the image.
  let extents: [Int]

  /// Elements of a sample along one axis, and in all.
  private var reach: Int { mode == .nearest ? 1 : (mode == .linear ? 2 : 4) }
  var taps: Int { extents.reduce(1) { count, _ in count * reach } }

  /// Writes `taps` elements and weights for each of `count` places of the grid, [x, y, z] in -1 … 1. Elements that do not count have the
  /// weight 0 and the index `blank`.
  ///
  /// SAFETY: the grid has `extents.count` numbers a place, the tables `taps` entries.
  func fill(
    _ grid: UnsafePointer<Float>, count: Int, blank: Int32, _ indices: UnsafeMutablePointer<Int32>, _ weights: UnsafeMutablePointer<Float>
  ) {
    let (rank, reach, taps) = (extents.count, reach, taps)
    for place in 0..<count {
      let (index, weight) = unsafe (indices + place * taps, weights + place * taps)
      unsafe (index[0], weight[0]) = (0, 1)
      var found = 1
      for axis in 0..<rank {
        let extent = extents[axis]
        // Grid entries are ordered x, y, z: the spatial axes from the last to the first.
        let position = unsafe position(grid[place * rank + rank - 1 - axis], extent)
        // From the last entry on: what is read lies before what is written.
        for entry in stride(from: found - 1, through: 0, by: -1) {
          let (base, factor) = unsafe (index[entry], weight[entry])
          for tap in stride(from: reach - 1, through: 0, by: -1) {
            let (element, share) = self.tap(tap, position, extent)
            unsafe index[entry * reach + tap] = base * Int32(extent) + Int32(max(element, 0))
            unsafe weight[entry * reach + tap] = element < 0 ? 0 : factor * share
          }
        }
        found *= reach
      }
      for tap in 0..<taps where unsafe weight[tap] == 0 { unsafe index[tap] = blank }
    }
  }

  /// The position in units of elements, rounded as `GridSampling` says.
  @inline(__always) private func position(_ normalised: Float, _ extent: Int) -> Double {
    let size = Float(extent)
    return Double(alignsCorners ? (normalised + 1) / 2 * (size - 1) : ((normalised + 1) * size - 1) / 2)
  }

  /// One of the elements around a position and its weight; -1 where 0 stands.
  @inline(__always) private func tap(_ tap: Int, _ position: Double, _ extent: Int) -> (element: Int, weight: Float) {
    guard position.isFinite else { return tap > 0 ? (-1, 0) : (padding == .zeros ? -1 : (position > 0 ? extent - 1 : 0), 1) }
    switch mode {
    case .nearest: return (element(padded(position.rounded(.toNearestOrEven), extent).rounded(.towardZero), extent), 1)
    case .linear:
      let left = position.rounded(.down)
      let share = Float(position - left)
      return (element(left + Double(tap), extent), tap == 0 ? 1 - share : share)
    case .cubic:
      let left = position.rounded(.down)
      return (element(left + Double(tap - 1), extent), Float(Self.cubic(position - left - Double(tap - 1))))
    }
  }

  /// Cubic convolution: Keys, doi 10.1109/TASSP.1981.1163711, equation 4, with a = -0.75.
  private static func cubic(_ distance: Double) -> Double {
    let (x, a) = (abs(distance), -0.75)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }

  @inline(__always) private func element(_ position: Double, _ extent: Int) -> Int {
    if position >= 0 && position <= Double(extent - 1) { return Int(position) }
    switch padding {
    case .zeros: return -1
    case .border: return Self.clamp(position, extent)
    case .reflection: return Self.clamp(reflected(position, extent), extent)
    }
  }

  private static func clamp(_ position: Double, _ extent: Int) -> Int {
    position >= Double(extent - 1) ? extent - 1 : (position >= 0 ? Int(position) : 0)
  }

  private func padded(_ position: Double, _ extent: Int) -> Double {
    let (lowest, highest) = edges(extent)
    if position >= lowest && position <= highest { return position }
    switch padding {
    case .zeros: return position
    case .border: return min(max(position, 0), Double(extent - 1))
    case .reflection: return reflected(position, extent)
    }
  }

  private func edges(_ extent: Int) -> (lowest: Double, highest: Double) {
    alignsCorners ? (0, Double(extent) - 1) : (-0.5, Double(extent) - 0.5)
  }

  private func reflected(_ position: Double, _ extent: Int) -> Double {
    let (lowest, highest) = edges(extent)
    return GridSampling.reflected(position, between: lowest, and: highest)
  }
}
