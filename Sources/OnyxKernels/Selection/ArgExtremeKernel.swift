import OnyxTensor
import OnyxThreads

/// The index of the largest or smallest element of each line. NaN wins in both.
///
/// SAFETY: the geometry keeps to the shapes of the query; see `KernelCall`.
struct ArgExtremeKernel<T: RankedElement> {
  let geometry: AxisGeometry
  let isLargest: Bool
  let isLast: Bool

  /// The columns of a strip, and the elements of a chunk of a line.
  private static var width: Int { 256 }

  func run(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<Int64>, _ pool: ThreadPool) {
    if geometry.inner == 1 {
      pool.parallelFor(count: geometry.outer, grain: max(1, 16384 / geometry.extent)) { range in
        for line in range { unsafe y[line] = Int64(alongLine(x + line * geometry.extent)) }
      }
      return
    }
    let strips = geometry.strips(of: Self.width)
    pool.parallelFor(count: strips.count, grain: max(1, 16384 / (geometry.extent * strips.width))) { range in
      unsafe withUnsafeTemporaryAllocation(of: T.Key.self, capacity: Self.width) { best in
        unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.width) { at in
          guard let best = best.baseAddress, let at = at.baseAddress else { return }
          for index in range {
            let (block, columns) = geometry.strip(index, width: strips.width)
            let from = unsafe x + block * geometry.extent * geometry.inner + columns.lowerBound
            unsafe alongRows(from, columns.count, best, at)
            let to = unsafe y + block * geometry.inner + columns.lowerBound
            for column in 0..<columns.count { unsafe to[column] = Int64(at[column]) }
          }
        }
      }
    }
  }

  /// A key of which the largest is wanted. The smallest elements have the largest inverted keys, but NaN still comes first.
  @inline(__always) private func rank(_ x: T) -> T.Key {
    let key = x.key
    return isLargest || (T.hasNaN && key == .max) ? key : ~key
  }

  private func alongLine(_ x: UnsafePointer<T>) -> Int {
    let count = geometry.extent
    var (best, chunk) = (T.Key.min, 0)
    for start in stride(from: 0, to: count, by: Self.width) {
      var largest = T.Key.min
      for index in start..<min(start + Self.width, count) { largest = unsafe max(largest, rank(x[index])) }
      if largest > best || (isLast && largest == best) { (best, chunk) = (largest, start) }
    }
    let range = chunk..<min(chunk + Self.width, count)
    if isLast { return range.last { unsafe rank(x[$0]) == best } ?? range.lowerBound }
    return range.first { unsafe rank(x[$0]) == best } ?? range.lowerBound
  }

  private func alongRows(
    _ x: UnsafePointer<T>, _ columns: Int, _ best: UnsafeMutablePointer<T.Key>, _ at: UnsafeMutablePointer<Int32>
  ) {
    for column in 0..<columns {
      unsafe best[column] = rank(x[column])
      unsafe at[column] = 0
    }
    for row in 1..<max(geometry.extent, 1) {
      let from = unsafe x + row * geometry.inner
      let number = Int32(truncatingIfNeeded: row)
      for column in 0..<columns {
        let key = unsafe rank(from[column])
        let wins = unsafe isLast ? key >= best[column] : key > best[column]
        unsafe best[column] = wins ? key : best[column]
        unsafe at[column] = wins ? number : at[column]
      }
    }
  }
}
