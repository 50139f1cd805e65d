import CKernels
import COnyxSystem
import OnyxTensor
import OnyxThreads

/// A matrix of bytes in the panel order of one tier's micro-kernel (see onyx_int8.h), made once and shared by any number of
/// products.
///
/// SAFETY: owns the bytes of all panels, written in `init` only.
@safe package final class PackedBytes: @unchecked Sendable {
  package enum Side: Sendable { case rows, columns }

  package let side: Side
  /// Rows or columns.
  package let lanes: Int
  /// Length of the sums.
  package let depth: Int
  /// The sum of each lane's numbers as they are packed.
  package let sums: [Int32]

  let base: UnsafeMutablePointer<UInt8>

  /// Packs lanes x depth bytes, element (lane, p) at lane * laneStride + p * depthStride, each moved by 128 when `flips`.
  init(
    _ side: Side, _ source: UnsafePointer<UInt8>, laneStride: Int, depthStride: Int, lanes: Int, depth: Int, flips: Bool, isSigned: Bool,
    isa: ISA
  ) throws(OnyxError) {
    self.side = side
    self.lanes = lanes
    self.depth = depth
    let size = isa.int8Size(side, lanes: lanes, depth: depth)
    guard let size, let memory = unsafe csystem_allocate(max(size, 64), 64) else {
      throw .budget("The memory for packed weights could not be allocated.", remedy: "Free memory or use a smaller model.")
    }
    unsafe base = memory.assumingMemoryBound(to: UInt8.self)
    let target = unsafe base
    let pack = unsafe side == .rows ? isa.int8.pack_rows! : isa.int8.pack_columns!
    sums = unsafe [Int32](unsafeUninitializedCapacity: lanes) { sums, count in
      unsafe pack(
        target, source, Int64(laneStride), Int64(depthStride), Int64(lanes), Int64(depth), flips ? 0x80 : 0, isSigned ? 1 : 0,
        sums.baseAddress)
      count = lanes
    }
  }

  deinit { unsafe csystem_free(base) }
}

extension ISA {
  /// Lanes of a panel.
  func int8Panel(_ side: PackedBytes.Side) -> Int { unsafe Int(side == .rows ? self.int8.row_panel : self.int8.column_panel) }

  /// Bytes of one panel; nil when they do not fit an `Int`.
  func int8PanelSize(_ side: PackedBytes.Side, depth: Int) -> Int? {
    let group = unsafe Int(self.int8.group)
    let words = (depth + group - 1) / group
    let (size, overflow) = words.multipliedReportingOverflow(by: int8Panel(side) * (side == .rows ? 4 : group))
    return overflow ? nil : size
  }

  /// Bytes of all panels; nil when they do not fit an `Int`.
  func int8Size(_ side: PackedBytes.Side, lanes: Int, depth: Int) -> Int? {
    guard let panel = int8PanelSize(side, depth: depth) else { return nil }
    let (size, overflow) = panel.multipliedReportingOverflow(by: (lanes + int8Panel(side) - 1) / int8Panel(side))
    return overflow ? nil : size
  }
}

extension Workspace {
  /// Lends uninitialised memory for `count` bytes, as `withFloats` does.
  func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    unsafe withFloats(count / 4 + 1) { floats in
      // SAFETY: the memory is untyped scratch of at least `count` bytes, used as bytes for the length of the call.
      unsafe body(UnsafeMutableRawPointer(floats).assumingMemoryBound(to: UInt8.self))
    }
  }
}
