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
  /// Output rows whose input a thread stages at a time; nil where whole planes are staged.
  private let strip: Strip?

  private struct Strip: Sendable {
    let rows, planeCount: Int
    let runs: [Int64]
  }

  /// Floats of a strip that leave room for weights and results in the second-level cache.
  private static let stripFloats = 40 << 10
  /// Above these bytes of weights threads take shares of the filters, and each strip would be staged for each of them.
  private static let stripWeights = 384 << 10
  private static let leastStripRows = 12

  private var lanes: Int { Int(ONYX_BLOCK) }

  package init(geometry: WindowExtents, weights: PackedFilters, activation: Activation, isa: ISA) {
    self.weights = weights
    self.activation = activation
    self.isa = isa
    let image = BlockedImage(geometry, groups: weights.runCount / weights.taps, runLength: weights.runLength)
    self.image = image
    let tiling = unsafe PixelTiling(image, runCount: weights.runCount, runLength: weights.runLength, most: Int(isa.blocked.pixels))
    self.tiling = tiling
    strip = Self.strip(image, tiling, weights)
  }

  private static func strip(_ image: BlockedImage, _ tiling: PixelTiling, _ weights: PackedFilters) -> Strip? {
    guard image.isBlocked, image.needsCopy, image.rowCount >= leastStripRows, image.imageCount > stripFloats,
      tiling.chunkPixels == image.rowLength, weights.byteCount <= stripWeights
    else { return nil }
    let most = (1...8).last { image.planes * image.stripPlaneCount(rows: $0) <= stripFloats }
    return most.map { Strip(rows: $0, planeCount: image.stripPlaneCount(rows: $0), runs: image.stripRuns(rows: $0)) }
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
    if let strip, unsafe factors == nil {
      for n in 0..<batch { unsafe run(strip, x + n * input, z: z.map { unsafe $0 + n * output }, y + n * output, pool) }
      return
    }
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
    ) { panels, rows, columns in unsafe run(source, z, y, panels: panels, rows: rows, columns: columns, runs: image.runs) }
  }

  /// One image in strips, each staged by the thread that reads it: chunks of pixels by all filters.
  private func run(
    _ strip: Strip, _ x: UnsafePointer<Float>, z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    tiling.run(
      image, panelCount: weights.panelCount, step: weights.panelCount, panelStride: weights.panelStride, byteCount: weights.byteCount, pool
    ) { panels, rows, columns in
      unsafe pool.workspace.withFloats(image.planes * strip.planeCount) { staged in
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: strip.rows) {
          let part = first..<min(first + strip.rows, rows.upperBound)
          for plane in 0..<image.planes { unsafe image.stage(plane, rows: part, x, into: staged + plane * strip.planeCount) }
          unsafe run(
            UnsafePointer(staged) - first * image.rowStride, z, y, panels: panels, rows: part, columns: columns, runs: strip.runs)
        }
      }
    }
  }

  /// One chunk: for each chain, each pair of panels, every tile.
  private func run(
    _ source: UnsafePointer<Float>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, panels: Range<Int>, rows: Range<Int>,
    columns: Range<Int>, runs: [Int64]
  ) {
    let (plane, limits, chain, step) = unsafe (
      image.geometry.outputCount * lanes, activation.limits, tiling.chain, Int(isa.blocked.panels)
    )
    unsafe runs.withUnsafeBufferPointer { runs in
      unsafe weights.bias.withUnsafeBufferPointer { bias in
        for start in stride(from: 0, to: weights.runCount, by: chain) {
          let isLast = start + chain >= weights.runCount
          for panel in stride(from: panels.lowerBound, to: panels.upperBound, by: step) {
            let count = min(step, panels.upperBound - panel)
            var tile = unsafe onyx_blocked_tile(
              x: source, runs: runs.baseAddress! + start, run_count: Int64(min(chain, weights.runCount - start)),
              run_length: Int64(weights.runLength), pixel_stride: Int64(image.pixelStride),
              w: weights.floats.base + panel * weights.panelStride + start * weights.runLength * lanes,
              w_panel_stride: Int64(weights.panelStride),
              y: y, y_panel_stride: Int64(plane), bias: isLast ? bias.baseAddress! + panel * lanes : nil, z: nil,
              low: isLast ? limits.low : -.infinity, high: isLast ? limits.high : .infinity,
              flags: start > 0 ? UInt32(ONYX_BLOCKED_ACCUMULATE) : 0)
            unsafe run(
              &tile, source, start == 0 ? z.map { unsafe $0 + panel * plane } : nil, y + panel * plane, rows, columns, panels: count)
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

  /// The tiles of some pixels; z and y begin at the first panel.
  private func run(
    _ tile: inout onyx_blocked_tile, _ x: UnsafePointer<Float>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>,
    _ rows: Range<Int>, _ columns: Range<Int>, panels: Int
  ) {
    let (makeTile, lanes, most) = unsafe (isa.blocked.tile!, lanes, tiling.tilePixels)
    let (rowStride, rowLength, pixelStride) = (image.rowStride, image.rowLength, image.pixelStride)
    for row in rows {
      let (source, first) = unsafe (x + row * rowStride, row * rowLength * lanes)
      for column in stride(from: columns.lowerBound, to: columns.upperBound, by: most) {
        let at = first + column * lanes
        unsafe tile.x = source + column * pixelStride
        unsafe tile.y = y + at
        unsafe tile.z = z.map { unsafe $0 + at }
        unsafe makeTile(&tile, Int64(min(most, columns.upperBound - column)), Int64(panels))
      }
    }
  }
}
