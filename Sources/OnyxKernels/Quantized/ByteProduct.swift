import CKernels
import OnyxThreads

/// Products of matrices of bytes, C[m, n] = A[m, k] · B[k, n], both less their zero points, in int32 that wraps.
///
/// A is read row by row with unit stride. Rows become unsigned and columns signed.
///
/// SAFETY: A holds m x k bytes and C m x n elements of the epilogue; packed columns have n lanes of depth k. Panels are cut
/// from these bounds, and scratch sizes are computed from the same panel counts.
struct ByteProduct {
  let m, n, k: Int
  /// Of A.
  let isSigned: Bool
  /// One for each column as they are packed, or empty when all are zero.
  let columnZeroPoints: [Int32]
  let isa: ISA

  /// The zero point of A after packing.
  static func packedPoint(_ zeroPoint: Int32, isSigned: Bool) -> Int32 { isSigned ? zeroPoint + 128 : zeroPoint }

  /// What the zero points add to each column, given the columns' sums.
  func columnBias(_ sums: UnsafeBufferPointer<Int32>, zeroPoint: Int32) -> [Int32] {
    let point = Self.packedPoint(zeroPoint, isSigned: isSigned)
    return (0..<n).map { column in
      let own = columnZeroPoints.isEmpty ? 0 : Int32(truncatingIfNeeded: k) &* point &* columnZeroPoints[column]
      return unsafe 0 &- point &* sums[column] &+ own
    }
  }

  /// `epilogue` has one column for each of n, its biases included.
  func run(
    _ a: UnsafePointer<UInt8>, columns: UnsafePointer<UInt8>, into c: UnsafeMutablePointer<UInt8>, epilogue: ByteEpilogue, pool: ThreadPool
  ) {
    let panel = isa.int8Panel(.rows)
    guard m > 0, n > 0, let panelSize = isa.int8PanelSize(.rows, depth: k), let columnSize = isa.int8PanelSize(.columns, depth: k) else {
      return
    }
    let panels = (m + panel - 1) / panel
    let columnPanel = isa.int8Panel(.columns)
    let columnPanels = (n + columnPanel - 1) / columnPanel
    let threads = m * n * k < 4 * GemmProduct.serialWork ? 1 : pool.threadCount
    // Each row panel passes all columns, so its rows are packed by its task; few panels are packed first and the columns shared out.
    if threads == 1 || panels >= 4 * threads {
      // What is too little for two threads is one portion, and what one thread does can be ended between portions.
      let least = max(1, 4 * GemmProduct.serialWork / max(panel * n * k, 1))
      pool.parallelFor(count: panels, grain: threads == 1 && pool.threadCount > 1 ? panels : least) { range in
        unsafe pool.workspace.withScratch(panelSize + panel * 4 + 64) { scratch in
          for index in range {
            let rows = index * panel..<min((index + 1) * panel, m)
            unsafe packed(a, rows, panelSize, scratch) { sums in
              unsafe block(scratch, rows, sums, columns, 0..<n, c, epilogue)
            }
          }
        }
      }
      return
    }
    unsafe pool.workspace.withScratch(panels * panelSize + panels * panel * 4 + 64) { scratch in
      unsafe packed(a, 0..<m, panels * panelSize, scratch) { sums in
        pool.parallelFor(count: columnPanels, grain: max(1, GemmProduct.serialWork / max(m * columnPanel * k, 1))) { range in
          let part = range.lowerBound * columnPanel..<min(range.upperBound * columnPanel, n)
          unsafe block(scratch, 0..<m, sums, columns + range.lowerBound * columnSize, part, c, epilogue)
        }
      }
    }
  }

  /// Packs some rows, and behind them their sums when the columns have zero points.
  private func packed(
    _ a: UnsafePointer<UInt8>, _ rows: Range<Int>, _ end: Int, _ scratch: UnsafeMutablePointer<UInt8>,
    _ body: (UnsafePointer<Int32>?) -> Void
  ) {
    let sums: UnsafeMutablePointer<Int32>? =
      unsafe columnZeroPoints.isEmpty ? nil : UnsafeMutableRawPointer(scratch + end).assumingMemoryBound(to: Int32.self)
    unsafe isa.int8.pack_rows!(
      scratch, a + rows.lowerBound * k, Int64(k), 1, Int64(rows.count), Int64(k), isSigned ? 0x80 : 0, 0, sums)
    unsafe body(sums)
  }

  private func block(
    _ packed: UnsafePointer<UInt8>, _ rows: Range<Int>, _ sums: UnsafePointer<Int32>?, _ columns: UnsafePointer<UInt8>, _ part: Range<Int>,
    _ c: UnsafeMutablePointer<UInt8>, _ epilogue: ByteEpilogue
  ) {
    let terms = unsafe sums == nil ? [] : columnZeroPoints[part].map { 0 &- $0 }
    unsafe terms.withUnsafeBufferPointer { terms in
      unsafe epilogue.withC(column: part.lowerBound, rowTerm: sums, columnTerm: sums == nil ? nil : terms.baseAddress) { epilogue in
        let output = unsafe c + (rows.lowerBound * n + part.lowerBound) * self.width(epilogue)
        unsafe isa.int8.block!(Int64(k), packed, Int64(rows.count), columns, Int64(part.count), output, Int64(n), 1, epilogue)
      }
    }
  }

  private func width(_ epilogue: UnsafePointer<onyx_int8_epilogue>) -> Int {
    unsafe epilogue.pointee.kind == Int32(ONYX_INT8_BYTES) ? 1 : 4
  }
}
