import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// GridSample over float32: where a place of the grid lies is found once for all channels, which are read as blocks of 16 or, when they
/// or the places are few, plane by plane.
///
/// SAFETY: X has batch · channels planes, the grid `places.extents.count` numbers for each of batch · places samples, Y batch · channels ·
/// places floats, scratch `scratchFloatCount`. Indices stay inside a plane, or mean the pixel of zeros behind a block's.
struct GridSampler: Sendable {
  let places: GridPlaces
  let batch, channels, count: Int
  let readsBlocks: Bool
  let isa: ISA

  /// Places of a share of the work.
  private static let tile = 256
  /// Floats of channel blocks that are kept at once.
  private static let mostBlockFloats = 1 << 23
  private static let lanes = ChannelBlocks.size

  private var plane: Int { places.extents.reduce(1, *) }
  private var blockFloats: Int { (plane + 1) * Self.lanes }
  private var keptBlocks: Int { min((channels + Self.lanes - 1) / Self.lanes, max(1, Self.mostBlockFloats / blockFloats)) }

  /// Floats of the blocks that are kept at once: at most 2^23, or one block.
  var scratchFloatCount: Int { readsBlocks ? keptBlocks * blockFloats : 0 }

  func run(
    _ x: UnsafePointer<Float>, grid: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let kept = readsBlocks ? keptBlocks * Self.lanes : channels
    for image in 0..<batch {
      let numbers = unsafe grid + image * count * places.extents.count
      for first in stride(from: 0, to: channels, by: kept) {
        let some = min(kept, channels - first)
        let source = unsafe x + (image * channels + first) * plane
        let target = unsafe y + (image * channels + first) * count
        if readsBlocks {
          unsafe sampleBlocks(source, numbers, target, scratch, channels: some, pool)
        } else {
          unsafe samplePlanes(source, numbers, target, channels: some, pool)
        }
      }
    }
  }

  /// Calls `body` with some places, their number, indices and weights, and scratch for a block of them.
  private func forEachTile(
    _ grid: UnsafePointer<Float>, blank: Int, _ pool: ThreadPool,
    _ body: (_ first: Int, _ count: Int, UnsafePointer<Int32>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let (taps, tile) = (places.taps, min(Self.tile, count))
    pool.parallelFor(count: (count + tile - 1) / tile, grain: max(1, 2048 / (tile * taps))) { range in
      unsafe pool.workspace.withFloats(tile * (2 * taps + Self.lanes)) { scratch in
        let weights = unsafe scratch + tile * Self.lanes
        let indices = unsafe UnsafeMutableRawPointer(weights + tile * taps).assumingMemoryBound(to: Int32.self)
        for index in range {
          let first = index * tile
          let some = min(tile, count - first)
          unsafe places.fill(grid + first * places.extents.count, count: some, blank: Int32(blank), indices, weights)
          unsafe body(first, some, indices, weights, scratch)
        }
      }
    }
  }

  private func samplePlanes(
    _ x: UnsafePointer<Float>, _ grid: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, channels: Int, _ pool: ThreadPool
  ) {
    unsafe forEachTile(grid, blank: 0, pool) { first, some, indices, weights, _ in
      for channel in 0..<channels {
        unsafe isa.sample.gather_plane!(
          y + channel * count + first, x + channel * plane, indices, weights, Int64(places.taps), Int64(some))
      }
    }
  }

  private func sampleBlocks(
    _ x: UnsafePointer<Float>, _ grid: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ blocked: UnsafeMutablePointer<Float>,
    channels: Int, _ pool: ThreadPool
  ) {
    let lanes = Self.lanes
    let blocks = (channels + lanes - 1) / lanes
    pool.parallelFor(count: blocks, grain: max(1, 4096 / plane)) { range in
      for block in range {
        let target = unsafe blocked + block * blockFloats
        unsafe isa.blocked.block!(
          target, x + block * lanes * plane, Int64(plane), Int64(min(lanes, channels - block * lanes)), Int64(plane))
        unsafe (target + plane * lanes).update(repeating: 0, count: lanes)
      }
    }
    unsafe forEachTile(grid, blank: plane, pool) { first, some, indices, weights, scratch in
      for block in 0..<blocks {
        unsafe isa.sample.gather_blocks!(
          scratch, Int64(lanes), blocked + block * blockFloats, indices, weights, Int64(places.taps), Int64(some))
        unsafe isa.blocked.unblock!(
          y + block * lanes * count + first, Int64(count), scratch, Int64(min(lanes, channels - block * lanes)), Int64(some))
      }
    }
  }
}

/// Sampling by a grid.
///
/// SAFETY: see `KernelCall`.
enum GridRows {
  static let sample = KernelRow("grid_sample_f32", ["GridSample"], .float32) { (op: GridSample, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0, y.elementCount > 0 else {
      return .declined("the input or the output is empty")
    }
    guard x.rank <= 5 else { return .declined("there are more than three spatial axes") }
    let places = GridPlaces(mode: op.mode, padding: op.padding, alignsCorners: op.alignsCorners, extents: Array(x[2...]))
    let (plane, count) = (places.extents.reduce(1, *), y[2...].reduce(1, *))
    guard plane < 1 << 27 else { return .declined(WindowExtents.outOfProportion) }
    let readsBlocks = x[1] >= 4 && places.taps > 1 && count.multipliedReportingOverflow(by: places.taps).partialValue >= plane
    let sampler = GridSampler(places: places, batch: x[0], channels: x[1], count: count, readsBlocks: readsBlocks, isa: query.isa)
    return .run(scratchByteCount: sampler.scratchFloatCount * MemoryLayout<Float>.stride) { call in
      unsafe sampler.run(
        call.input(0), grid: call.input(1), call.output(), scratch: call.scratch.assumingMemoryBound(to: Float.self), pool: call.pool)
    }
  }
}
