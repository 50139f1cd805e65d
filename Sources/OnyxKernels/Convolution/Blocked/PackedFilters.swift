import CKernels
import OnyxTensor
import OnyxThreads

/// Filters of a dense convolution in panels of 16: [M/16][k][16], zeros for filters and channels that are not there.
///
/// k walks runs: for blocked inputs (channel block, tap) of 16 channels, or of 8 when the last block is at most half full, for
/// plain ones (channel, tap) of one.
package struct PackedFilters: Sendable {
  package let filters, channels, taps: Int
  /// Input elements of a run: 16 or 8, or 1 for a plain input.
  package let runLength: Int
  /// Bias of each filter, padded to whole panels.
  let bias: [Float]
  /// The panels.
  let floats: PackedFloats

  package var panelCount: Int { (filters + Int(ONYX_BLOCK) - 1) / Int(ONYX_BLOCK) }
  package var runCount: Int { (channels + runLength - 1) / runLength * taps }
  package var panelStride: Int { runCount * runLength * Int(ONYX_BLOCK) }
  package var byteCount: Int { panelCount * panelStride * MemoryLayout<Float>.stride }

  /// `pack` is asked for memory of so many floats and for what fills it from the weights [filters, channels, taps].
  ///
  /// SAFETY: the fill reads filters · channels · taps floats and writes the whole panels.
  package init(
    filters: Int, channels: Int, taps: Int, bias: [Float]?, isBlocked: Bool, isa: ISA,
    pack: (Int, @escaping PackedFloats.Fill) throws(OnyxError) -> PackedFloats
  ) throws(OnyxError) {
    let lanes = Int(ONYX_BLOCK)
    (self.filters, self.channels, self.taps) = (filters, channels, taps)
    let length = isBlocked ? Self.runLength(channels: channels) : 1
    runLength = length
    let panels = (filters + lanes - 1) / lanes
    let runs = (channels + length - 1) / length * taps
    self.bias = (bias ?? []) + Array(repeating: 0, count: panels * lanes - (bias?.count ?? 0))
    let (stride, overflow) = (runs * length).multipliedReportingOverflow(by: lanes)
    let (count, more) = stride.multipliedReportingOverflow(by: panels)
    guard !overflow, !more else { throw .budget("The weights of \(filters) filters do not fit in memory.") }
    floats = unsafe try pack(count) { target, sources, pool in
      pool.parallelFor(count: panels, grain: max(1, 16384 / max(stride, 1))) { range in
        for panel in range {
          let first = panel * lanes
          unsafe Self.pack(
            sources[0] + first * channels * taps, filters: min(lanes, filters - first), channels: channels, taps: taps, length: length,
            into: target + panel * stride, isa: isa)
        }
      }
    }
  }

  /// Elements of a run of a blocked input: half a block where the last one is at most half full.
  static func runLength(channels: Int) -> Int {
    let lanes = Int(ONYX_BLOCK)
    return (1...lanes / 2).contains(channels % lanes) ? lanes / 2 : lanes
  }

  /// One panel. A plain input's (channel, tap) pairs are neighbours; of a blocked one, the channels of each tap.
  private static func pack(
    _ weights: UnsafePointer<Float>, filters: Int, channels: Int, taps: Int, length: Int, into target: UnsafeMutablePointer<Float>, isa: ISA
  ) {
    let lanes = Int(ONYX_BLOCK)
    let depth = channels * taps
    let runs = (channels + length - 1) / length * taps
    if filters < lanes || channels % length != 0 { unsafe target.update(repeating: 0, count: runs * length * lanes) }
    let isDense = length == 1 || taps == 1
    for run in 0..<(isDense ? 1 : runs) {
      let (block, tap) = run.quotientAndRemainder(dividingBy: taps)
      let count = isDense ? depth : min(length, channels - block * length)
      unsafe isa.gemm.pack!(
        target + run * length * lanes, Int64(lanes), 0, weights + block * length * taps + tap, Int64(depth),
        isDense ? 1 : Int64(taps), Int64(filters), Int64(count))
    }
  }
}
