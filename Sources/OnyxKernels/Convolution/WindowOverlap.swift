import OnyxOperators

/// Adds what windows hold back to where they lie: the transpose of taking windows out of a plane.
struct WindowOverlap: Sendable {
  private let geometry: WindowGeometry
  private let last: WindowGeometry.Axis
  private let outer: [WindowGeometry.Axis]

  /// nil without a spatial axis.
  init?(_ geometry: WindowGeometry) {
    guard let last = geometry.axes.last else { return nil }
    (self.geometry, self.last, outer) = (geometry, last, geometry.axes.dropLast())
  }

  /// Elements of a plane, taps of a window, and windows.
  var plane: Int { geometry.axes.reduce(1) { $0 * $1.input } }
  var taps: Int { geometry.axes.reduce(1) { $0 * $1.kernel } }
  var windows: Int { geometry.windowCount }

  /// Adds every tap of all windows, tap by tap.
  ///
  /// SAFETY: `columns` holds `taps` rows of `windows` elements, `y` a plane.
  @inline(__always)
  func add<T: BitwiseCopyable>(_ columns: UnsafePointer<T>, into y: UnsafeMutablePointer<T>, _ sum: (T, T) -> T) {
    let (width, stride) = (last.output, last.stride)
    let rows = outer.reduce(1) { $0 * $1.output }
    let count = taps
    for tap in 0..<count {
      let column = tap % last.kernel * last.dilation - last.padBefore
      // The windows whose tap falls inside the row.
      let first = column >= 0 ? 0 : (-column + stride - 1) / stride
      let end = last.input > column ? min(width, (last.input - 1 - column) / stride + 1) : 0
      guard first < end else { continue }
      for row in 0..<rows {
        guard let start = rowStart(row, tap: tap / last.kernel) else { continue }
        let from = unsafe columns + (tap * rows + row) * width
        if stride == 1 {
          let to = unsafe y + (start + column)
          for index in first..<end { unsafe to[index] = sum(to[index], from[index]) }
        } else {
          for index in first..<end {
            let place = start + column + index * stride
            unsafe y[place] = sum(y[place], from[index])
          }
        }
      }
    }
  }

  /// Where the row begins that a row of windows and a tap, both over the outer axes, reach; nil outside.
  private func rowStart(_ row: Int, tap: Int) -> Int? {
    var (row, tap, start, size) = (row, tap, 0, last.input)
    for axis in outer.reversed() {
      let at = axis.start(row % axis.output) + tap % axis.kernel * axis.dilation
      guard at >= 0, at < axis.input else { return nil }
      start += at * size
      size *= axis.input
      row /= axis.output
      tap /= axis.kernel
    }
    return start
  }
}
