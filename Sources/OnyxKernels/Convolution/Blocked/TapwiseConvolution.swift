import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// A dense convolution of stride 1 in channel blocks many of whose taps meet padding: widely dilated windows over small images. Each tap
/// goes over the output pixels where it meets the image, so that nothing is staged and no zeros are multiplied.
///
/// A sum goes over (tap, channel) in chains of at most 512 terms, the tap that meets the image everywhere first, with bias and z; y may
/// be the memory of z. It does not depend on the number of threads.
///
/// SAFETY: `x` holds `batch` images of the geometry's planes, `y` and `z` batch · panels · outputCount · 16 floats. A tap's rows and
/// columns are those whose input pixels lie inside the image.
struct TapwiseConvolution: Sendable {
  /// The output pixels at which a tap meets the image, and the input pixel under the first output pixel, which need not exist.
  private struct Tap: Sendable {
    let index: Int
    let rows, columns: Range<Int>
    let origin: Int

    var pixels: Int { rows.count * columns.count }
  }

  private let geometry: WindowExtents
  private let taps: [Tap]
  private let runs: [Int64]
  private let filters, channels, runLength: Int
  private let bias: [Float]
  private let floats: PackedFloats
  private let activation: Activation
  private let isa: ISA

  private static let lanes = Int(ONYX_BLOCK)
  private static let longestChain = 512

  private var panels: Int { (filters + Self.lanes - 1) / Self.lanes }
  /// Terms of a panel for one tap.
  private var tapStride: Int { runs.count * runLength * Self.lanes }
  private var panelStride: Int { geometry.tapCount * tapStride }

  /// nil unless the window has stride 1, one of its taps meets the image everywhere, and the others meet it seldom enough.
  static func serves(_ g: WindowExtents) -> Bool {
    guard let taps = Self.taps(g) else { return false }
    return 10 * taps.reduce(0) { $0 + $1.pixels } < 7 * g.tapCount * g.outputCount
  }

  private static func taps(_ g: WindowExtents) -> [Tap]? {
    guard g.input.count == 2, g.strides == [1, 1], g.tapCount > 1, g.tapCount <= 1 << 10, g.outputCount > 0 else { return nil }
    var taps: [Tap] = []
    for index in 0..<g.tapCount {
      let places = [index / g.kernel[1] * g.dilations[0] - g.padsBegin[0], index % g.kernel[1] * g.dilations[1] - g.padsBegin[1]]
      let ranges = (0..<2).map { axis in
        let first = min(max(-places[axis], 0), g.output[axis])
        return first..<max(first, min(g.output[axis], g.input[axis] - places[axis]))
      }
      if ranges.contains(where: \.isEmpty) { continue }
      taps.append(Tap(index: index, rows: ranges[0], columns: ranges[1], origin: places[0] * g.input[1] + places[1]))
    }
    guard let whole = taps.firstIndex(where: { $0.pixels == g.outputCount }) else { return nil }
    taps.insert(taps.remove(at: whole), at: 0)
    return taps
  }

  /// The weights of the query's input 1, [filters, channels, taps], are packed as [panel][tap][channel][16].
  init?(_ query: KernelQuery, _ site: BlockedConvSite) throws(OnyxError) {
    let g = site.geometry
    guard let taps = Self.taps(g) else { return nil }
    let (filters, channels, lanes, isa) = (site.layout.filters, site.layout.channels, Self.lanes, query.isa)
    let length = PackedFilters.runLength(channels: channels)
    let (groups, parts, tapCount) = ((channels + length - 1) / length, lanes / length, g.tapCount)
    (geometry, self.taps, self.filters, self.channels, runLength, activation, self.isa) = (
      g, taps, filters, channels, length, site.activation, isa
    )
    runs = (0..<groups).map { Int64($0 / parts * g.inputCount * lanes + $0 % parts * length) }
    let panels = (filters + lanes - 1) / lanes
    let bias = try site.biasValues() ?? []
    self.bias = bias + Array(repeating: 0, count: panels * lanes - bias.count)
    let tapStride = groups * length * lanes
    let (stride, overflow) = tapStride.multipliedReportingOverflow(by: tapCount)
    let (count, more) = stride.multipliedReportingOverflow(by: panels)
    guard !overflow, !more else { throw .budget("The weights of \(filters) filters do not fit in memory.") }
    floats = unsafe query.packedFloats("blocked_tapwise_\(isa.name)", count: count, from: [site.weights]) { target, sources, pool in
      pool.parallelFor(count: panels * tapCount, grain: max(1, 16384 / max(tapStride, 1))) { range in
        for item in range {
          let (panel, tap) = item.quotientAndRemainder(dividingBy: tapCount)
          let first = panel * lanes
          let place = unsafe target + item * tapStride
          unsafe place.update(repeating: 0, count: tapStride)
          unsafe isa.gemm.pack!(
            place, Int64(lanes), 0, sources[0] + first * channels * tapCount + tap, Int64(channels * tapCount), Int64(tapCount),
            Int64(min(lanes, filters - first)), Int64(channels))
        }
      }
    }
  }

  /// y = activation(x ∗ weights + bias + z).
  func run(_ x: UnsafePointer<Float>, z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, batch: Int, pool: ThreadPool) {
    let (lanes, step) = unsafe (Self.lanes, Int(isa.blocked.panels))
    let pairs = (panels + step - 1) / step
    let bands = min(geometry.output[0], max(1, 6 * pool.threadCount / max(pairs * batch, 1)))
    let (input, output) = ((channels + lanes - 1) / lanes * geometry.inputCount * lanes, panels * geometry.outputCount * lanes)
    pool.parallelFor(count: batch * pairs * bands) { range in
      for job in range {
        let (chunk, band) = job.quotientAndRemainder(dividingBy: bands)
        let (image, pair) = chunk.quotientAndRemainder(dividingBy: pairs)
        let rows = band * geometry.output[0] / bands..<(band + 1) * geometry.output[0] / bands
        unsafe run(
          x + image * input, z.map { unsafe $0 + image * output }, y + image * output, panels: pair * step..<min((pair + 1) * step, panels),
          rows: rows)
      }
    }
  }

  /// Some rows of neighbouring panels: every tap, then what follows the sum.
  private func run(
    _ x: UnsafePointer<Float>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, panels: Range<Int>, rows: Range<Int>
  ) {
    let (lanes, width, plane) = (Self.lanes, geometry.output[1], geometry.outputCount * Self.lanes)
    let most = unsafe Int(isa.blocked.pixels)
    let chain = max(1, Self.longestChain / runLength)
    unsafe runs.withUnsafeBufferPointer { runs in
      unsafe bias.withUnsafeBufferPointer { bias in
        for (order, tap) in taps.enumerated() {
          let tiles = (tap.columns.count + most - 1) / most
          let pixels = (tap.columns.count + tiles - 1) / tiles
          for start in stride(from: 0, to: runs.count, by: chain) {
            let isFirst = order == 0 && start == 0
            var tile = unsafe onyx_blocked_tile(
              x: x, runs: runs.baseAddress! + start, run_count: Int64(min(chain, runs.count - start)), run_length: Int64(runLength),
              pixel_stride: Int64(lanes),
              w: floats.base + panels.lowerBound * panelStride + tap.index * tapStride + start * runLength * lanes,
              w_panel_stride: Int64(panelStride), y: y, y_panel_stride: Int64(plane),
              bias: isFirst ? bias.baseAddress! + panels.lowerBound * lanes : nil, z: nil, low: -.infinity, high: .infinity,
              flags: isFirst ? 0 : UInt32(ONYX_BLOCKED_ACCUMULATE))
            for row in rows.clamped(to: tap.rows) {
              for column in stride(from: tap.columns.lowerBound, to: tap.columns.upperBound, by: pixels) {
                let at = panels.lowerBound * plane + (row * width + column) * lanes
                unsafe tile.x = x + (tap.origin + row * geometry.input[1] + column) * lanes
                unsafe tile.y = y + at
                unsafe tile.z = isFirst ? z.map { unsafe $0 + at } : nil
                unsafe isa.blocked.tile!(&tile, Int64(min(pixels, tap.columns.upperBound - column)), Int64(panels.count))
              }
            }
          }
        }
      }
    }
    let limits = activation.limits
    let count = rows.count * width * lanes
    for panel in panels {
      let place = unsafe y + panel * plane + rows.lowerBound * width * lanes
      if limits.low > -.infinity || limits.high < .infinity {
        unsafe isa.elementwise.unary[UnaryOperation.clip.rawValue]!(place, place, Int64(count), limits.low, limits.high)
      }
      unsafe activation.apply(place, rows: 1, stride: count, count: count, isa: isa)
    }
  }
}
