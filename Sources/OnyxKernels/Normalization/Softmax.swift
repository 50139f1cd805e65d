import CKernels
import OnyxThreads

/// Softmax and its logarithm along one axis of a [outer, count, inner] block.
///
/// SAFETY: both buffers hold outer * count * inner floats; tasks own disjoint outer slices and inner columns.
package enum Softmax {
  /// Inner columns of one task: four cache lines.
  private static let columns = 64

  /// `y = softmax(x)` along the middle axis; `y` may equal `x`. The maximum is subtracted first.
  package static func run(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, outer: Int, count: Int, inner: Int,
    logarithm: Bool = false, isa: ISA, pool: ThreadPool
  ) {
    guard count > 0, inner > 0 else { return }
    let flag: Int32 = logarithm ? 1 : 0
    if inner == 1 {
      pool.parallelFor(count: outer, grain: max(1, 4096 / count)) { range in
        let at = range.lowerBound * count
        unsafe isa.normalize.softmax_lines!(y + at, x + at, Int64(range.count), Int64(count), flag)
      }
      return
    }
    let pieces = (inner + columns - 1) / columns
    pool.parallelFor(count: outer * pieces, grain: max(1, 4096 / (count * min(inner, columns)))) { range in
      for task in range {
        let first = task % pieces * columns
        let at = task / pieces * count * inner + first
        unsafe isa.normalize.softmax_columns!(
          y + at, x + at, Int64(count), Int64(inner), Int64(min(columns, inner - first)), flag)
      }
    }
  }
}
