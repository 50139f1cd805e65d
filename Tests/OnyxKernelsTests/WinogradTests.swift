import CKernels
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads
import Testing

struct WinogradCase: CustomTestStringConvertible {
  var height: Int, width: Int
  var channels: Int, filters: Int
  var batch = 1
  /// top, left, bottom, right
  var pads = [1, 1, 1, 1]

  var testDescription: String { "\(channels)@\(height)x\(width) -> \(filters) b\(batch) p\(pads)" }
  var output: (height: Int, width: Int) { (height + pads[0] + pads[2] - 2, width + pads[1] + pads[3] - 2) }

  static let sizes = [(1, 1), (2, 3), (5, 7), (7, 7), (13, 14), (30, 31)]
  static let channels = [(1, 17), (3, 64), (16, 16), (17, 24), (24, 1), (40, 3), (64, 40), (70, 33)]
  static let pads = [[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 1, 1], [2, 1, 0, 2]]

  static let all: [WinogradCase] =
    sizes.indices.flatMap { size in
      channels.indices.map { at in
        WinogradCase(
          height: sizes[size].0, width: sizes[size].1, channels: channels[at].0, filters: channels[at].1, batch: 1 + (size + at) % 3,
          pads: min(sizes[size].0, sizes[size].1) < 3 ? [1, 1, 1, 1] : pads[(size + at) % pads.count])
      }
    } + [
      WinogradCase(height: 4, width: 4, channels: 5, filters: 6, pads: [0, 0, 0, 0]),
      WinogradCase(height: 7, width: 7, channels: 512, filters: 32),
      // Several groups of tiles, and several blocks in a group.
      WinogradCase(height: 60, width: 61, channels: 48, filters: 20), WinogradCase(height: 150, width: 90, channels: 17, filters: 16),
    ]
}

@Suite struct WinogradTests {
  /// [n, c, pixel] as blocks of 16 channels; lanes without a channel hold 3.
  func blocked(_ plain: Buffer, _ n: Int, _ c: Int, _ pixels: Int) -> Buffer {
    let blocks = (c + 15) / 16
    let result = Buffer(count: n * blocks * pixels * 16, value: 3)
    for i in 0..<n * c * pixels {
      let (image, channel, pixel) = (i / (c * pixels), i / pixels % c, i % pixels)
      unsafe result.base[((image * blocks + channel / 16) * pixels + pixel) * 16 + channel % 16] = plain[i]
    }
    return result
  }

  func plain(_ values: [Float], _ n: Int, _ c: Int, _ pixels: Int) -> [Float] {
    (0..<n * c * pixels).map { i in
      let (image, channel, pixel) = (i / (c * pixels), i / pixels % c, i % pixels)
      return values[((image * ((c + 15) / 16) + channel / 16) * pixels + pixel) * 16 + channel % 16]
    }
  }

  /// The sums in Double, without bias and addend.
  func reference(_ c: WinogradCase, _ x: Buffer, _ w: Buffer) -> [Double] {
    let (height, width) = c.output
    var y = [Double](repeating: 0, count: c.batch * c.filters * height * width)
    let (xs, ws) = (x.values.map(Double.init), w.values.map(Double.init))
    for n in 0..<c.batch {
      for f in 0..<c.filters {
        for ch in 0..<c.channels {
          let (plane, filter) = ((n * c.channels + ch) * c.height * c.width, (f * c.channels + ch) * 9)
          for oy in 0..<height {
            for ox in 0..<width {
              var sum = 0.0
              for ky in max(0, c.pads[0] - oy)..<min(3, c.height + c.pads[0] - oy) {
                for kx in max(0, c.pads[1] - ox)..<min(3, c.width + c.pads[1] - ox) {
                  sum += xs[plane + (oy + ky - c.pads[0]) * c.width + ox + kx - c.pads[1]] * ws[filter + ky * 3 + kx]
                }
              }
              y[((n * c.filters + f) * height + oy) * width + ox] += sum
            }
          }
        }
      }
    }
    return y
  }

  /// Both sizes on every tier against the definition; the same bits on 1, 2 and 3 threads; addend in place; activations.
  @Test(arguments: WinogradCase.all) func geometries(_ c: WinogradCase) throws {
    let (height, width) = c.output
    let count = c.batch * c.filters * height * width
    let x = Buffer(random: c.batch * c.channels * c.height * c.width, seed: 1)
    let w = Buffer(random: c.filters * c.channels * 9, seed: 2)
    let bias = Buffer(random: c.filters, seed: 3)
    let z = Buffer(random: count, seed: 4)
    let sums = reference(c, x, w)
    let scale = sums.reduce(1) { max($0, $1.magnitude) }
    let full = sums.indices.map { sums[$0] + Double(bias[$0 / (height * width) % c.filters]) + Double(z[$0]) }
    let xs = blocked(x, c.batch, c.channels, c.height * c.width)
    for (isa, size) in ISA.tiers.flatMap({ isa in WinogradSize.allCases.map { (isa, $0) } }) {
      let functions: [(Bool, Activation, (Double) -> Double)] = [
        (false, .none, { $0 }), (true, .relu, { max($0, 0) }),
        (true, .unary(UnaryOperation(ONYX_UNARY_HARD_SWISH)), { $0 * min(max($0 / 6 + 0.5, 0), 1) }),
      ]
      for (isFull, activation, function) in functions {
        let filters = try unsafe WinogradFilters(
          filters: c.filters, channels: c.channels, bias: isFull ? bias.values : nil, isa: isa
        ) { (count, fill) throws(OnyxError) in
          try unsafe PackedFloats(count: count) { unsafe fill($0, [UnsafePointer(w.base)], serial) }
        }
        let shape = WinogradShape(
          size, batch: c.batch, channels: c.channels, filters: c.filters, input: .init(height: c.height, width: c.width),
          output: .init(height: height, width: width), padTop: c.pads[0], padLeft: c.pads[1])
        let convolution = WinogradConvolution(shape, filters: filters, activation: activation, isa: isa)
        let runs = [1, 2, 3].map { threads in
          let y = blocked(z, c.batch, c.filters, height * width)
          unsafe convolution.run(xs.base, z: isFull ? UnsafePointer(y.base) : nil, y.base, pool: ThreadPool(threads: threads))
          return plain(y.values, c.batch, c.filters, height * width)
        }
        expectClose(
          runs[0], (isFull ? full : sums).map(function), scale: sums.map { _ in scale }, relative: size == .four ? 5e-6 : 1e-6,
          "\(isa.name) \(size) \(activation)")
        #expect(bits(runs[0]) == bits(runs[1]) && bits(runs[0]) == bits(runs[2]), "\(isa.name) \(size) threads")
      }
    }
  }

  /// The products of every number of tiles that a kernel keeps in registers, between guard pages.
  @Test(arguments: [(1, 1), (2, 16), (3, 17), (5, 40), (6, 9), (7, 64), (13, 33), (28, 20), (29, 3), (61, 18)])
  func products(_ tiles: Int, _ channels: Int) {
    let (positions, blocks) = (4, (channels + 15) / 16)
    let v = Buffer(random: positions * blocks * tiles * 16, seed: 5)
    let u = Buffer(random: positions * channels * 16, seed: 6)
    var expected = [Double](repeating: 0, count: positions * tiles * 16)
    for p in 0..<positions {
      for (t, f) in (0..<tiles).flatMap({ t in (0..<16).map { (t, $0) } }) {
        for c in 0..<channels {
          expected[(p * tiles + t) * 16 + f] +=
            Double(v[((p * blocks + c / 16) * tiles + t) * 16 + c % 16]) * Double(u[(p * channels + c) * 16 + f])
        }
      }
    }
    for isa in ISA.tiers {
      let row = unsafe isa.winograd
      for accumulate in [Int32(0), 1] {
        let m = Buffer(count: expected.count, value: accumulate == 0 ? .nan : 2)
        var product = unsafe onyx_winograd_product(
          v: v.base, v_position_stride: Int64(blocks * tiles * 16), v_block_stride: Int64(tiles * 16), u: u.base,
          u_position_stride: Int64(channels * 16), m: m.base, m_position_stride: Int64(tiles * 16), positions: Int64(positions),
          tiles: Int64(tiles), channels: Int64(channels), accumulate: accumulate, ahead: nil, ahead_bytes: 0)
        unsafe row.product!(&product)
        expectClose(
          m.values, expected.map { $0 + 2 * Double(accumulate) }, scale: expected.map { _ in Double(channels) }, relative: 1e-6,
          "tier \(row.isa)")
      }
    }
  }
}
