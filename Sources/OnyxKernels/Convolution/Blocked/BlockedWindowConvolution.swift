import CKernels
import OnyxThreads

/// A float32 convolution in channel blocks whose filters read few channels: depthwise, or groups of 2, 4 or 8 channels with as many
/// filters. The image is read in place; border pixels leave out the taps that are not there.
///
/// A sum goes over (kernel row, channel, kernel column), or (kernel row, kernel column, channel) for windows without a kernel of
/// their own; it depends on the window only. Chunks are made one by one, so y may be the memory of z.
///
/// SAFETY: `x` holds `batch` images of `blockCount` input planes of 16 lanes, `y` and `z` as many output planes; the kernel checks
/// every tap that may leave a plane.
struct BlockedWindowConvolution: Sendable {
  let window: BlockedWindow
  let filters: WindowFilters
  let activation: Activation
  let isa: ISA

  /// y = activation(x ∗ filters + bias + z).
  func run(_ x: UnsafePointer<Float>, z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, batch: Int, pool: ThreadPool) {
    let lanes = Int(ONYX_BLOCK)
    let limits = activation.limits
    window.forEachChunk(planes: batch * filters.blockCount, terms: window.tapCount * filters.group, pool: pool) { chunk in
      let output = chunk.plane * window.outputCount * lanes
      let block = chunk.plane % filters.blockCount
      unsafe withUnsafePointer(to: window.window) { geometry in
        var call = unsafe onyx_blocked_window(
          window: geometry, first_row: Int64(chunk.firstRow), rows: Int64(chunk.rows), x: x + chunk.plane * window.inputCount * lanes,
          w: filters.filters(of: block), bias: filters.bias(of: block), z: z.map { unsafe $0 + output }, y: y + output, low: limits.low,
          high: limits.high)
        unsafe isa.blocked_window.convolve!(&call, Int64(filters.group))
      }
      let count = chunk.pixels * lanes
      unsafe activation.apply(y + output + chunk.firstPixel * lanes, rows: 1, stride: count, count: count, isa: isa)
    }
  }
}
