import CKernels

/// Outputs of a tile along each axis.
package enum WinogradSize: Int, Sendable, CaseIterable {
  case two = 2
  case four = 4
}

/// The sizes of a Winograd convolution, how its tiles are cut into work, and what it costs.
package struct WinogradShape: Sendable {
  package struct Plane: Sendable, Hashable {
    package let height, width: Int

    package init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

    package var count: Int { height * width }
  }

  package let size: WinogradSize
  package let batch, channels, filters: Int
  package let input, output: Plane
  package let padTop, padLeft: Int

  package init(
    _ size: WinogradSize, batch: Int, channels: Int, filters: Int, input: Plane, output: Plane, padTop: Int, padLeft: Int
  ) {
    self.size = size
    (self.batch, self.channels, self.filters) = (batch, channels, filters)
    (self.input, self.output) = (input, output)
    (self.padTop, self.padLeft) = (padTop, padLeft)
  }

  /// Elements of a transformed tile.
  var positions: Int { (size.rawValue + 2) * (size.rawValue + 2) }
  var channelBlocks: Int { (channels + Self.lanes - 1) / Self.lanes }
  var panels: Int { (filters + Self.lanes - 1) / Self.lanes }

  private var rows: Int { (output.height + size.rawValue - 1) / size.rawValue }
  private var columns: Int { (output.width + size.rawValue - 1) / size.rawValue }
  /// Tiles of all images.
  var tileCount: Int { batch * rows * columns }

  private static let lanes = Int(ONYX_BLOCK)
  /// Floats that the transformed tiles of one group may take.
  private static let groupFloats = 1 << 20
  private static let blockTiles = 98

  /// Floats of `lines` cache lines and one more if that is even: positions apart by a power of two would share cache sets.
  static func oddLines(_ lines: Int) -> Int { (lines | 1) * lanes }

  /// From one position to the next of the transformed input of some tiles.
  func transformedStride(tiles: Int) -> Int { Self.oddLines(channelBlocks * tiles) }

  /// Tiles that are transformed at a time.
  var group: Int { min(tileCount, max(Self.groupFloats / (positions * channelBlocks * Self.lanes), Self.blockTiles)) }

  /// Tiles that meet a panel of filters at a time: many, since the filters are transformed for each block anew.
  func blocks(_ tiles: Range<Int>) -> [Range<Int>] {
    let count = (tiles.count + Self.blockTiles - 1) / Self.blockTiles
    return (0..<count).map { tiles.lowerBound + tiles.count * $0 / count..<tiles.lowerBound + tiles.count * ($0 + 1) / count }
  }

  /// Calls `body(image, row, column, first, count)` for each run of tiles of one row; `column` is that of tile `first`.
  func forEachRun(_ tiles: Range<Int>, _ body: (Int, Int, Int, Int, Int) -> Void) {
    var tile = tiles.lowerBound
    while tile < tiles.upperBound {
      let (line, column) = tile.quotientAndRemainder(dividingBy: columns)
      let count = min(columns - column, tiles.upperBound - tile)
      body(line / rows, line % rows, column, tile, count)
      tile += count
    }
  }
}

// Costs, in multiplications and additions of a vector of 16 lanes. Those of transforms are times measured on one core
// relative to its peak; they are bound by stores and the second-level cache more than by arithmetic.
extension WinogradShape {
  /// Below this a second thread is not worth waking.
  static let serialCost = Double(GemmProduct.serialWork / Int(ONYX_BLOCK))

  /// The whole convolution.
  package var cost: Double {
    let (tiles, pairs) = (Double(tileCount), Double(channels * panels))
    let (input, output, filter): (Double, Double, Double) = size == .four ? (140, 135, 100) : (50, 45, 52)
    let blocks = Double((tileCount + Self.blockTiles - 1) / Self.blockTiles)
    let products = 1.08 * Double(positions) * pairs * tiles
    return products + filter * pairs * blocks + input * Double(channelBlocks) * tiles + output * Double(panels) * tiles
  }

  /// The direct sum over the same windows.
  package var directCost: Double { 9 * Double(batch * output.count) * Double(channels * panels) * 1.1 }
}
