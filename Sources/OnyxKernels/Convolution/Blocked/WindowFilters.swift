import CKernels
import OnyxTensor

/// Filters that read the channels of their own block: [M/16][tap][channel of the group][16], zeros for filters that are not there.
struct WindowFilters: Sendable {
  /// Channels that a filter reads.
  let group: Int
  let blockCount: Int
  let bias: PackedFloats
  let floats: PackedFloats
  private let blockStride: Int

  /// `pack` is asked for memory of so many floats and for what fills it from the weights [filters, group, taps].
  ///
  /// SAFETY: the fill reads filters · group · taps floats and writes the whole blocks.
  init(
    filters: Int, group: Int, taps: Int, bias: [Float]?, pack: (Int, @escaping PackedFloats.Fill) throws(OnyxError) -> PackedFloats
  ) throws(OnyxError) {
    let lanes = Int(ONYX_BLOCK)
    let blocks = (filters + lanes - 1) / lanes
    let stride = taps * group * lanes
    (self.group, blockCount, blockStride) = (group, blocks, stride)
    let (count, overflow) = blocks.multipliedReportingOverflow(by: stride)
    guard !overflow else { throw .budget("The weights of \(filters) filters do not fit in memory.") }
    self.bias = try unsafe PackedFloats(count: blocks * lanes) { target in
      for filter in 0..<blocks * lanes { unsafe target[filter] = filter < filters ? bias?[filter] ?? 0 : 0 }
    }
    floats = unsafe try pack(count) { target, sources, _ in
      unsafe target.update(repeating: 0, count: count)
      for filter in 0..<filters {
        let block = unsafe target + filter / lanes * stride + filter % lanes
        let source = unsafe sources[0] + filter * group * taps
        for channel in 0..<group {
          for tap in 0..<taps { unsafe block[(tap * group + channel) * lanes] = source[channel * taps + tap] }
        }
      }
    }
  }

  /// A filter of ones, which sums its window, for every lane of one block.
  init(onesOf taps: Int) throws(OnyxError) {
    let lanes = Int(ONYX_BLOCK)
    (group, blockCount, blockStride) = (1, 1, taps * lanes)
    bias = try unsafe PackedFloats(count: lanes) { unsafe $0.update(repeating: 0, count: lanes) }
    floats = try unsafe PackedFloats(count: taps * lanes) { unsafe $0.update(repeating: 1, count: taps * lanes) }
  }

  func filters(of block: Int) -> UnsafePointer<Float> { unsafe UnsafePointer(floats.base + block * blockStride) }
  func bias(of block: Int) -> UnsafePointer<Float> { unsafe UnsafePointer(bias.base + block * Int(ONYX_BLOCK)) }
}
