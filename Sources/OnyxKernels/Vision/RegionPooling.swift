import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Regions of float32 images made small images of one size: where each region reads is found once, for all channels.
///
/// Many regions read channel blocks, 16 channels in a vector; few read the planes where they lie.
///
/// SAFETY: X has images · channels · height · width floats, Y regions · channels · bins floats, scratch memory `scratchByteCount` bytes.
/// Offsets in the tables stay inside a plane.
struct RegionPooling: Sendable {
  /// What a region reads.
  struct Region: Sendable {
    let image: Int
    let rows, columns: RegionAxis.Span
  }

  let images, channels, regions: Int
  let rows, columns: RegionAxis
  let readsBlocks: Bool
  /// The value of bins of points that lie outside.
  var outside: Float = 0
  let isa: ISA

  /// Floats of channel blocks that are kept at once.
  private static let mostBlockFloats = 1 << 23

  private var bins: Int { rows.bins * columns.bins }
  private var plane: Int { rows.extent * columns.extent }
  private var isMaximum: Bool { rows.isMaximum }
  private var lanes: Int { Int(ONYX_BLOCK) }
  private var tableBytes: Int { rows.byteCount + columns.byteCount }

  private var blockFloats: Int { plane * lanes }
  private var keptBlocks: Int { min((channels + lanes - 1) / lanes, max(1, Self.mostBlockFloats / blockFloats)) }
  /// Blocks begin at a whole line of the cache.
  private var blockOffset: Int { (tableBytes * regions + 63) & ~63 }

  /// Bytes of the tables of all regions and of the blocks that are kept at once; nil when the tables are too many.
  var scratchByteCount: Int? {
    let (bytes, overflow) = tableBytes.multipliedReportingOverflow(by: regions)
    guard !overflow, bytes <= 1 << 30 else { return nil }
    return readsBlocks ? blockOffset + keptBlocks * blockFloats * MemoryLayout<Float>.stride : bytes
  }

  /// `region` says what each region reads: an image of X, or nothing, which gives NaN. Throws what it throws.
  func run(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, scratch tables: UnsafeMutableRawPointer, pool: ThreadPool,
    region: (Int) throws(OnyxError) -> Region?
  ) throws(OnyxError) {
    var all: [Region?] = []
    var order: [[Int]] = Array(repeating: [], count: images)
    all.reserveCapacity(regions)
    for index in 0..<regions {
      let region = try region(index)
      all.append(region)
      if let region {
        order[region.image].append(index)
      } else {
        unsafe (y + index * channels * bins).update(repeating: .nan, count: channels * bins)
      }
    }
    pool.parallelFor(count: regions, grain: 16) { range in
      for index in range {
        guard let region = all[index] else { continue }
        unsafe rows.fill(tables + index * tableBytes, region.rows)
        unsafe columns.fill(tables + index * tableBytes + rows.byteCount, region.columns)
      }
    }
    let divisors = all.map { $0.map { max(Float($0.rows.samples) * Float($0.columns.samples), 1) } ?? 1 }
    for (image, members) in order.enumerated() where !members.isEmpty {
      let source = unsafe x + image * channels * plane
      if readsBlocks {
        unsafe poolBlocks(source, members, tables, divisors, y, pool)
      } else {
        unsafe poolPlanes(source, members, tables, divisors, y, pool)
      }
      if outside != 0 { for index in members { unsafe fillOutside(tables + index * tableBytes, y + index * channels * bins) } }
    }
  }

  /// Overwrites the bins of one region that lie outside.
  private func fillOutside(_ tables: UnsafeMutableRawPointer, _ y: UnsafeMutablePointer<Float>) {
    guard let down = unsafe rows.table(tables).clipped, let across = unsafe columns.table(tables + rows.byteCount).clipped else { return }
    for bin in 0..<bins where unsafe down[bin / columns.bins] != 0 || across[bin % columns.bins] != 0 {
      for channel in 0..<channels { unsafe y[channel * bins + bin] = outside }
    }
  }

  private func poolPlanes(
    _ x: UnsafePointer<Float>, _ members: [Int], _ tables: UnsafeMutableRawPointer, _ divisors: [Float], _ y: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool
  ) {
    pool.parallelFor(count: members.count * channels, grain: max(1, 1024 / bins)) { range in
      for item in range {
        let (index, channel) = item.quotientAndRemainder(dividingBy: channels)
        let region = members[index]
        unsafe bin(
          x + channel * plane, tables + region * tableBytes, divisors[region], into: y + (region * channels + channel) * bins,
          isBlock: false)
      }
    }
  }

  private func poolBlocks(
    _ x: UnsafePointer<Float>, _ members: [Int], _ tables: UnsafeMutableRawPointer, _ divisors: [Float], _ y: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool
  ) {
    let kept = keptBlocks * lanes
    let block = unsafe (tables + blockOffset).assumingMemoryBound(to: Float.self)
    for first in stride(from: 0, to: channels, by: kept) {
      let some = min(kept, channels - first)
      let blocks = (some + lanes - 1) / lanes
      unsafe ChannelReorder(batch: 1, channels: some, pixels: plane, isa: isa).block(x + first * plane, block, pool: pool)
      pool.parallelFor(count: members.count * blocks, grain: max(1, 256 / bins)) { range in
        unsafe pool.workspace.withFloats(bins * lanes) { scratch in
          for item in range {
            let (index, place) = item.quotientAndRemainder(dividingBy: members.count)
            let region = members[place]
            unsafe bin(
              block + index * blockFloats, tables + region * tableBytes, divisors[region], into: scratch, isBlock: true)
            let channel = first + index * lanes
            unsafe isa.blocked.unblock!(
              y + (region * channels + channel) * bins, Int64(bins), scratch, Int64(min(lanes, channels - channel)), Int64(bins))
          }
        }
      }
    }
  }

  /// One region of one plane or block.
  private func bin(
    _ x: UnsafePointer<Float>, _ tables: UnsafeMutableRawPointer, _ divisor: Float, into y: UnsafeMutablePointer<Float>, isBlock: Bool
  ) {
    var down = unsafe rows.table(tables)
    var across = unsafe columns.table(tables + rows.byteCount)
    switch (isMaximum, isBlock) {
    case (false, true): unsafe isa.sample.average_blocks!(y, x, &down, &across, divisor)
    case (false, false): unsafe isa.sample.average_plane!(y, x, &down, &across, divisor)
    case (true, true): unsafe isa.sample.maximum_blocks!(y, x, &down, &across)
    case (true, false): unsafe isa.sample.maximum_plane!(y, x, &down, &across)
    }
  }
}
