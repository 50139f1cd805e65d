import CKernels

/// How the output pixels of an image are dealt to threads: some rows by some columns each.
private struct PixelChunks {
  private var rows, columns: Int
  private var across: Int
  private(set) var count: Int

  init(_ image: BlockedImage, rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    across = (image.rowLength + columns - 1) / columns
    count = (image.rowCount + rows - 1) / rows * across
  }

  /// At least `parts` chunks where there are so many rows, or tiles of a single row.
  mutating func divide(_ image: BlockedImage, into parts: Int, tile: Int) {
    guard parts > count else { return }
    if image.rowCount > 1 {
      self = PixelChunks(image, rows: max(1, image.rowCount * across / parts), columns: columns)
    } else {
      let tiles = (image.rowLength + tile - 1) / tile
      self = PixelChunks(image, rows: 1, columns: max(1, tiles / parts) * tile)
    }
  }

  func extents(_ index: Int, _ image: BlockedImage) -> (rows: Range<Int>, columns: Range<Int>) {
    let (row, column) = index.quotientAndRemainder(dividingBy: across)
    return (row * rows..<min((row + 1) * rows, image.rowCount), column * columns..<min((column + 1) * columns, image.rowLength))
  }
}

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
  /// Runs of one chain.
  private let chain: Int
  /// Pixels of a tile, rows of a chunk, pixels of a chunk's row.
  private let tilePixels, chunkRows, chunkPixels: Int

  private var lanes: Int { Int(ONYX_BLOCK) }
  private static let longestChain = 512
  /// Terms of the input that a chunk of pixels may hold in the second-level cache.
  private static let chunkTerms = 96 << 10
  private static let largeWeights = 1 << 20

  package init(geometry: WindowExtents, weights: PackedFilters, activation: Activation, isa: ISA) {
    self.weights = weights
    self.activation = activation
    self.isa = isa
    let image = BlockedImage(geometry, groups: weights.runCount / weights.taps, runLength: weights.runLength)
    self.image = image
    let chains = (weights.runCount * weights.runLength + Self.longestChain - 1) / Self.longestChain
    chain = (weights.runCount + chains - 1) / max(chains, 1)
    let most = Int(isa.blocked.pixels)
    let tiles = (image.rowLength + most - 1) / max(most, 1)
    tilePixels = (image.rowLength + tiles - 1) / max(tiles, 1)
    let room = max(1, Self.chunkTerms / max(chain * weights.runLength, 1))
    chunkPixels = min(image.rowLength, Self.evenly(tiles, most: max(1, room / max(tilePixels, 1))) * tilePixels)
    chunkRows = Self.evenly(image.rowCount, most: max(1, room / max(image.rowLength, 1)))
  }

  /// The size of equal parts of `count`, as few as keep each at `most`.
  private static func evenly(_ count: Int, most: Int) -> Int {
    let parts = max(1, (count + most - 1) / most)
    return max(1, (count + parts - 1) / parts)
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
    let step = Int(isa.blocked.panels)
    let pairs = (weights.panelCount + step - 1) / step
    // Items enough to even out the threads, but not below some microseconds each.
    let work = weights.panelCount * weights.panelStride * image.geometry.outputCount
    let wanted = max(1, min(6 * pool.threadCount, work / GemmProduct.serialWork))
    var chunks = PixelChunks(image, rows: chunkRows, columns: chunkPixels)
    let filterChunks = min(pairs, max(1, (wanted + chunks.count - 1) / chunks.count))
    if chunks.count * filterChunks < wanted { chunks.divide(image, into: (wanted + filterChunks - 1) / filterChunks, tile: tilePixels) }
    let pixelChunks = chunks.count
    // Large filters come from memory once: a thread then keeps to some of them.
    let byFilters = weights.byteCount > Self.largeWeights
    pool.parallelFor(count: pixelChunks * filterChunks, grain: work < 2 * GemmProduct.serialWork ? .max : 1) { range in
      for item in range {
        let pixels = byFilters ? item % pixelChunks : item / filterChunks
        let chunk = byFilters ? item / pixelChunks : item % filterChunks
        let first = chunk * pairs / filterChunks * step
        let last = min((chunk + 1) * pairs / filterChunks * step, weights.panelCount)
        let (rows, columns) = chunks.extents(pixels, image)
        unsafe run(source, z, y, panels: first..<last, rows: rows, columns: columns)
      }
    }
  }

  /// One chunk: for each chain, each pair of panels, every tile.
  private func run(
    _ source: UnsafePointer<Float>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, panels: Range<Int>, rows: Range<Int>,
    columns: Range<Int>
  ) {
    let plane = image.geometry.outputCount * lanes
    let limits = activation.limits
    unsafe image.runs.withUnsafeBufferPointer { runs in
      unsafe weights.bias.withUnsafeBufferPointer { bias in
        for start in stride(from: 0, to: weights.runCount, by: chain) {
          let isLast = start + chain >= weights.runCount
          for panel in stride(from: panels.lowerBound, to: panels.upperBound, by: Int(isa.blocked.panels)) {
            let count = min(Int(isa.blocked.panels), panels.upperBound - panel)
            var tile = unsafe onyx_blocked_tile(
              x: source, runs: runs.baseAddress! + start, run_count: Int64(min(chain, weights.runCount - start)),
              run_length: Int64(weights.runLength), pixel_stride: Int64(image.pixelStride),
              w: weights.floats.base + panel * weights.panelStride + start * weights.runLength * lanes, w_panel_stride: Int64(weights.panelStride),
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
    for column in stride(from: columns.lowerBound, to: columns.upperBound, by: tilePixels) {
      unsafe tile.x = x + column * image.pixelStride
      unsafe tile.y = y + column * lanes
      unsafe tile.z = z.map { unsafe $0 + column * lanes }
      unsafe isa.blocked.tile!(&tile, Int64(min(tilePixels, columns.upperBound - column)), Int64(panels))
    }
  }
}
