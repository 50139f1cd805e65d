import CKernels
import OnyxTensor
import OnyxThreads

/// An operand of a matrix product in the panel order of one tier's micro-kernel (see onyx_gemm.h), made once and
/// shared by any number of products.
///
/// SAFETY: views `panelCount * panelStride` floats of `floats`, which it keeps alive.
@safe package final class PackedMatrix: Sendable {
  package enum Side: Sendable { case rows, columns }

  /// Which operand this is: rows of A or columns of B.
  package let side: Side
  /// Rows of A or columns of B.
  package let lanes: Int
  /// Length of the sums.
  package let depth: Int

  let panel: Int
  /// The tier the order belongs to.
  let mask: UInt32
  private let floats: PackedFloats
  private let offset: Int

  var base: UnsafeMutablePointer<Float> { unsafe floats.base + offset }
  var panelStride: Int { panel * depth }
  var panelCount: Int { (lanes + panel - 1) / panel }

  /// Memory held.
  package var byteCount: Int { Self.floatCount(side, lanes: lanes, depth: depth, isa: isa) * MemoryLayout<Float>.stride }
  private let isa: ISA

  /// The operand that `pack` writes into `floats` from `offset` on.
  init(_ side: Side, lanes: Int, depth: Int, isa: ISA, in floats: PackedFloats, at offset: Int = 0) {
    self.side = side
    self.lanes = lanes
    self.depth = depth
    self.isa = isa
    panel = Self.panel(side, isa)
    mask = unsafe isa.gemm.isa
    self.floats = floats
    self.offset = offset
  }

  /// Packs A [lanes, depth].
  package convenience init(rowsOf a: Matrix, lanes: Int, depth: Int, isa: ISA, pool: ThreadPool) throws(OnyxError) {
    try self.init(.rows, a, lanes, depth, isa, pool)
  }

  /// Packs B [depth, lanes].
  package convenience init(columnsOf b: Matrix, depth: Int, lanes: Int, isa: ISA, pool: ThreadPool) throws(OnyxError) {
    try self.init(.columns, b, lanes, depth, isa, pool)
  }

  private convenience init(_ side: Side, _ source: Matrix, _ lanes: Int, _ depth: Int, _ isa: ISA, _ pool: ThreadPool) throws(OnyxError) {
    let floats = try unsafe PackedFloats(count: Self.floatCount(side, lanes: lanes, depth: depth, isa: isa)) { target in
      unsafe Self.pack(side, source, lanes: lanes, depth: depth, isa: isa, into: target, pool)
    }
    self.init(side, lanes: lanes, depth: depth, isa: isa, in: floats)
  }

  private static func panel(_ side: Side, _ isa: ISA) -> Int { unsafe Int(side == .rows ? isa.gemm.row_panel : isa.gemm.column_panel) }

  /// Floats of an operand, at least one vector.
  static func floatCount(_ side: Side, lanes: Int, depth: Int, isa: ISA) -> Int {
    let panel = panel(side, isa)
    return max((lanes + panel - 1) / panel * panel * depth, 16)
  }

  /// Writes A [lanes, depth] or B [depth, lanes] in panel order; the source need not be aligned.
  static func pack(
    _ side: Side, _ source: Matrix, lanes: Int, depth: Int, isa: ISA, into target: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let panel = panel(side, isa)
    let (laneStride, depthStride) = side == .rows ? (source.rowStride, source.columnStride) : (source.columnStride, source.rowStride)
    pool.parallelFor(count: (lanes + panel - 1) / panel, grain: max(1, 16384 / max(panel * depth, 1))) { range in
      let first = range.lowerBound * panel
      unsafe isa.gemm.pack!(
        target + first * depth, Int64(panel), Int64(panel * depth), source.base + first * laneStride,
        Int64(laneStride), Int64(depthStride), Int64(min(range.upperBound * panel, lanes) - first), Int64(depth))
    }
  }
}
