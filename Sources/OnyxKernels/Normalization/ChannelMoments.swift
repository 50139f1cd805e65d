import CKernels
import OnyxThreads

/// Mean and biased variance of each channel of a [outer, channels, inner] block.
///
/// Blocks of one channel have moments of their own, which are joined in order in double precision: the result depends on the shape
/// only. Where runs are short, columns are summed instead, counted from their first element.
///
/// SAFETY: `x` holds outer · channels · inner elements; each task owns whole channels.
enum ChannelMoments {
  /// Runs from this length on have vectors of their own.
  private static let shortestRun = 8

  /// `found` gets the channel, its mean and its variance, once for each channel. `outer` and `inner` are at least 1.
  static func run<T: LayerElement>(
    _ x: UnsafePointer<T>, outer: Int, channels: Int, inner: Int, isa: ISA, pool: ThreadPool,
    _ found: (_ channel: Int, _ mean: Double, _ variance: Double) -> Void
  ) {
    if inner < shortestRun && outer > 1 { return unsafe columns(x, outer, channels, inner, pool, found) }
    pool.parallelFor(count: channels, grain: max(1, 16384 / max(1, outer * inner))) { range in
      for channel in range {
        var (mean, squares) = (0.0, 0.0)
        for block in 0..<outer {
          let (m, v) = unsafe T.moments(x + (block * channels + channel) * inner, inner, isa: isa)
          let difference = Double(m) - mean
          let share = 1 / Double(block + 1)
          mean += difference * share
          squares += Double(v) + difference * difference * Double(block) * share
        }
        found(channel, mean, squares / Double(outer))
      }
    }
  }

  private static func columns<T: LayerElement>(
    _ x: UnsafePointer<T>, _ outer: Int, _ channels: Int, _ inner: Int, _ pool: ThreadPool, _ found: (Int, Double, Double) -> Void
  ) {
    let piece = 64
    pool.parallelFor(count: (channels + piece - 1) / piece, grain: max(1, 16384 / (outer * inner * piece))) { range in
      var (sums, squares) = ([Double](repeating: 0, count: piece), [Double](repeating: 0, count: piece))
      for part in range {
        let (first, count) = (part * piece, min(piece, channels - part * piece))
        for index in 0..<count { (sums[index], squares[index]) = (0, 0) }
        for block in 0..<outer {
          let from = unsafe x + (block * channels + first) * inner
          for index in 0..<count {
            let origin = unsafe x[(first + index) * inner]
            for step in 0..<inner {
              let value = unsafe Double(from[index * inner + step]) - Double(origin)
              sums[index] += value
              squares[index] += value * value
            }
          }
        }
        let all = Double(outer * inner)
        for index in 0..<count {
          let mean = sums[index] / all
          // Rounding may leave less than 0; NaN stays.
          let variance = squares[index] / all - mean * mean
          unsafe found(first + index, Double(x[(first + index) * inner]) + mean, variance < 0 ? 0 : variance)
        }
      }
    }
  }
}
