import CKernels
import OnyxTensor
import OnyxThreads

/// Constant right operands rounded to bfloat16, in panels of 16 lanes: [lanes/16][terms/2][16][2], zeros for lanes and terms that are not
/// there. The order is that of every tier.
///
/// SAFETY: `base` views the whole panels inside `floats`, which it keeps alive; the memory is bound to UInt16 when it is filled.
struct Bfloat16Panels: Sendable {
  /// Writes one panel, zeros before: its memory, the constant, its first lane and how many there are.
  typealias Fill = @Sendable (_ target: UnsafeMutablePointer<UInt16>, _ source: UnsafePointer<Float>, _ first: Int, _ lanes: Int) -> Void

  let panelCount: Int
  /// Elements of a panel.
  let panelStride: Int
  /// Bias of each lane, padded to whole panels; zeros without one.
  let bias: [Float]
  private let floats: PackedFloats

  var base: UnsafePointer<UInt16> { unsafe UnsafeRawPointer(floats.base).assumingMemoryBound(to: UInt16.self) }
  var byteCount: Int { panelCount * panelStride * MemoryLayout<UInt16>.stride }

  /// `terms`, an even number, for each of `lanes` lanes of input 1; packed once for the session.
  init(_ query: KernelQuery, _ constant: Tensor, lanes: Int, terms: Int, bias: [Float]?, fill: @escaping Fill) throws(OnyxError) {
    let block = Int(ONYX_BLOCK)
    let panels = (lanes + block - 1) / block
    let (stride, overflow) = terms.multipliedReportingOverflow(by: block)
    let (count, more) = stride.multipliedReportingOverflow(by: panels)
    guard !overflow, !more else { throw .budget("The weights of \(lanes) filters do not fit in memory.") }
    (panelCount, panelStride) = (panels, stride)
    self.bias = (bias ?? []) + Array(repeating: 0, count: panels * block - (bias?.count ?? 0))
    // Two elements in the room of a float.
    floats = unsafe query.packedFloats("bfloat16", count: (count + 1) / 2, from: [constant]) { target, sources, pool in
      let base = unsafe UnsafeMutableRawPointer(target).bindMemory(to: UInt16.self, capacity: count)
      pool.parallelFor(count: panels, grain: max(1, 16384 / max(stride, 1))) { range in
        for panel in range {
          let target = unsafe base + panel * stride
          unsafe target.initialize(repeating: 0, count: stride)
          unsafe fill(target, sources[0], panel * block, min(block, lanes - panel * block))
        }
      }
    }
  }
}

extension Workspace {
  /// Lends uninitialised memory for `count` elements of 16 bits, as `withFloats` does.
  func withHalves(_ count: Int, _ body: (UnsafeMutablePointer<UInt16>) -> Void) {
    unsafe withFloats((count + 1) / 2) { floats in
      // SAFETY: the memory is untyped scratch of at least `count` elements, used as such for the length of the call.
      unsafe body(UnsafeMutableRawPointer(floats).assumingMemoryBound(to: UInt16.self))
    }
  }
}
