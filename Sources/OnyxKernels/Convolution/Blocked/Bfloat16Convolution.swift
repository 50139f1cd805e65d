import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// A dense convolution from channel blocks into channel blocks whose operands are rounded to bfloat16. Each image is rounded as a whole
/// before it is read.
///
/// Sums go as those of `BlockedConvolution`: chains of at most 512 terms, the first of them together with z, so that y may be the memory
/// of z; they do not depend on the number of threads.
///
/// SAFETY: `x` holds `batch` images of the geometry's planes, `y` and `z` batch · panels · outputCount · 16 floats, `factors`
/// batch · blocks · 16. Offsets of `BlockedImage` stay inside an image; panels hold runs · runLength terms.
struct Bfloat16Convolution: Sendable {
  private let panels: Bfloat16Panels
  private let activation: Activation
  private let image: BlockedImage
  private let tiling: PixelTiling
  private let runLength: Int
  private let isa: ISA

  private var lanes: Int { Int(ONYX_BLOCK) }

  /// The weights of the query's input 1, [filters, channels, taps], are packed for it.
  init(_ query: KernelQuery, _ site: BlockedConvSite, bias: [Float]?) throws(OnyxError) {
    let (channels, taps, isa) = (site.layout.channels, site.geometry.tapCount, query.isa)
    let length = PackedFilters.runLength(channels: channels)
    let groups = (channels + length - 1) / length
    image = BlockedImage(site.geometry, groups: groups, runLength: length)
    runLength = length
    tiling = unsafe PixelTiling(image, runCount: groups * taps, runLength: length, most: Int(isa.bf16.rows))
    activation = site.activation
    self.isa = isa
    let lanes = Int(ONYX_BLOCK)
    panels = unsafe try Bfloat16Panels(
      query, site.weights, lanes: site.layout.filters, terms: groups * taps * length, bias: bias
    ) { target, source, first, filters in
      let weights = unsafe source + first * channels * taps
      // Without a window the channels of all runs are neighbours.
      for run in 0..<(taps == 1 ? 1 : groups * taps) {
        let (block, tap) = run.quotientAndRemainder(dividingBy: taps)
        let count = taps == 1 ? channels : min(length, channels - block * length)
        unsafe isa.bf16.pack!(
          target + run * length * lanes, weights + block * length * taps + tap, Int64(channels * taps), Int64(taps), Int64(filters),
          Int64(count))
      }
    }
  }

  /// y = activation(x · factors ∗ weights + bias + z).
  func run(
    _ x: UnsafePointer<Float>, factors: UnsafePointer<Float>?, z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, batch: Int,
    pool: ThreadPool
  ) {
    let input = image.geometry.inputCount * image.planes * lanes
    let output = image.geometry.outputCount * panels.panelCount * lanes
    unsafe pool.workspace.withHalves(image.imageCount) { staged in
      for n in 0..<batch {
        unsafe image.stageRounded(
          x + n * input, factors: factors.map { unsafe $0 + n * image.planes * lanes }, into: staged, isa: isa, pool: pool)
        let (z, y) = unsafe (z.map { unsafe $0 + n * output }, y + n * output)
        unsafe tiling.run(
          image, panelCount: panels.panelCount, step: Int(isa.bf16.panels), panelStride: panels.panelStride, byteCount: panels.byteCount,
          pool
        ) { panels, rows, columns in unsafe run(staged, z, y, panels: panels, rows: rows, columns: columns) }
      }
    }
  }

  /// One chunk: for each chain, each pair of panels, every tile.
  private func run(
    _ source: UnsafePointer<UInt16>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, panels chunk: Range<Int>,
    rows: Range<Int>,
    columns: Range<Int>
  ) {
    let plane = image.geometry.outputCount * lanes
    let limits = activation.limits
    let (chain, step, runCount) = unsafe (tiling.chain, Int(isa.bf16.panels), image.runs.count)
    unsafe image.runs.withUnsafeBufferPointer { runs in
      unsafe panels.bias.withUnsafeBufferPointer { bias in
        for start in stride(from: 0, to: runCount, by: chain) {
          let isLast = start + chain >= runCount
          for panel in stride(from: chunk.lowerBound, to: chunk.upperBound, by: step) {
            let count = min(step, chunk.upperBound - panel)
            var tile = unsafe onyx_bf16_tile(
              x: source, runs: runs.baseAddress! + start, run_count: Int64(min(chain, runCount - start)), run_length: Int64(runLength),
              x_stride: Int64(image.pixelStride), w: panels.base + panel * panels.panelStride + start * runLength * lanes,
              w_panel_stride: Int64(panels.panelStride), y: y, y_panel_stride: Int64(plane), y_stride: Int64(lanes), lanes: Int64(lanes),
              bias: isLast ? bias.baseAddress! + panel * lanes : nil, z: nil, low: isLast ? limits.low : -.infinity,
              high: isLast ? limits.high : .infinity, flags: start > 0 ? UInt32(ONYX_BLOCKED_ACCUMULATE) : 0)
            for row in rows {
              let output = panel * plane + row * image.rowLength * lanes
              unsafe run(
                &tile, source + row * image.rowStride, start == 0 ? z.map { unsafe $0 + output } : nil, y + output, columns, panels: count)
            }
            if isLast { unsafe activate(y, panels: panel..<panel + count, rows: rows, columns: columns) }
          }
        }
      }
    }
  }

  private func activate(_ y: UnsafeMutablePointer<Float>, panels: Range<Int>, rows: Range<Int>, columns: Range<Int>) {
    let first = (rows.lowerBound * image.rowLength + columns.lowerBound) * lanes
    let run = columns.count == image.rowLength ? rows.count * image.rowLength : columns.count
    for panel in panels {
      unsafe activation.apply(
        y + panel * image.geometry.outputCount * lanes + first, rows: rows.count * columns.count / max(run, 1),
        stride: image.rowLength * lanes,
        count: run * lanes, isa: isa)
    }
  }

  /// The tiles of some pixels of one row.
  private func run(
    _ tile: inout onyx_bf16_tile, _ x: UnsafePointer<UInt16>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>,
    _ columns: Range<Int>,
    panels: Int
  ) {
    for column in stride(from: columns.lowerBound, to: columns.upperBound, by: tiling.tilePixels) {
      unsafe tile.x = x + column * image.pixelStride
      unsafe tile.y = y + column * lanes
      unsafe tile.z = z.map { unsafe $0 + column * lanes }
      unsafe isa.bf16.tile!(&tile, Int64(min(tiling.tilePixels, columns.upperBound - column)), Int64(panels))
    }
  }
}
