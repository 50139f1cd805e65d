import CKernels
import OnyxThreads

/// Depthwise convolution of images whose pixels hold all channels side by side.
///
/// A task stages 16 channels of a strip of rows with its padding, one group of 16 floats for each pixel, and sums the taps of each output
/// in order: results are bit-equal for every number of threads.
///
/// SAFETY: x holds batch · input pixels · channels floats and y batch · output pixels · channels; strips and blocks are cut from these
/// extents and staged rows cover every row that the windows of a strip reach.
package struct ChannelsLastDepthwise: Sendable {
  package let geometry: WindowExtents
  package let batch, channels: Int
  let weights: PackedFloats
  let isa: ISA

  package init(geometry: WindowExtents, batch: Int, channels: Int, weights: PackedFloats, isa: ISA) {
    (self.geometry, self.batch, self.channels, self.weights, self.isa) = (geometry, batch, channels, weights, isa)
  }

  private static let block = Int(ONYX_CHANNELS_LAST_BLOCK)
  /// Floats of a staged strip that stay in the second-level cache.
  private static let stripFloats = 24 * 1024

  /// Each block of 16 channels: its taps, 16 floats each, then its bias. Lanes without a channel are zero.
  package static func pack(
    _ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, channels: Int, taps: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let blocks = (channels + block - 1) / block
    unsafe target.update(repeating: 0, count: blocks * block * (taps + 1))
    for channel in 0..<channels {
      let start = unsafe target + channel / block * block * (taps + 1) + channel % block
      for tap in 0..<taps { unsafe start[tap * block] = weights[channel * taps + tap] }
      unsafe start[taps * block] = bias?[channel] ?? 0
    }
  }

  private var stagedWidth: Int { max(geometry.input[1] + geometry.padsBegin[1] + geometry.padsEnd[1], geometry.reach(1)) }

  /// Output rows of a strip.
  private var stripRows: Int {
    let fitting =
      ChannelsLastDepthwise.stripFloats / max(stagedWidth * ChannelsLastDepthwise.block, 1) - (geometry.kernel[0] - 1)
      * geometry.dilations[0]
    let rows = max(1, min(geometry.output[0], max(fitting / geometry.strides[0], 4)))
    // Strips of equal height.
    let strips = (geometry.output[0] + rows - 1) / rows
    return (geometry.output[0] + strips - 1) / strips
  }

  package func run(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    let rows = stripRows
    let strips = (geometry.output[0] + rows - 1) / rows
    let blocks = (channels + Self.block - 1) / Self.block
    let stagedRows = (rows - 1) * geometry.strides[0] + (geometry.kernel[0] - 1) * geometry.dilations[0] + 1
    let work = rows * geometry.output[1] * Self.block * geometry.tapCount
    pool.parallelFor(count: batch * blocks * strips, grain: max(1, GemmProduct.serialWork / 4 / max(work, 1)), chunksPerThread: 8) {
      range in
      unsafe pool.workspace.withFloats(stagedRows * stagedWidth * Self.block) { staged in
        for task in range {
          let (strip, rest) = (task % strips, task / strips)
          let outputs = strip * rows..<min((strip + 1) * rows, geometry.output[0])
          unsafe convolve(x, y, image: rest / blocks, block: rest % blocks, outputs, staged)
        }
      }
    }
  }

  private func convolve(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, image: Int, block: Int, _ outputs: Range<Int>,
    _ staged: UnsafeMutablePointer<Float>
  ) {
    let size = Self.block
    let first = block * size
    let lanes = Int64(min(size, channels - first))
    let source = unsafe x + image * geometry.inputCount * channels + first
    unsafe stage(source, outputs, lanes, staged)
    let taps = unsafe UnsafePointer(weights.base) + block * size * (geometry.tapCount + 1)
    let rowFloats = stagedWidth * size
    for output in outputs {
      let target = unsafe y + ((image * geometry.output[0] + output) * geometry.output[1]) * channels + first
      unsafe isa.channels_last.depthwise!(
        target, Int64(channels), staged + (output - outputs.lowerBound) * geometry.strides[0] * rowFloats,
        Int64(geometry.strides[1] * size),
        Int64(geometry.dilations[0] * rowFloats), Int64(geometry.dilations[1] * size), taps, taps + geometry.tapCount * size,
        Int64(geometry.kernel[0]), Int64(geometry.kernel[1]), Int64(geometry.output[1]), lanes)
    }
  }

  /// Copies the rows that the outputs see, with zeros where there is padding.
  private func stage(_ source: UnsafePointer<Float>, _ outputs: Range<Int>, _ lanes: Int64, _ staged: UnsafeMutablePointer<Float>) {
    let (width, left) = (geometry.input[1], geometry.padsBegin[1])
    let size = Self.block
    let start = outputs.lowerBound * geometry.strides[0] - geometry.padsBegin[0]
    let count = (outputs.count - 1) * geometry.strides[0] + (geometry.kernel[0] - 1) * geometry.dilations[0] + 1
    for row in 0..<count {
      let target = unsafe staged + row * stagedWidth * size
      guard (0..<geometry.input[0]).contains(start + row) else {
        unsafe isa.channels_last.stage!(target, nil, Int64(stagedWidth), 0, lanes)
        continue
      }
      unsafe isa.channels_last.stage!(target, nil, Int64(left), 0, lanes)
      unsafe isa.channels_last.stage!(
        target + left * size, source + (start + row) * width * channels, Int64(width), Int64(channels), lanes)
      unsafe isa.channels_last.stage!(target + (left + width) * size, nil, Int64(stagedWidth - left - width), 0, lanes)
    }
  }
}
