import CKernels
import OnyxThreads

/// A 3×3 convolution of stride 1 over channel blocks by Winograd's minimal filtering: n × n outputs of a tile from (n + 2)²
/// products for each pair of a channel and a filter, instead of 9 n².
///
/// A sum over the channels is cut into chains of 64, which depends on the shape only, as does every other order of additions.
/// The largest error, relative to the largest result of the tile, stays below 5e-6 (n = 4) or 1e-6 (n = 2) up to 512 channels of noise.
///
/// The errors of a tile's largest inputs reach all of its results. Tiles whose quadrants differ too much in their magnitudes are
/// therefore summed directly, as are those with a result that is not finite: an infinity, a NaN or an overflow keeps to its window.
///
/// SAFETY: `x` holds batch · blocks · height · width · 16 floats, `y` and `z` the same of the result's panels and sizes. Tiles
/// begin inside the result; the kernels skip what lies outside of the planes. Scratch is laid out by `Plan`.
package struct WinogradConvolution: Sendable {
  package let shape: WinogradShape
  package let filters: WinogradFilters
  package let activation: Activation
  private let isa: ISA
  private let kernels: onyx_winograd_size

  private static let chain = 64
  /// The largest ratio of the sums of squares of two quadrants: magnitudes that differ by a factor of 64. Feature maps of photographs
  /// stay far below it.
  private static let evennessLimit: Float = 4096
  private var lanes: Int { Int(ONYX_BLOCK) }

  package init(_ shape: WinogradShape, filters: WinogradFilters, activation: Activation, isa: ISA) {
    precondition(filters.channels == shape.channels && filters.filters == shape.filters, "filters are of another shape")
    self.shape = shape
    self.filters = filters
    self.activation = activation
    self.isa = isa
    kernels = unsafe shape.size == .four ? isa.winograd.four : isa.winograd.two
  }

  /// y = activation(x ∗ filters + bias + z). `y` may be the memory of `z`.
  package func run(_ x: UnsafePointer<Float>, z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    let group = shape.group
    let isSerial = shape.cost < WinogradShape.serialCost
    let (vCount, squareCount) = (
      shape.positions * shape.transformedStride(tiles: group), shape.channelBlocks * group * Self.quadrants * lanes
    )
    unsafe pool.workspace.withFloats(vCount + squareCount + group) { v in
      for first in stride(from: 0, to: shape.tileCount, by: group) {
        let tiles = first..<min(first + group, shape.tileCount)
        let blocks = shape.blocks(tiles)
        let image = unsafe Transformed(
          v: v, first: first, count: tiles.count, stride: shape.transformedStride(tiles: tiles.count), squares: v + vCount,
          uneven: v + vCount + squareCount)
        // Threads take shares of both loops in the order of the tiles: each then finds most of its tiles in its own cache.
        let planes = shape.channelBlocks
        pool.parallelFor(count: blocks.count * planes, grain: isSerial ? .max : 1) { range in
          for item in range { unsafe transform(x, plane: item % planes, blocks[item / planes], into: image) }
        }
        pool.parallelFor(count: blocks.count, grain: isSerial ? .max : max(1, 32 / planes)) { range in
          for block in range { judge(blocks[block], of: image) }
        }
        let panels = filters.panelCount
        pool.parallelFor(count: blocks.count * panels, grain: isSerial ? .max : 1) { range in
          unsafe multiply(image, range.map { (blocks[$0 / panels], $0 % panels) }, x: x, z: z, y, pool)
        }
      }
    }
  }

  private static let quadrants = 4

  /// The transformed input of some tiles: position p, channel block b, tile t at p · stride + (b · count + t − first) · 16.
  @safe private struct Transformed {
    let v: UnsafeMutablePointer<Float>
    let first, count, stride: Int
    /// The sums of squares of the quadrants: channel block b, tile t at (b · count + t − first) · 64.
    let squares: UnsafeMutablePointer<Float>
    /// 1 for the tiles that are summed directly.
    let uneven: UnsafeMutablePointer<Float>
  }

  private func judge(_ tiles: Range<Int>, of image: Transformed) {
    let first = tiles.lowerBound - image.first
    let size = Self.quadrants * lanes
    var run = unsafe onyx_winograd_evenness(
      squares: image.squares + first * size, block_stride: Int64(image.count * size), channels: Int64(shape.channels),
      tiles: Int64(tiles.count), limit: Self.evennessLimit, uneven: image.uneven + first)
    unsafe isa.winograd.evenness!(&run)
  }

  private func transform(_ x: UnsafePointer<Float>, plane: Int, _ tiles: Range<Int>, into image: Transformed) {
    shape.forEachRun(tiles) { n, row, column, first, count in
      var run = unsafe onyx_winograd_input(
        x: x + (n * shape.channelBlocks + plane) * shape.input.count * lanes, height: Int64(shape.input.height),
        width: Int64(shape.input.width),
        top: Int64(row * shape.size.rawValue - shape.padTop), left: Int64(column * shape.size.rawValue - shape.padLeft),
        count: Int64(count),
        v: image.v + (plane * image.count + first - image.first) * lanes, position_stride: Int64(image.stride),
        squares: image.squares + (plane * image.count + first - image.first) * Self.quadrants * lanes)
      unsafe kernels.input!(&run)
    }
  }

  /// Products and results of blocks of tiles with one panel of filters each.
  private func multiply(
    _ image: Transformed, _ items: [(tiles: Range<Int>, panel: Int)], x: UnsafePointer<Float>, z: UnsafePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let most = items.reduce(0) { max($0, $1.tiles.count) }
    let uStride = WinogradShape.oddLines(min(Self.chain, shape.channels))
    let mStride = WinogradShape.oddLines(most)
    let isFew = unsafe shape.size == .four && most <= Int(isa.winograd.few)
    unsafe pool.workspace.withFloats(shape.positions * (uStride + mStride)) { u in
      let m = unsafe u + shape.positions * uStride
      for item in items {
        let weights = unsafe filters.floats.base + item.panel * filters.panelStride
        for start in stride(from: 0, to: shape.channels, by: Self.chain) {
          let count = min(Self.chain, shape.channels - start)
          let g = unsafe weights + start * WinogradFilters.taps * lanes
          if !isFew { unsafe kernels.filter!(u, Int64(uStride), g, Int64(count)) }
          let next = min(shape.channels - start - count + (item.panel + 1 < filters.panelCount ? shape.channels : 0), Self.chain)
          let piece = WinogradFilters.taps * lanes
          var product = unsafe onyx_winograd_product(
            v: image.v + (start / lanes * image.count + item.tiles.lowerBound - image.first) * lanes,
            v_position_stride: Int64(image.stride),
            v_block_stride: Int64(image.count * lanes), u: isFew ? UnsafePointer(g) : UnsafePointer(u), u_position_stride: Int64(uStride),
            m: m, m_position_stride: Int64(mStride),
            positions: Int64(shape.positions), tiles: Int64(item.tiles.count), channels: Int64(count), accumulate: start > 0 ? 1 : 0,
            ahead: next > 0 ? UnsafeRawPointer(g + count * piece) : nil, ahead_bytes: Int64(next * piece * MemoryLayout<Float>.stride))
          if isFew { unsafe isa.winograd.few_product!(&product) } else { unsafe isa.winograd.product!(&product) }
        }
        unsafe finish(m, stride: mStride, item.tiles, panel: item.panel, of: image, x: x, z: z, y)
      }
    }
  }

  private func finish(
    _ m: UnsafePointer<Float>, stride: Int, _ tiles: Range<Int>, panel: Int, of image: Transformed, x: UnsafePointer<Float>,
    z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>
  ) {
    let limits = activation.limits
    let (height, width, size) = (shape.output.height, shape.output.width, shape.size.rawValue)
    unsafe filters.bias.withUnsafeBufferPointer { bias in
      shape.forEachRun(tiles) { n, row, column, first, count in
        let plane = (n * filters.panelCount + panel) * shape.output.count * lanes
        let (top, left) = (row * size, column * size)
        let plain = unsafe onyx_winograd_direct(
          x: x + n * shape.channelBlocks * shape.input.count * lanes, block_stride: Int64(shape.input.count * lanes),
          channels: Int64(shape.channels), height: Int64(shape.input.height), width: Int64(shape.input.width),
          pad_top: Int64(shape.padTop), pad_left: Int64(shape.padLeft), g: filters.floats.base + panel * filters.panelStride)
        unsafe withUnsafePointer(to: plain) { direct in
          var run = unsafe onyx_winograd_output(
            m: m + (first - tiles.lowerBound) * lanes, position_stride: Int64(stride), y: y + plane, z: z.map { unsafe $0 + plane },
            height: Int64(height), width: Int64(width), top: Int64(top), left: Int64(left), count: Int64(count),
            bias: bias.baseAddress! + panel * lanes, low: limits.low, high: limits.high, direct: direct,
            uneven: image.uneven + (first - image.first))
          unsafe kernels.output!(&run)
        }
        unsafe activation.apply(
          y + plane + (top * width + left) * lanes, rows: min(size, height - top), stride: width * lanes,
          count: min(count * size, width - left) * lanes, isa: isa)
      }
    }
  }
}
