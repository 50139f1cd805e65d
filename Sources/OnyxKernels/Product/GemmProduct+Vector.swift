import CKernels
import OnyxThreads

// SAFETY: see `Gemm`: panels, blocks and scratch are cut from the bounds of the operands.

extension GemmProduct {
  /// Products with one row or one column of C, which are bound by memory: no operand is packed. Returns false when
  /// the strides ask for the general way.
  func runAsVectorProduct() -> Bool {
    guard !epilogue.accumulate, k > 0, let a = a.matrix, let b = b.matrix else { return false }
    if m == 1 {
      return unsafe run(
        vector: a.base, stride: a.columnStride, matrix: b, count: n, bias: epilogue.columnBias,
        constant: epilogue.rowBias)
    }
    if n == 1 && rowStride == 1 {
      return unsafe run(
        vector: b.base, stride: b.rowStride, matrix: a.transposed, count: m, bias: epilogue.rowBias,
        constant: epilogue.columnBias)
    }
    return false
  }

  /// Columns below which tiles of packed panels are as good.
  private static let fewestColumns = 128

  /// Products with few rows of C and rows of B that lie in memory: none is packed. Returns false when the operands ask for the general way.
  func runFewRows() -> Bool {
    guard 2...Int(ONYX_GEMM_FEW_ROWS) ~= m, n >= GemmProduct.fewestColumns, k > 0, !epilogue.accumulate, let a = a.matrix,
      let b = b.matrix, a.columnStride == 1, b.columnStride == 1
    else { return false }
    pool.parallelFor(count: n, grain: max(64, 65536 / (m * k)), chunksPerThread: n <= 4096 ? 1 : 4) { range in
      let (first, count) = (range.lowerBound, range.count)
      unsafe isa.gemm.few_rows!(
        c + first, Int64(rowStride), a.base, Int64(a.rowStride), Int64(m), b.base + first, Int64(b.rowStride), Int64(k), Int64(count))
      for row in 0..<m {
        unsafe finish(
          c + row * rowStride + first, count, bias: epilogue.columnBias.map { unsafe $0 + first }, constant: epilogue.rowBias?[row] ?? 0)
      }
    }
    return true
  }

  /// y[j] = sum over p of x[p] * B[p, j], then the epilogue.
  private func run(
    vector: UnsafePointer<Float>, stride: Int, matrix: Matrix, count: Int, bias: UnsafePointer<Float>?,
    constant: UnsafePointer<Float>?
  ) -> Bool {
    guard matrix.columnStride == 1 || matrix.rowStride == 1 else { return false }
    unsafe withContiguous(vector, stride: stride) { x in
      if unsafe runByChains(x, matrix, count) { return unsafe finish(c, count, bias: bias, constant: constant?.pointee ?? 0) }
      // Long pieces of rows, which lie in memory one behind the other, or many columns.
      let pieces = matrix.columnStride == 1 && count <= 4096 ? 1 : 4
      pool.parallelFor(count: count, grain: max(64, 65536 / k), chunksPerThread: pieces) { range in
        let start = range.lowerBound
        let y = unsafe c + start
        if matrix.columnStride == 1 {
          unsafe isa.gemm.gemv_rows!(
            y, x, matrix.base + start, Int64(matrix.rowStride), Int64(k), Int64(range.count))
        } else {
          unsafe isa.gemm.gemv_columns!(
            y, x, matrix.base + start * matrix.columnStride, Int64(matrix.columnStride), Int64(k),
            Int64(range.count))
        }
        unsafe finish(y, range.count, bias: bias.map { unsafe $0 + start }, constant: constant?.pointee ?? 0)
      }
    }
    return true
  }

  /// Each thread sums whole chains, whose rows follow each other in memory, for all columns; then the chains are added in order, with the
  /// bits of one thread. Returns false when there are too few chains, or columns, to be dealt so.
  private func runByChains(_ x: UnsafePointer<Float>, _ matrix: Matrix, _ count: Int) -> Bool {
    let chains = (k + GemmProduct.longestBlock - 1) / GemmProduct.longestBlock
    guard pool.threadCount > 1, matrix.columnStride == 1, 256...4096 ~= count, k % GemmProduct.longestBlock == 0,
      chains % pool.threadCount == 0 || chains >= 4 * pool.threadCount
    else { return false }
    unsafe pool.workspace.withFloats(chains * count) { sums in
      pool.parallelFor(count: chains, chunksPerThread: chains % pool.threadCount == 0 ? 1 : 4) { range in
        for chain in range {
          let start = chain * GemmProduct.longestBlock
          unsafe isa.gemm.gemv_rows!(
            sums + chain * count, x + start, matrix.base + start * matrix.rowStride, Int64(matrix.rowStride),
            Int64(GemmProduct.longestBlock), Int64(count))
        }
      }
      unsafe c.update(from: sums, count: count)
      for chain in 1..<chains {
        unsafe isa.elementwise.binary[BinaryOperation.add.rawValue]!(c, c, sums + chain * count, Int64(count), 0)
      }
    }
    return true
  }

  private func withContiguous(
    _ vector: UnsafePointer<Float>, stride: Int, _ body: (UnsafePointer<Float>) -> Void
  ) {
    guard stride != 1 else { return unsafe body(vector) }
    unsafe pool.workspace.withFloats(k) { copy in
      for p in 0..<k { unsafe copy[p] = vector[p * stride] }
      unsafe body(copy)
    }
  }

  private func finish(
    _ y: UnsafeMutablePointer<Float>, _ count: Int, bias: UnsafePointer<Float>?, constant: Float
  ) {
    let n = Int64(count)
    let (low, high) = epilogue.activation.limits
    if epilogue.alpha != 1 || constant != 0 {
      unsafe isa.elementwise.unary[UnaryOperation.affine.rawValue]!(y, y, n, epilogue.alpha, constant)
    }
    if unsafe bias != nil || epilogue.activation.isClamp {
      unsafe isa.elementwise.scale_shift_rows!(y, y, n, nil, bias, low, high)
    }
    unsafe epilogue.activation.apply(y, rows: 1, stride: count, count: count, isa: isa)
  }
}
