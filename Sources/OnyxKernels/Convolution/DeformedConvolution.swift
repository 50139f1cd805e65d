import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// A deformable convolution over float32 images: the taps of some windows are gathered as rows of a matrix, which is multiplied by the
/// filters.
///
/// Channels that share group and offset group are a cell. A cell is padded to whole blocks of 16 lanes, so that a tap reads a vector at
/// each of its four corners, found once for all channels of the offset group. A row has, for each group, the taps one by one, and for each
/// of them the cells of the group.
///
/// SAFETY: X holds batch · channels planes of the geometry's input, offsets and mask have one plane of windows for each image, offset
/// group and tap (two of them for offsets), Y batch · filters planes of windows. Corners outside the image refer to the pixel of zeros
/// behind each block's plane.
struct DeformedConvolution: Sendable {
  let rows, columns: WindowGeometry.Axis
  let channels: Int
  let groups, offsetGroups: Int
  /// Of one group.
  let filters: Int
  let weights: [PackedMatrix]
  let bias: [Float]
  let isa: ISA

  private static let lanes = ChannelBlocks.size
  private static let corners = 4
  /// Floats of a matrix of taps, which stay in the second-level cache.
  private static let residentFloats = 1 << 16

  /// How channels are divided.
  struct Cells: Sendable {
    /// Of one group, and of one offset group.
    let perGroup, perOffsetGroup: Int
    let count, channels: Int

    init(channels: Int, groups: Int, offsetGroups: Int) {
      var (a, b) = (groups, offsetGroups)
      while b > 0 { (a, b) = (b, a % b) }
      count = groups / a * offsetGroups
      self.channels = channels / count
      (perGroup, perOffsetGroup) = (count / groups, count / offsetGroups)
    }

    /// Of one cell.
    var blocks: Int { (channels + lanes - 1) / lanes }
  }

  private var cells: Cells { Cells(channels: channels, groups: groups, offsetGroups: offsetGroups) }
  private var taps: Int { rows.kernel * columns.kernel }
  private var windows: Int { rows.output * columns.output }
  private var plane: Int { rows.input * columns.input }

  /// Terms of a product.
  static func depth(_ cells: Cells, taps: Int) -> Int { taps * cells.perGroup * cells.blocks * lanes }

  /// Floats of the blocks of an image of planes of `plane` elements; nil when they would be out of proportion to it.
  static func blockCount(_ cells: Cells, plane: Int) -> Int? {
    let (count, overflow) = (cells.count * cells.blocks * lanes).multipliedReportingOverflow(by: plane + 1)
    return overflow || count > max(1 << 24, 4 * cells.count * cells.channels * plane) || plane >= 1 << 27 ? nil : count
  }

  func run(
    _ x: UnsafePointer<Float>, offsets: UnsafePointer<Float>, mask: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, batch: Int,
    pool: ThreadPool
  ) {
    unsafe pool.workspace.withFloats(Self.blockCount(cells, plane: plane) ?? 0) { blocks in
      for image in 0..<batch {
        unsafe block(x + image * channels * plane, blocks, pool)
        let offsetPlanes = offsetGroups * taps * windows
        unsafe multiply(
          blocks, offsets: offsets + image * 2 * offsetPlanes, mask: mask.map { unsafe $0 + image * offsetPlanes },
          y + image * groups * filters * windows, pool)
      }
    }
  }

  /// Writes the blocks of all cells, each with a pixel of zeros behind it.
  private func block(_ x: UnsafePointer<Float>, _ blocks: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
    let (cells, lanes) = (cells, Self.lanes)
    pool.parallelFor(count: cells.count * cells.blocks, grain: max(1, 4096 / plane)) { range in
      for index in range {
        let (cell, part) = index.quotientAndRemainder(dividingBy: cells.blocks)
        let target = unsafe blocks + index * (plane + 1) * lanes
        unsafe isa.blocked.block!(
          target, x + (cell * cells.channels + part * lanes) * plane, Int64(plane), Int64(min(lanes, cells.channels - part * lanes)),
          Int64(plane))
        unsafe (target + plane * lanes).update(repeating: 0, count: lanes)
      }
    }
  }

  private func multiply(
    _ blocks: UnsafePointer<Float>, offsets: UnsafePointer<Float>, mask: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool
  ) {
    let depth = Self.depth(cells, taps: taps)
    // A multiple of 16 windows, so that no tile's transposition pads into another's.
    let eighth = (windows / 8 + 15) & ~15
    let tile = max(16, min(256, eighth, Self.residentFloats / (depth * groups) & ~15))
    let entries = tile * taps * Self.corners
    pool.parallelFor(count: (windows + tile - 1) / tile) { range in
      unsafe pool.workspace.withFloats(tile * (depth * groups + filters) + 2 * entries) { scratch in
        let (products, weights) = unsafe (scratch + tile * depth * groups, scratch + tile * (depth * groups + filters))
        let indices = unsafe UnsafeMutableRawPointer(weights + entries).assumingMemoryBound(to: Int32.self)
        for part in range {
          let some = part * tile..<min((part + 1) * tile, windows)
          for group in 0..<offsetGroups {
            let outside = unsafe place(some, group, offsets: offsets, mask: mask, weights, indices)
            unsafe gather(blocks, group, count: some.count, weights, indices, into: scratch, depth: depth)
            for tap in outside { unsafe scale(tap, group, scratch, depth: depth) }
          }
          for group in 0..<groups {
            unsafe bias.withUnsafeBufferPointer { bias in
              unsafe LinearProduct(m: some.count, n: filters, k: depth, rowStride: depth * groups, isa: isa).run(
                .init(x: scratch + group * depth, bias: bias.baseAddress! + group * filters, y: products), .packed(self.weights[group]),
                pool: pool)
            }
            // Packing into one panel of all windows transposes.
            unsafe isa.gemm.pack!(
              y + group * filters * windows + some.lowerBound, Int64(windows), 0, products, Int64(filters), 1, Int64(some.count),
              Int64(filters))
          }
        }
      }
    }
  }

  /// The rows of some windows in the cells of one offset group.
  private func gather(
    _ blocks: UnsafePointer<Float>, _ offsetGroup: Int, count: Int, _ weights: UnsafePointer<Float>, _ indices: UnsafePointer<Int32>,
    into rows: UnsafeMutablePointer<Float>, depth: Int
  ) {
    let (cells, lanes) = (cells, Self.lanes)
    for cell in offsetGroup * cells.perOffsetGroup..<(offsetGroup + 1) * cells.perOffsetGroup {
      let (group, place) = cell.quotientAndRemainder(dividingBy: cells.perGroup)
      for part in 0..<cells.blocks {
        let source = unsafe blocks + (cell * cells.blocks + part) * (plane + 1) * lanes
        for tap in 0..<taps {
          let target = group * depth + ((tap * cells.perGroup + place) * cells.blocks + part) * lanes
          let first = tap * count * Self.corners
          unsafe isa.sample.gather_blocks!(
            rows + target, Int64(depth * groups), source, indices + first, weights + first, Int64(Self.corners), Int64(count))
        }
      }
    }
  }

  /// A tap of a window and its mask where that is not finite: such a mask scales what the corners make, not their weights, of which those
  /// that are 0 would become NaN.
  private struct Scaled {
    let tap, row: Int
    let scale: Float
  }

  /// Scales the channels of an offset group in one tap of a row.
  private func scale(_ scaled: Scaled, _ offsetGroup: Int, _ rows: UnsafeMutablePointer<Float>, depth: Int) {
    let cells = cells
    for cell in offsetGroup * cells.perOffsetGroup..<(offsetGroup + 1) * cells.perOffsetGroup {
      let (group, place) = cell.quotientAndRemainder(dividingBy: cells.perGroup)
      let first = group * depth + (scaled.tap * cells.perGroup + place) * cells.blocks * Self.lanes
      let row = unsafe rows + scaled.row * depth * groups + first
      // Lanes past the channels stay 0.
      for channel in 0..<cells.channels { unsafe row[channel] *= scaled.scale }
    }
  }

  /// The corners of every tap of some windows: for each tap and window four pixels of a plane and their weights. Returns the taps that are
  /// to be scaled by a mask afterwards.
  private func place(
    _ some: Range<Int>, _ group: Int, offsets: UnsafePointer<Float>, mask: UnsafePointer<Float>?, _ weights: UnsafeMutablePointer<Float>,
    _ indices: UnsafeMutablePointer<Int32>
  ) -> [Scaled] {
    var scaled: [Scaled] = []
    for tap in 0..<taps {
      let entry = group * taps + tap
      let (down, across) = unsafe (offsets + 2 * entry * windows, offsets + (2 * entry + 1) * windows)
      let scales = unsafe mask.map { unsafe $0 + entry * windows }
      let (tapRow, tapColumn) = (tap / columns.kernel * rows.dilation, tap % columns.kernel * columns.dilation)
      for window in some {
        let (row, column) = window.quotientAndRemainder(dividingBy: columns.output)
        let vertical = unsafe Corners(Double(rows.start(row) + tapRow) + Double(down[window]), extent: rows.input)
        let horizontal = unsafe Corners(Double(columns.start(column) + tapColumn) + Double(across[window]), extent: columns.input)
        var scale = unsafe scales?[window] ?? 1
        if !scale.isFinite {
          scaled.append(Scaled(tap: tap, row: window - some.lowerBound, scale: scale))
          scale = 1
        }
        let at = (tap * some.count + window - some.lowerBound) * Self.corners
        for corner in 0..<Self.corners {
          let (y, x) = (corner < 2 ? vertical.low : vertical.high, corner & 1 == 0 ? horizontal.low : horizontal.high)
          // Weights of 0 must not turn an infinity into NaN.
          let isInside = y.weight != 0 && x.weight != 0
          unsafe indices[at + corner] = isInside ? Int32(truncatingIfNeeded: y.index * columns.input + x.index) : Int32(plane)
          unsafe weights[at + corner] = y.weight * x.weight * scale
        }
      }
    }
    return scaled
  }

  /// The two elements beside a position; those outside the axis weigh 0, as does everything where the position is.
  private struct Corners {
    let low, high: (index: Int, weight: Float)

    @inline(__always) init(_ position: Double, extent: Int) {
      guard position > -1, position < Double(extent) else {
        (low, high) = ((0, 0), (0, 0))
        return
      }
      let first = Int(position.rounded(.down))
      let share = Float(position - Double(first))
      low = first >= 0 ? (first, 1 - share) : (0, 0)
      high = first + 1 < extent ? (first + 1, share) : (0, 0)
    }
  }
}
