import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads
import Testing

/// Depthwise convolution with channels last against plain loops.
@Suite struct ChannelsLastTests {
  struct Case: Sendable {
    let height, width, channels: Int
    var kernel = [7, 7], strides = [1, 1], dilations = [1, 1], pads = [3, 3, 3, 3]
    var batch = 1
  }

  static let cases: [Case] = [
    Case(height: 7, width: 7, channels: 16), Case(height: 14, width: 13, channels: 33, batch: 2), Case(height: 56, width: 56, channels: 5),
    Case(height: 9, width: 10, channels: 20, kernel: [3, 3], pads: [1, 1, 1, 1]),
    Case(height: 12, width: 8, channels: 17, kernel: [5, 5], pads: [2, 0, 1, 4]),
    Case(height: 11, width: 12, channels: 8, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1]),
    Case(height: 16, width: 15, channels: 18, kernel: [2, 4], strides: [1, 3], dilations: [3, 2], pads: [0, 2, 2, 0]),
    Case(height: 1, width: 1, channels: 1, kernel: [1, 1], pads: [0, 0, 0, 0]), Case(height: 70, width: 300, channels: 16),
  ]

  @Test(arguments: ISA.tiers.indices, cases.indices) func plainLoops(tier: Int, row: Int) throws {
    let (isa, c) = (ISA.tiers[tier], Self.cases[row])
    let geometry = WindowExtents(
      input: [c.height, c.width], kernel: c.kernel, strides: c.strides, dilations: c.dilations, padsBegin: [c.pads[0], c.pads[1]],
      padsEnd: [c.pads[2], c.pads[3]])
    let taps = geometry.tapCount
    let x = Buffer(random: c.batch * geometry.inputCount * c.channels, seed: 1)
    let w = Buffer(random: c.channels * taps, seed: 2)
    let bias = Buffer(random: c.channels, seed: 3)
    var expected: [Double] = []
    var scale: [Double] = []
    for image in 0..<c.batch {
      for oy in 0..<geometry.output[0] {
        for ox in 0..<geometry.output[1] {
          for channel in 0..<c.channels {
            var (sum, size) = (Double(bias[channel]), 1.0)
            for ky in 0..<c.kernel[0] {
              for kx in 0..<c.kernel[1] {
                let (iy, ix) = (oy * c.strides[0] - c.pads[0] + ky * c.dilations[0], ox * c.strides[1] - c.pads[1] + kx * c.dilations[1])
                guard (0..<c.height).contains(iy), (0..<c.width).contains(ix) else { continue }
                let term =
                  Double(x[((image * c.height + iy) * c.width + ix) * c.channels + channel])
                  * Double(w[channel * taps + ky * c.kernel[1] + kx])
                sum += term
                size += term.magnitude
              }
            }
            expected.append(sum)
            scale.append(size)
          }
        }
      }
    }
    let blocks = (c.channels + 15) / 16
    let packed = try unsafe PackedFloats(count: blocks * 16 * (taps + 1)) { target in
      unsafe ChannelsLastDepthwise.pack(w.base, bias: bias.base, channels: c.channels, taps: taps, into: target)
    }
    let convolution = ChannelsLastDepthwise(geometry: geometry, batch: c.batch, channels: c.channels, weights: packed, isa: isa)
    var first: [UInt32] = []
    for threads in [1, 2, 3] {
      let y = Buffer(count: expected.count)
      unsafe convolution.run(x.base, y.base, pool: ThreadPool(threads: threads))
      if threads == 1 {
        first = bits(y.values)
        expectClose(y.values, expected, scale: scale, relative: 1e-6, "\(isa.name) \(c)")
      }
      #expect(bits(y.values) == first, "\(isa.name) \(c) \(threads)")
    }
  }
}
