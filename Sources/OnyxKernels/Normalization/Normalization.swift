import CKernels
import OnyxThreads

/// Layer, root-mean-square and group normalisation.
///
/// SAFETY: buffers hold the stated shapes; each task owns whole rows.
package enum Normalization {
  /// Where a layer normalisation leaves its statistics: one float per row each, either may be nil.
  @safe package struct Statistics {
    let mean, inverseDeviation: UnsafeMutablePointer<Float>?

    package init(mean: UnsafeMutablePointer<Float>? = nil, inverseDeviation: UnsafeMutablePointer<Float>? = nil) {
      unsafe self.mean = mean
      unsafe self.inverseDeviation = inverseDeviation
    }
  }

  /// Each row of [rows, count]: `(x - mean) / sqrt(variance + epsilon) * scale[i] + shift[i]`, variance over the
  /// row, biased. `y` may equal `x`.
  package static func layer(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, count: Int, epsilon: Float,
    scale: UnsafePointer<Float>?, shift: UnsafePointer<Float>?, statistics: Statistics = unsafe Statistics(), isa: ISA,
    pool: ThreadPool
  ) {
    guard count > 0 else { return }
    pool.parallelFor(count: rows, grain: max(1, 8192 / count)) { range in
      for row in range {
        let source = unsafe x + row * count
        var mean: Float = 0
        var variance: Float = 0
        unsafe isa.normalize.moments!(source, Int64(count), &mean, &variance)
        let factor = 1 / (variance + epsilon).squareRoot()
        unsafe isa.normalize.normalize!(y + row * count, source, Int64(count), mean, factor, scale, shift)
        unsafe statistics.mean?[row] = mean
        unsafe statistics.inverseDeviation?[row] = factor
      }
    }
  }

  /// Each row of [rows, count]: `x / sqrt(mean of squares + epsilon) * scale[i]`. `y` may equal `x`.
  package static func rootMeanSquare(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, count: Int, epsilon: Float,
    scale: UnsafePointer<Float>?, isa: ISA, pool: ThreadPool
  ) {
    guard count > 0 else { return }
    pool.parallelFor(count: rows, grain: max(1, 8192 / count)) { range in
      for row in range {
        let source = unsafe x + row * count
        let squares = unsafe isa.reduce.run[Int(ONYX_REDUCE_SUM_SQUARE)]!(source, Int64(count))
        let factor = 1 / (squares / Float(count) + epsilon).squareRoot()
        unsafe isa.normalize.normalize!(y + row * count, source, Int64(count), 0, factor, scale, nil)
      }
    }
  }

  /// [batch, channels, inner] normalised over each of `groups` runs of channels, then scaled and shifted per
  /// channel. Instance normalisation has as many groups as channels. `y` may equal `x`.
  package static func group<T: LayerElement>(
    _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, batch: Int, channels: Int, inner: Int, groups: Int,
    epsilon: T, scale: UnsafePointer<T>, shift: UnsafePointer<T>, isa: ISA, pool: ThreadPool
  ) {
    let members = channels / groups
    let count = members * inner
    guard count > 0 else { return }
    pool.parallelFor(count: batch * groups, grain: max(1, 8192 / count)) { range in
      for row in range {
        let at = row * count
        let (mean, variance) = unsafe T.moments(x + at, count, isa: isa)
        let factor = 1 / (variance + epsilon).squareRoot()
        for member in 0..<members {
          let channel = row % groups * members + member
          let from = at + member * inner
          unsafe T.map(x + from, y + from, inner, mean: mean, factor: factor * scale[channel], shift: shift[channel], isa: isa)
        }
      }
    }
  }
}
