import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Channels of channel-blocked images in another order.
///
/// SAFETY: each input holds `batch` images of its blocks by `pixels` by 16 floats, the output as many of its own. Lanes are those of the
/// inputs' blocks: the initializer refuses others.
struct ChannelGather: Sendable {
  /// One block of the result: the blocks that its lanes come from, and for each of them 16 lanes, −1 for those it does not give.
  private struct Block: Sendable {
    var sources: [(input: Int, block: Int)] = []
    var lanes: [Int32] = []
    var isCopy = false
  }

  private let blocks: [Block]
  /// Blocks of each input.
  private let counts: [Int]
  private let batch, pixels: Int
  private let isa: ISA

  private static let lanes = Int(ONYX_BLOCK)
  private static let piece = 256

  /// `channels` as the attribute of `GatherChannels`; nil for a lane that the inputs do not have, and for none at all.
  init?(_ channels: [Int], inputs: [Shape], isa: ISA) {
    guard let first = inputs.first, first.rank >= 4, !channels.isEmpty else { return nil }
    counts = inputs.map { $0[1] }
    batch = first[0]
    pixels = first[2..<first.rank - 1].reduce(1, *)
    self.isa = isa
    let places = counts.enumerated().flatMap { input, count in (0..<count).map { (input: input, block: $0) } }
    var blocks: [Block] = []
    for start in stride(from: 0, to: channels.count, by: Self.lanes) {
      var block = Block()
      for (lane, source) in channels[start..<min(start + Self.lanes, channels.count)].enumerated() {
        guard source >= 0, places.indices.contains(source / Self.lanes) else { return nil }
        let place = places[source / Self.lanes]
        let known = block.sources.firstIndex { $0 == place }
        if known == nil {
          block.sources.append(place)
          block.lanes += Array(repeating: -1, count: Self.lanes)
        }
        block.lanes[(known ?? block.sources.count - 1) * Self.lanes + lane] = Int32(source % Self.lanes)
      }
      block.isCopy = block.lanes.elementsEqual(0..<Int32(Self.lanes))
      blocks.append(block)
    }
    self.blocks = blocks
  }

  func run(_ call: borrowing KernelCall) {
    let pieces = (pixels + Self.piece - 1) / Self.piece
    let inputs = unsafe counts.indices.map { unsafe call.input($0, as: Float.self) }
    let output = unsafe call.output(0, as: Float.self)
    call.pool.parallelFor(count: batch * blocks.count * pieces, grain: max(1, 1024 / max(min(pixels, Self.piece), 1))) { range in
      for task in range {
        let (plane, part) = task.quotientAndRemainder(dividingBy: pieces)
        let (image, index) = plane.quotientAndRemainder(dividingBy: blocks.count)
        let first = part * Self.piece
        let count = min(Self.piece, pixels - first)
        let block = blocks[index]
        let target = unsafe output + (plane * pixels + first) * Self.lanes
        let source = { (place: (input: Int, block: Int)) in
          unsafe inputs[place.input] + ((image * counts[place.input] + place.block) * pixels + first) * Self.lanes
        }
        if block.isCopy {
          unsafe target.update(from: source(block.sources[0]), count: count * Self.lanes)
          continue
        }
        unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: block.sources.count) { sources in
          for (position, place) in block.sources.enumerated() { unsafe sources[position] = source(place) }
          unsafe block.lanes.withUnsafeBufferPointer { lanes in
            unsafe isa.blocked.gather!(target, sources.baseAddress!, lanes.baseAddress!, Int64(block.sources.count), Int64(count))
          }
        }
      }
    }
  }
}
