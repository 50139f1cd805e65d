import CKernels
import OnyxTensor
import OnyxThreads

/// The 3×3 filters of a Winograd convolution in panels of 16: [M/16][C][tap][16], zeros for filters that are not there.
///
/// They stay in this form; a run transforms each panel's filters piece by piece, next to the products that need them. A
/// transformed set is 4 (n = 4) or 1.8 (n = 2) times as large, and reading it from memory takes longer than making it.
package struct WinogradFilters: Sendable {
  package let filters, channels: Int
  /// Bias of each filter, padded to whole panels.
  let bias: [Float]
  let floats: PackedFloats

  static let taps = 9

  package var panelCount: Int { (filters + Int(ONYX_BLOCK) - 1) / Int(ONYX_BLOCK) }
  var panelStride: Int { channels * Self.taps * Int(ONYX_BLOCK) }

  /// `pack` is asked for memory of so many floats and for what fills it from the weights [filters, channels, 3, 3].
  ///
  /// SAFETY: the fill reads filters · channels · 9 floats and writes the whole panels.
  package init(
    filters: Int, channels: Int, bias: [Float]?, isa: ISA, pack: (Int, @escaping PackedFloats.Fill) throws(OnyxError) -> PackedFloats
  ) throws(OnyxError) {
    let lanes = Int(ONYX_BLOCK)
    (self.filters, self.channels) = (filters, channels)
    let panels = (filters + lanes - 1) / lanes
    self.bias = (bias ?? []) + Array(repeating: 0, count: panels * lanes - (bias?.count ?? 0))
    let depth = channels * Self.taps
    let (count, overflow) = (depth * lanes).multipliedReportingOverflow(by: panels)
    guard !overflow else { throw .budget("The weights of \(filters) filters do not fit in memory.") }
    floats = unsafe try pack(count) { target, sources, pool in
      pool.parallelFor(count: panels, grain: max(1, 16384 / max(depth * lanes, 1))) { range in
        for panel in range {
          let first = panel * lanes
          unsafe isa.blocked.block!(
            target + first * depth, sources[0] + first * depth, Int64(depth), Int64(min(lanes, filters - first)), Int64(depth))
        }
      }
    }
  }
}
