import CKernels
import CSystem
import OnyxTensor

/// Filters of a dense convolution in panels of 16: [M/16][k][16], zeros for filters and channels that are not there.
///
/// k walks runs: for blocked inputs (channel block, tap) of 16 channels, for plain ones (channel, tap) of one.
///
/// SAFETY: owns `panelCount * panelStride` floats, written in `init` only.
@safe package final class PackedFilters: @unchecked Sendable {
  package let filters, channels, taps: Int
  /// Input elements of a run: 16, or 1 for a plain input.
  package let runLength: Int
  let base: UnsafeMutablePointer<Float>
  /// Bias of each filter, padded to whole panels.
  let bias: [Float]

  package var panelCount: Int { (filters + lanes - 1) / lanes }
  package var runCount: Int { (channels + runLength - 1) / runLength * taps }
  package var panelStride: Int { runCount * runLength * lanes }
  package var byteCount: Int { panelCount * panelStride * MemoryLayout<Float>.stride }
  private var lanes: Int { Int(ONYX_BLOCK) }

  /// Packs `weights` [filters, channels, taps]; `bias` may be nil.
  package init(
    _ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, filters: Int, channels: Int, taps: Int, isBlocked: Bool, isa: ISA,
    pool: ThreadPool
  ) throws(OnyxError) {
    let lanes = Int(ONYX_BLOCK)
    (self.filters, self.channels, self.taps) = (filters, channels, taps)
    runLength = isBlocked ? lanes : 1
    let panels = (filters + lanes - 1) / lanes
    let runs = (channels + runLength - 1) / runLength * taps
    self.bias = (0..<panels * lanes).map { unsafe $0 < filters ? bias?[$0] ?? 0 : 0 }
    let (count, overflow) = (panels * lanes).multipliedReportingOverflow(by: runs * runLength)
    guard !overflow, let memory = unsafe csystem_allocate(max(count, 16) * MemoryLayout<Float>.stride, 64) else {
      throw .budget("Packed weights of \(filters) filters could not be allocated.", remedy: "Free memory or use a smaller model.")
    }
    unsafe base = memory.bindMemory(to: Float.self, capacity: max(count, 16))
    let (target, length, depth) = unsafe (base, runLength, channels * taps)
    pool.parallelFor(count: panels, grain: max(1, 16384 / max(runs * length * lanes, 1))) { range in
      for panel in range {
        let start = unsafe target + panel * runs * length * lanes
        let source = unsafe weights + panel * lanes * depth
        let present = min(lanes, filters - panel * lanes)
        if present < lanes || channels % length != 0 { unsafe start.update(repeating: 0, count: runs * length * lanes) }
        for run in 0..<(length == 1 ? 1 : runs) {
          // One run of all (channel, tap) pairs when they are neighbours; else the channels of one tap.
          let (block, tap) = run.quotientAndRemainder(dividingBy: taps)
          let count = length == 1 ? depth : min(length, channels - block * length)
          unsafe isa.gemm.pack!(
            start + run * length * lanes, Int64(lanes), 0, source + block * length * taps + tap, Int64(depth),
            length == 1 ? 1 : Int64(taps), Int64(present), Int64(count))
        }
      }
    }
  }

  deinit { unsafe csystem_free(base) }
}
