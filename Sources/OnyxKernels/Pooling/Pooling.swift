import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// What pools share.
package enum Pooling {
  package enum Kind: Sendable, Hashable {
    /// Padding never wins; NaN does.
    case max
    /// Divides by the elements inside the image, or inside image and padding.
    case average(countsPadding: Bool)
  }

  /// How many elements of a window count for an average: per row of the outer axes times per position of the last one. Nil for a
  /// maximum.
  static func divisors(_ kind: Kind, geometry: WindowExtents) -> (rows: [Float], columns: [Float])? {
    guard case .average(let countsPadding) = kind else { return nil }
    let counts = geometry.input.indices.map { axis in
      (0..<geometry.output[axis]).map { Pooling.count(geometry, axis, at: $0, countsPadding) }
    }
    let rows = counts.dropLast().reduce([1]) { rows, axis in rows.flatMap { r in axis.map { r * $0 } } }
    return counts.last.map { (rows, $0) }
  }

  private static func count(_ g: WindowExtents, _ axis: Int, at position: Int, _ countsPadding: Bool) -> Float {
    let low = countsPadding ? 0 : g.padsBegin[axis]
    let high = g.padsBegin[axis] + g.input[axis] + (countsPadding ? g.padsEnd[axis] : 0)
    let start = position * g.strides[axis]
    let taps = (0..<g.kernel[axis]).count { (low..<high).contains(start + $0 * g.dilations[axis]) }
    return Float(taps)
  }
}

/// Means of windows over [planes, spatial...]: their sums, divided by how many elements count.
///
/// SAFETY: see `run`.
struct WindowMean<T: LayerElement>: Sendable {
  private let sums: WindowFold
  /// The divisors of every row that differs from those before it, and for each row where its divisors begin.
  private let divisors: [T]
  private let starts: [Int]
  private let reciprocals: [T]
  private let isa: ISA

  /// nil for windows that are out of proportion to the input.
  init?(_ geometry: WindowGeometry, countsPadding: Bool, isa: ISA) {
    guard let sums = WindowFold(.sum, geometry, isa: isa) else { return nil }
    (self.sums, self.isa) = (sums, isa)
    // A window without elements has the mean 0.
    let counts = geometry.axes.map { axis in
      (0..<axis.output).map { T(max(1, countsPadding ? axis.paddedTaps($0) : axis.taps($0).count)) }
    }
    let rows = counts.dropLast().reduce([1]) { rows, axis in rows.flatMap { row in axis.map { row * $0 } } }
    let columns = counts.last ?? []
    var places: [T: Int] = [:]
    var divisors: [T] = []
    starts = rows.map { row in
      if let place = places[row] { return place }
      places[row] = divisors.count
      divisors += columns.map { $0 * row }
      return divisors.count - columns.count
    }
    self.divisors = divisors
    reciprocals = divisors.map { 1 / $0 }
  }

  /// Bytes of the tables.
  var tableByteCount: Int { 2 * divisors.count * MemoryLayout<T>.stride + starts.count * MemoryLayout<Int>.stride }

  /// SAFETY: `x` holds `planes` planes of the geometry's input, `y` as many of its output.
  @inline(__always)
  func run(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, planes: Int, pool: ThreadPool) {
    let average = unsafe isa.layers.average[T.layerType]!
    let (count, width) = (starts.count, sums.width)
    unsafe divisors.withUnsafeBufferPointer { divisors in
      unsafe reciprocals.withUnsafeBufferPointer { reciprocals in
        guard let divisors = divisors.baseAddress, let reciprocals = reciprocals.baseAddress else { return }
        unsafe sums.run(x, y, planes: planes, pool: pool) { first, rows, results in
          var row = 0
          while row < rows {
            let start = starts[(first + row) % count]
            var end = row + 1
            while end < rows, starts[(first + end) % count] == start { end += 1 }
            unsafe average(results + row * width, divisors + start, reciprocals + start, Int64(end - row), Int64(width))
            row = end
          }
        }
      }
    }
  }
}

/// Norms of windows over [planes, spatial...], summed in float64.
struct WindowNorm: Sendable {
  private let sums: WindowFold
  private let norm: PowerNorm

  /// nil for windows that are out of proportion to the input.
  init?(_ geometry: WindowGeometry, p: Int, isa: ISA) {
    guard let sums = WindowFold(.sum, geometry, isa: isa), sums.inputCount <= 1 << 26 else { return nil }
    (self.sums, norm) = (sums, PowerNorm(p: p))
  }

  /// SAFETY: `x` holds `planes` planes of the geometry's input, `y` as many of its output.
  @inline(__always)
  func run<T: RealElement>(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, planes: Int, pool: ThreadPool) {
    let (input, width) = (sums.inputCount, sums.width)
    pool.parallelFor(count: planes, grain: max(1, 16384 / max(input + sums.rows * sums.rowWork, 1))) { range in
      unsafe sums.withScratch(pool, more: input + width) { (scratch: UnsafeMutablePointer<Double>) in
        let powers = unsafe scratch + sums.scratchCount
        let results = unsafe powers + input
        for plane in range {
          let source = unsafe x + plane * input
          unsafe norm.powers(source, powers, input)
          for row in 0..<sums.rows {
            unsafe sums.fold(row, of: powers, into: results, scratch)
            let target = unsafe y + (plane * sums.rows + row) * width
            unsafe norm.roots(results, target, width)
          }
        }
      }
    }
  }
}
