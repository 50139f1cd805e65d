import CKernels
import OnyxTensor
import OnyxThreads

/// Filters of a dense convolution of bytes in panels of 16 (see onyx_blocked_int8.h), and before them the bias of each filter with what
/// the zero point of the input adds over all taps.
///
/// SAFETY: the packed memory holds panelCount · 16 biases of int32 and panelCount · panelStride bytes.
struct BlockedByteFilters: Sendable {
  let panelCount: Int
  /// Elements of a run; a multiple of a word's.
  let runLength: Int
  /// Bytes from one panel to the next.
  let panelStride: Int
  private let memory: PackedFloats

  private static var lanes: Int { Int(ONYX_BLOCK) }

  /// The weights of the query's input 3, [filters, channels, taps] of bytes with zero point 0, or 128 where they are unsigned. `zeroPoint`
  /// is that of the staged input. A run of a plain input is one of the kernel's `rows`.
  init(
    _ query: KernelQuery, _ weights: Tensor, channels: Int, rows: Int, isBlocked: Bool, bias: [Int32], zeroPoint: Int32
  ) throws(OnyxError) {
    let (lanes, filters, isa) = (Self.lanes, weights.shape[0], query.isa)
    let taps = weights.elementCount / (filters * channels)
    let group = unsafe Int(isa.blocked_int8.group)
    let length = isBlocked ? PackedFilters.runLength(channels: channels) : (taps / rows + group - 1) / group * group
    let runs = isBlocked ? (channels + length - 1) / length * taps : channels * rows
    let panels = (filters + lanes - 1) / lanes
    let (stride, overflow) = (runs * length).multipliedReportingOverflow(by: lanes)
    let (bytes, more) = stride.multipliedReportingOverflow(by: panels)
    guard !overflow, !more, bytes < Int.max / 2 else { throw .budget("The weights of \(filters) filters do not fit in memory.") }
    (panelCount, runLength, panelStride) = (panels, length, stride)
    let flip: UInt8 = weights.elementType == .int8 ? 0 : 0x80
    let depth = channels * taps
    memory = unsafe query.packedFloats(
      "blocked_int8_\(isa.mask)_\(isBlocked)", count: panels * lanes + bytes / 4, from: [weights]
    ) { target, sources, pool in
      let biases = unsafe UnsafeMutableRawPointer(target).assumingMemoryBound(to: Int32.self)
      let panel = unsafe UnsafeMutableRawPointer(target + panels * lanes).assumingMemoryBound(to: Int8.self)
      let source = unsafe UnsafeRawPointer(sources[0]).assumingMemoryBound(to: UInt8.self)
      pool.parallelFor(count: panels, grain: max(1, 65536 / max(stride, 1))) { range in
        for index in range {
          let (first, sums) = unsafe (index * lanes, biases + index * lanes)
          let count = min(lanes, filters - first)
          unsafe sums.update(repeating: 0, count: lanes)
          for run in 0..<runs {
            let (block, tap) = run.quotientAndRemainder(dividingBy: isBlocked ? taps : 1)
            let start = isBlocked ? block * length * taps + tap : run * (taps / rows)
            unsafe isa.blocked_int8.pack!(
              panel + index * stride + run * length * lanes, source + first * depth + start, Int64(depth), isBlocked ? Int64(taps) : 1,
              Int64(count), Int64(isBlocked ? min(length, channels - block * length) : taps / rows), Int64(length / group), flip, sums)
          }
          for lane in 0..<lanes {
            let own = lane < count && !bias.isEmpty ? bias[first + lane] : 0
            unsafe sums[lane] = own &- zeroPoint &* sums[lane]
          }
        }
      }
    }
  }

  func panel(_ index: Int) -> UnsafePointer<Int8> {
    unsafe UnsafeRawPointer(memory.base + panelCount * Self.lanes).assumingMemoryBound(to: Int8.self) + index * panelStride
  }

  func bias(_ panel: Int) -> UnsafePointer<Int32> {
    unsafe UnsafeRawPointer(memory.base).assumingMemoryBound(to: Int32.self) + panel * Self.lanes
  }
}
