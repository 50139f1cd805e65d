import CKernels
import CSystem
import OnyxTensor

/// An operand of a matrix product in the panel order of one tier's micro-kernel (see onyx_gemm.h), made once and
/// shared by any number of products.
///
/// SAFETY: owns `panelCount * panelStride` floats, written in `init` only.
@safe package final class PackedMatrix: @unchecked Sendable {
  package enum Side: Sendable { case rows, columns }

  /// Which operand this is: rows of A or columns of B.
  package let side: Side
  /// Rows of A or columns of B.
  package let lanes: Int
  /// Length of the sums.
  package let depth: Int

  let panel: Int
  let base: UnsafeMutablePointer<Float>
  /// The tier the order belongs to.
  let mask: UInt32

  var panelStride: Int { panel * depth }
  var panelCount: Int { (lanes + panel - 1) / panel }

  /// Memory held.
  package var byteCount: Int { max(panelCount * panelStride, 16) * MemoryLayout<Float>.stride }

  /// Packs A [lanes, depth].
  package convenience init(rowsOf a: Matrix, lanes: Int, depth: Int, isa: ISA, pool: ThreadPool) throws(OnyxError) {
    try unsafe self.init(
      .rows, a.base, laneStride: a.rowStride, depthStride: a.columnStride, lanes, depth, Int(isa.gemm.row_panel), isa,
      pool)
  }

  /// Packs B [depth, lanes].
  package convenience init(columnsOf b: Matrix, depth: Int, lanes: Int, isa: ISA, pool: ThreadPool) throws(OnyxError) {
    try unsafe self.init(
      .columns, b.base, laneStride: b.columnStride, depthStride: b.rowStride, lanes, depth,
      Int(isa.gemm.column_panel), isa, pool)
  }

  private init(
    _ side: Side, _ source: UnsafePointer<Float>, laneStride: Int, depthStride: Int, _ lanes: Int, _ depth: Int,
    _ panel: Int, _ isa: ISA, _ pool: ThreadPool
  ) throws(OnyxError) {
    self.side = side
    self.lanes = lanes
    self.depth = depth
    self.panel = panel
    mask = unsafe isa.gemm.isa
    let panels = (lanes + panel - 1) / panel
    let bytes = max(panels * panel * depth, 16) * MemoryLayout<Float>.stride
    guard let memory = unsafe csystem_allocate(bytes, 64) else {
      throw .budget("\(bytes) bytes for packed weights could not be allocated.", remedy: "Free memory or use a smaller model.")
    }
    unsafe base = memory.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
    let destination = unsafe base
    pool.parallelFor(count: panels, grain: max(1, 16384 / max(panel * depth, 1))) { range in
      let first = range.lowerBound * panel
      unsafe isa.gemm.pack!(
        destination + first * depth, Int64(panel), Int64(panel * depth), source + first * laneStride,
        Int64(laneStride), Int64(depthStride), Int64(min(range.upperBound * panel, lanes) - first), Int64(depth))
    }
  }

  deinit { unsafe csystem_free(base) }
}
