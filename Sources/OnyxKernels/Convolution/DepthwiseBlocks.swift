import CKernels
import OnyxThreads

/// A depthwise convolution over many small planes: a vector of channels at a time, pixels transposed on the way in
/// and out, so that short rows waste no lanes and need no padding.
///
/// SAFETY: the kernel skips taps outside the image; scratch holds a vector of channels of an input and an output
/// plane, and transposes move `lanes` whole planes.
struct DepthwiseBlocks: Sendable {
  private let window: onyx_window
  private let isa: ISA
  private let channels, inputCount, outputCount: Int
  /// Per block of channels [taps][lanes], and bias [lanes]; missing channels are zero.
  private let filters: [Float]
  private let bias: [Float]

  private var lanes: Int { unsafe Int(isa.depthwise.lanes) }

  /// Nil unless each channel has one filter, there are one or two spatial axes, and planes are small.
  init?(geometry g: WindowExtents, weights: PackedConvolution) {
    let lanes = unsafe Int(weights.isa.depthwise.lanes)
    let rank = g.input.count
    guard weights.form == .direct, weights.channelsPerGroup == 1, weights.outputsPerGroup == 1, rank <= 2,
      weights.groups * 2 >= lanes, g.inputCount <= 1024, g.outputCount <= 1024
    else { return nil }
    let axis = { (list: [Int], fill: Int) in (y: rank == 2 ? list[0] : fill, x: list[rank - 1]) }
    let (input, output, kernel) = (axis(g.input, 1), axis(g.output, 1), axis(g.kernel, 1))
    let (strides, dilations, pads) = (axis(g.strides, 1), axis(g.dilations, 1), axis(g.padsBegin, 0))
    window = onyx_window(
      height: Int64(input.y), width: Int64(input.x), out_height: Int64(output.y), out_width: Int64(output.x),
      kernel_height: Int64(kernel.y), kernel_width: Int64(kernel.x), stride_y: Int64(strides.y),
      stride_x: Int64(strides.x), dilation_y: Int64(dilations.y), dilation_x: Int64(dilations.x),
      pad_y: Int64(pads.y), pad_x: Int64(pads.x))
    isa = weights.isa
    (channels, inputCount, outputCount) = (weights.groups, g.inputCount, g.outputCount)
    let blocks = (channels + lanes - 1) / lanes
    let taps = g.tapCount
    var filters = [Float](repeating: 0, count: blocks * taps * lanes)
    for channel in 0..<channels {
      for tap in 0..<taps {
        filters[(channel / lanes * taps + tap) * lanes + channel % lanes] = weights.direct[channel * taps + tap]
      }
    }
    self.filters = filters
    bias = weights.bias + [Float](repeating: 0, count: blocks * lanes - channels)
  }

  func run(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, batch: Int, activation: Activation, pool: ThreadPool
  ) {
    let lanes = lanes
    let blocks = bias.count / lanes
    let taps = filters.count / bias.count
    let limits = activation.limits
    let work = (outputCount * taps + 2 * inputCount) * lanes
    pool.parallelFor(count: batch * blocks, grain: max(1, GemmProduct.serialWork / work)) { range in
      unsafe pool.workspace.withFloats((inputCount + outputCount) * lanes) { input in
        let output = unsafe input + inputCount * lanes
        for task in range {
          let block = task % blocks
          let count = min(lanes, channels - block * lanes)
          let plane = task / blocks * channels + block * lanes
          unsafe isa.gemm.pack!(
            input, Int64(lanes), 0, x + plane * inputCount, Int64(inputCount), 1, Int64(count), Int64(inputCount))
          unsafe filters.withUnsafeBufferPointer { filters in
            unsafe bias.withUnsafeBufferPointer { bias in
              unsafe withUnsafePointer(to: window) { window in
                unsafe isa.depthwise.channels!(
                  output, input, window, filters.baseAddress! + block * taps * lanes,
                  bias.baseAddress! + block * lanes, limits.low, limits.high)
              }
            }
          }
          let target = unsafe y + plane * outputCount
          unsafe isa.gemm.pack!(
            target, Int64(outputCount), 0, output, Int64(lanes), 1, Int64(outputCount), Int64(count))
          unsafe activation.apply(target, rows: count, stride: outputCount, count: outputCount, isa: isa)
        }
      }
    }
  }
}
