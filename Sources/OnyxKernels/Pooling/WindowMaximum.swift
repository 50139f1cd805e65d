import OnyxOperators
import OnyxThreads

/// An element whose maxima a pool can find.
protocol MaximumElement: Comparable, BitwiseCopyable, SendableMetatype {
  /// The maximum of no elements.
  static var least: Self { get }
  var isUnordered: Bool { get }
}

extension MaximumElement where Self: BinaryFloatingPoint {
  static var least: Self { -.infinity }
  var isUnordered: Bool { isNaN }
}

extension MaximumElement where Self: FixedWidthInteger {
  static var least: Self { .min }
  var isUnordered: Bool { false }
}

extension Float: MaximumElement {}
extension Double: MaximumElement {}
extension Float16: MaximumElement {}
extension Int8: MaximumElement {}
extension UInt8: MaximumElement {}

/// The greatest element of each window over [planes, spatial...] and where it stands. NaN is greatest; of equal elements the
/// first is taken; a window that lies in the padding has the least value and the index -1.
struct WindowMaximum: Sendable {
  private let outer: [WindowGeometry.Axis]
  private let last: WindowGeometry.Axis
  /// For each window of the last axis the first element inside the input, and the number of taps there.
  private let columns: [(first: Int, count: Int)]
  private let columnMajorIndices: Bool

  /// nil without a spatial axis, and for windows that reach far past the input: the table of the last axis has an entry for each.
  init?(_ geometry: WindowGeometry, columnMajorIndices: Bool) {
    guard let last = geometry.axes.last, last.output < 4 * (last.input + 1024) else { return nil }
    outer = geometry.axes.dropLast()
    self.last = last
    columns = (0..<last.output).map { window in
      let taps = last.taps(window)
      return taps.isEmpty ? (0, 0) : (last.start(window) + taps.lowerBound * last.dilation, taps.count)
    }
    self.columnMajorIndices = columnMajorIndices
  }

  /// SAFETY: `x` holds `planes` planes of the geometry's input, `y` and `indices` as many of its output. Every tap lies inside
  /// its plane.
  func run<T: MaximumElement>(
    _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ indices: UnsafeMutablePointer<Int64>?, planes: Int, pool: ThreadPool
  ) {
    let rows = outer.reduce(1) { $0 * $1.output }
    let plane = outer.reduce(last.input) { $0 * $1.input }
    guard rows > 0 else { return }
    pool.parallelFor(count: planes * rows, grain: max(1, 4096 / max(columns.count, 1))) { range in
      for item in range {
        let (channel, row) = item.quotientAndRemainder(dividingBy: rows)
        let source = unsafe x + channel * plane
        let target = item * columns.count
        unsafe rowStarts(row).withUnsafeBufferPointer { starts in
          unsafe columns.withUnsafeBufferPointer { columns in
            for column in 0..<columns.count {
              let (greatest, best) = unsafe maximum(source, starts, columns[column])
              unsafe y[target + column] = greatest
              if let indices = unsafe indices {
                let place = columnMajorIndices && best >= 0 ? columnMajor(best) : best
                unsafe indices[target + column] = best < 0 ? -1 : Int64(channel * plane + place)
              }
            }
          }
        }
      }
    }
  }

  /// The greatest element of one window, and its place in the plane; -1 for none.
  @inline(__always)
  private func maximum<T: MaximumElement>(
    _ source: UnsafePointer<T>, _ starts: UnsafeBufferPointer<Int>, _ column: (first: Int, count: Int)
  ) -> (T, Int) {
    guard starts.count > 0, column.count > 0 else { return (.least, -1) }
    var best = unsafe starts[0] &+ column.first
    var greatest = unsafe source[best]
    for row in 0..<starts.count {
      var at = unsafe starts[row] &+ column.first
      for _ in 0..<column.count {
        let value = unsafe source[at]
        if value > greatest || (value.isUnordered && !greatest.isUnordered) { (best, greatest) = (at, value) }
        at &+= last.dilation
      }
    }
    return (greatest, best)
  }

  /// Where the rows of the input begin that the windows of one row of the output cover.
  private func rowStarts(_ row: Int) -> [Int] {
    var starts = [0]
    var rest = row
    var stride = last.input
    for axis in outer.reversed() {
      let window = rest % axis.output
      rest /= axis.output
      let taps = axis.taps(window)
      // The outermost axis varies slowest, so that taps stay in row-major order.
      starts = taps.flatMap { tap in starts.map { $0 + (axis.start(window) + tap * axis.dilation) * stride } }
      stride *= axis.input
    }
    return starts
  }

  /// The offset in a plane whose first spatial axis is the fastest.
  private func columnMajor(_ offset: Int) -> Int {
    let extents = outer.map(\.input) + [last.input]
    var rest = offset
    var result = 0
    for axis in extents.indices.reversed() {
      result += rest % extents[axis] * extents[..<axis].reduce(1, *)
      rest /= extents[axis]
    }
    return result
  }
}
