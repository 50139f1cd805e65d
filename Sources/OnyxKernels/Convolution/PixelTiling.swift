import OnyxThreads

/// The output pixels of a convolution as rows of neighbours.
protocol PixelRows {
  /// Pixels of a row, and rows.
  var rowLength: Int { get }
  var rowCount: Int { get }
}

extension BlockedImage: PixelRows {}

/// How the output pixels of an image are dealt to threads: some rows by some columns each.
private struct PixelChunks {
  private var rows, columns: Int
  private var across: Int
  private(set) var count: Int

  init(_ image: some PixelRows, rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    across = (image.rowLength + columns - 1) / columns
    count = (image.rowCount + rows - 1) / rows * across
  }

  /// At least `parts` chunks where there are so many rows, or tiles of a single row.
  mutating func divide(_ image: some PixelRows, into parts: Int, tile: Int) {
    guard parts > count else { return }
    if image.rowCount > 1 {
      self = PixelChunks(image, rows: max(1, image.rowCount * across / parts), columns: columns)
    } else {
      let tiles = (image.rowLength + tile - 1) / tile
      self = PixelChunks(image, rows: 1, columns: max(1, tiles / parts) * tile)
    }
  }

  func extents(_ index: Int, _ image: some PixelRows) -> (rows: Range<Int>, columns: Range<Int>) {
    let (row, column) = index.quotientAndRemainder(dividingBy: across)
    return (row * rows..<min((row + 1) * rows, image.rowCount), column * columns..<min((column + 1) * columns, image.rowLength))
  }
}

/// How sums and output pixels of a dense convolution in channel blocks are cut. It depends on the shape and the tile only, but for
/// how chunks are dealt to threads.
struct PixelTiling: Sendable {
  /// Runs of one chain.
  let chain: Int
  /// Pixels of a tile, rows of a chunk, pixels of a chunk's row.
  let tilePixels, chunkRows, chunkPixels: Int

  private static let longestChain = 512
  /// Terms of the input that a chunk of pixels may hold in the second-level cache.
  private static let chunkTerms = 96 << 10
  private static let largeWeights = 1 << 20

  /// Tiles have at most `most` pixels.
  init(_ image: some PixelRows, runCount: Int, runLength: Int, most: Int) {
    let chains = (runCount * runLength + Self.longestChain - 1) / Self.longestChain
    chain = (runCount + chains - 1) / max(chains, 1)
    let tiles = (image.rowLength + most - 1) / max(most, 1)
    tilePixels = (image.rowLength + tiles - 1) / max(tiles, 1)
    let room = max(1, Self.chunkTerms / max(chain * runLength, 1))
    chunkPixels = min(image.rowLength, Self.evenly(tiles, most: max(1, room / max(tilePixels, 1))) * tilePixels)
    chunkRows = Self.evenly(image.rowCount, most: max(1, room / max(image.rowLength, 1)))
  }

  /// The size of equal parts of `count`, as few as keep each at `most`.
  static func evenly(_ count: Int, most: Int) -> Int {
    let parts = max(1, (count + most - 1) / most)
    return max(1, (count + parts - 1) / parts)
  }

  /// Chunks of pixels by chunks of filters: each pixel and panel once, panels in steps of `step`. A panel has `panelStride` terms and all
  /// of them `byteCount` bytes.
  func run(
    _ image: some PixelRows, panelCount: Int, step: Int, panelStride: Int, byteCount: Int, _ pool: ThreadPool,
    _ body: (_ panels: Range<Int>, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    let pairs = (panelCount + step - 1) / step
    // Items enough to even out the threads, but not below some microseconds each.
    let work = panelCount * panelStride * image.rowLength * image.rowCount
    let wanted = max(1, min(6 * pool.threadCount, work / GemmProduct.serialWork))
    var chunks = PixelChunks(image, rows: chunkRows, columns: chunkPixels)
    let filterChunks = min(pairs, max(1, (wanted + chunks.count - 1) / chunks.count))
    if chunks.count * filterChunks < wanted { chunks.divide(image, into: (wanted + filterChunks - 1) / filterChunks, tile: tilePixels) }
    let dealt = chunks
    let pixelChunks = dealt.count
    // Large filters come from memory once: a thread then keeps to some of them.
    let byFilters = byteCount > Self.largeWeights
    pool.parallelFor(count: pixelChunks * filterChunks, grain: work < 2 * GemmProduct.serialWork ? .max : 1) { range in
      for item in range {
        let pixels = byFilters ? item % pixelChunks : item / filterChunks
        let chunk = byFilters ? item / pixelChunks : item % filterChunks
        let first = chunk * pairs / filterChunks * step
        let last = min((chunk + 1) * pairs / filterChunks * step, panelCount)
        let (rows, columns) = dealt.extents(pixels, image)
        body(first..<last, rows, columns)
      }
    }
  }
}
