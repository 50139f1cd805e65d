import CKernels
import OnyxThreads

/// A float32 transposed convolution: one product gives what every input element adds to its window, and each output plane
/// gathers its taps in order.
///
/// SAFETY: `x` holds batch · groups · channels planes of `geometry.outputCount`, `y` batch · groups · filters planes of
/// `geometry.inputCount`; the product has filters · taps rows of `geometry.outputCount`.
package struct TransposedConvolution: Sendable {
  /// The convolution that this is the transpose of: its input is our output, its windows are our input.
  package let geometry: WindowExtents
  /// For each group W transposed, [filters · taps, channels].
  let weights: [PackedMatrix]
  let bias: [Float]
  /// Of one group.
  let channels, filters: Int
  let isa: ISA

  /// Floats of scratch.
  package var productCount: Int { filters * geometry.tapCount * geometry.outputCount }

  package func run(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, batch: Int, pool: ThreadPool) {
    let (windows, plane) = (geometry.outputCount, geometry.inputCount)
    unsafe pool.workspace.withFloats(productCount) { product in
      for job in 0..<batch * weights.count {
        let group = job % weights.count
        let source = unsafe x + job * channels * windows
        unsafe Gemm.multiply(
          m: filters * geometry.tapCount, n: windows, k: channels, .packed(weights[group]), .matrix(Matrix(source, rowStride: windows)),
          into: product, rowStride: windows, isa: isa, pool: pool)
        pool.parallelFor(count: filters, grain: max(1, 16384 / max(geometry.tapCount * windows, 1))) { range in
          for filter in range {
            let target = unsafe y + (job * filters + filter) * plane
            unsafe target.update(repeating: bias[group * filters + filter], count: plane)
            unsafe gather(product + filter * geometry.tapCount * windows, into: target)
          }
        }
      }
    }
  }

  /// Adds every tap of one plane where its windows meet the output.
  private func gather(_ product: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    let last = geometry.input.count - 1
    let width = geometry.output[last]
    let rows = geometry.output.dropLast().reduce(1, *)
    let stride = geometry.strides[last]
    for tap in 0..<geometry.tapCount {
      let column = tap % geometry.kernel[last] * geometry.dilations[last] - geometry.padsBegin[last]
      // The windows whose tap falls inside the row.
      let first = column >= 0 ? 0 : (-column + stride - 1) / stride
      let end = geometry.input[last] > column ? min(width, (geometry.input[last] - 1 - column) / stride + 1) : 0
      guard first < end else { continue }
      for row in 0..<rows {
        guard let start = rowStart(row, tap: tap / geometry.kernel[last]) else { continue }
        let source = unsafe product + (tap * rows + row) * width
        let target = unsafe y + start + column
        if stride == 1 {
          unsafe isa.elementwise.binary[Int(ONYX_BINARY_ADD)]!(target + first, target + first, source + first, Int64(end - first), 0)
        } else {
          for x in first..<end { unsafe target[x * stride] += source[x] }
        }
      }
    }
  }

  /// Where the output row of a window row and a tap, both over the outer axes, begins; nil outside.
  private func rowStart(_ row: Int, tap: Int) -> Int? {
    var (row, tap, start) = (row, tap, 0)
    var size = geometry.input[geometry.input.count - 1]
    for axis in (0..<geometry.input.count - 1).reversed() {
      let at =
        row % geometry.output[axis] * geometry.strides[axis] + tap % geometry.kernel[axis] * geometry.dilations[axis]
        - geometry.padsBegin[axis]
      guard at >= 0, at < geometry.input[axis] else { return nil }
      start += at * size
      size *= geometry.input[axis]
      row /= geometry.output[axis]
      tap /= geometry.kernel[axis]
    }
    return start
  }
}
