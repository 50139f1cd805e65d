import CKernels
import OnyxThreads

/// A dense float32 convolution into channel blocks: 1×1, any other window, and the first layer over a plain image.
///
/// A sum goes over (channel block, tap, channel) in chains of at most 512 terms, the first of them together with z, so that y may
/// be the memory of z; it does not depend on the number of threads.
///
/// SAFETY: `x` holds `batch` images of the geometry's planes, `y` and `z` batch · panels · outputCount · 16 floats, `factors`
/// batch · blocks · 16. Offsets of `BlockedImage` stay inside an image.
package struct BlockedConvolution: Sendable {
  package let weights: PackedFilters
  package let activation: Activation
  private let image: BlockedImage
  private let isa: ISA
  private let tiling: PixelTiling

  private var lanes: Int { Int(ONYX_BLOCK) }

  package init(geometry: WindowExtents, weights: PackedFilters, activation: Activation, isa: ISA) {
    self.weights = weights
    self.activation = activation
    self.isa = isa
    let image = BlockedImage(geometry, groups: weights.runCount / weights.taps, runLength: weights.runLength)
    self.image = image
    tiling = unsafe PixelTiling(image, runCount: weights.runCount, runLength: weights.runLength, most: Int(isa.blocked.pixels))
  }

  /// Floats of scratch for one staged image.
  private func stagedCount(scaled: Bool) -> Int { image.needsCopy || scaled ? image.imageCount : 0 }

  /// y = activation(x · factors ∗ weights + bias + z).
  package func run(
    _ x: UnsafePointer<Float>, factors: UnsafePointer<Float>?, z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, batch: Int,
    pool: ThreadPool
  ) {
    let planes = image.planes
    let input = image.geometry.inputCount * planes * (image.isBlocked ? lanes : 1)
    let output = image.geometry.outputCount * weights.panelCount * lanes
    let staged = unsafe stagedCount(scaled: factors != nil)
    unsafe pool.workspace.withFloats(staged) { scratch in
      for n in 0..<batch {
        var source = unsafe x + n * input
        if staged > 0 {
          let plain = unsafe source
          let factors = unsafe factors.map { unsafe $0 + n * planes * lanes }
          pool.parallelFor(count: planes, grain: max(1, 8192 / max(image.planeCount, 1))) { range in
            for plane in range { unsafe image.stage(plane, plain, factors: factors, into: scratch, isa: isa) }
          }
          unsafe source = UnsafePointer(scratch)
        }
        unsafe run(source, z: z.map { unsafe $0 + n * output }, y + n * output, pool)
      }
    }
  }

  /// One image: chunks of pixels by chunks of filters.
  private func run(_ source: UnsafePointer<Float>, z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
    unsafe tiling.run(
      image, panelCount: weights.panelCount, step: Int(isa.blocked.panels), panelStride: weights.panelStride, byteCount: weights.byteCount,
      pool
    ) { panels, rows, columns in unsafe run(source, z, y, panels: panels, rows: rows, columns: columns) }
  }

  /// One chunk: for each chain, each pair of panels, every tile.
  private func run(
    _ source: UnsafePointer<Float>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, panels: Range<Int>, rows: Range<Int>,
    columns: Range<Int>
  ) {
    let plane = image.geometry.outputCount * lanes
    let limits = activation.limits
    let chain = tiling.chain
    unsafe image.runs.withUnsafeBufferPointer { runs in
      unsafe weights.bias.withUnsafeBufferPointer { bias in
        for start in stride(from: 0, to: weights.runCount, by: chain) {
          let isLast = start + chain >= weights.runCount
          for panel in unsafe stride(from: panels.lowerBound, to: panels.upperBound, by: Int(isa.blocked.panels)) {
            let count = unsafe min(Int(isa.blocked.panels), panels.upperBound - panel)
            var tile = unsafe onyx_blocked_tile(
              x: source, runs: runs.baseAddress! + start, run_count: Int64(min(chain, weights.runCount - start)),
              run_length: Int64(weights.runLength), pixel_stride: Int64(image.pixelStride),
              w: weights.floats.base + panel * weights.panelStride + start * weights.runLength * lanes,
              w_panel_stride: Int64(weights.panelStride),
              y: y, y_panel_stride: Int64(plane), bias: isLast ? bias.baseAddress! + panel * lanes : nil, z: nil,
              low: isLast ? limits.low : -.infinity, high: isLast ? limits.high : .infinity,
              flags: start > 0 ? UInt32(ONYX_BLOCKED_ACCUMULATE) : 0)
            for row in rows {
              let output = panel * plane + row * image.rowLength * lanes
              unsafe run(
                &tile, source + row * image.rowStride, start == 0 ? z.map { unsafe $0 + output } : nil, y + output, columns, panels: count)
            }
            if isLast {
              let (first, length) = ((rows.lowerBound * image.rowLength + columns.lowerBound) * lanes, lanes)
              let run = columns.count == image.rowLength ? rows.count * image.rowLength : columns.count
              for panel in panel..<panel + count {
                unsafe activation.apply(
                  y + panel * plane + first, rows: rows.count * columns.count / max(run, 1), stride: image.rowLength * length,
                  count: run * length, isa: isa)
              }
            }
          }
        }
      }
    }
  }

  /// The tiles of some pixels of one row.
  private func run(
    _ tile: inout onyx_blocked_tile, _ x: UnsafePointer<Float>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>,
    _ columns: Range<Int>, panels: Int
  ) {
    for column in stride(from: columns.lowerBound, to: columns.upperBound, by: tiling.tilePixels) {
      unsafe tile.x = x + column * image.pixelStride
      unsafe tile.y = y + column * lanes
      unsafe tile.z = z.map { unsafe $0 + column * lanes }
      unsafe isa.blocked.tile!(&tile, Int64(min(tiling.tilePixels, columns.upperBound - column)), Int64(panels))
    }
  }
}
