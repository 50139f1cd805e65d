import CKernels
import OnyxThreads

/// Matrix products over float32: C[m, n] = activation(alpha * A[m, k] * B[k, n] + (accumulate ? C : 0) + biases).
///
/// Sums run over blocks of at most 512 terms whose results are added in order. The blocks depend on k only and each
/// element of C belongs to one task, so results are bit-equal for every number of threads.
///
/// SAFETY: A, B and C hold m x k, k x n and m x n elements at their strides, biases m or n; C overlaps neither
/// operand. Panels are cut from these bounds; scratch sizes are computed from the same panel counts.
package enum Gemm {
  /// Where an operand comes from.
  package enum Operand {
    case matrix(Matrix)
    case packed(PackedMatrix)
    /// Columns of B taken from a staged image.
    case image(ImagePanels)

    var isPacked: Bool {
      if case .packed = self { return true }
      return false
    }

    var matrix: Matrix? {
      if case .matrix(let matrix) = self { return matrix }
      return nil
    }
  }

  /// What happens to the product on its way to C.
  @safe package struct Epilogue {
    package var alpha: Float
    /// Adds to C instead of overwriting it.
    package var accumulate: Bool
    /// One bias per row (m) and per column (n).
    package var rowBias: UnsafePointer<Float>?
    package var columnBias: UnsafePointer<Float>?
    package var activation: Activation

    package init(
      alpha: Float = 1, accumulate: Bool = false, rowBias: UnsafePointer<Float>? = nil,
      columnBias: UnsafePointer<Float>? = nil, activation: Activation = .none
    ) {
      self.alpha = alpha
      self.accumulate = accumulate
      unsafe self.rowBias = rowBias
      unsafe self.columnBias = columnBias
      self.activation = activation
    }
  }

  /// One product. C has unit column stride and `rowStride` elements between rows.
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, rowStride: Int,
    epilogue: Epilogue = unsafe Epilogue(), isa: ISA, pool: ThreadPool
  ) {
    guard m > 0, n > 0 else { return }
    let product = unsafe GemmProduct(
      m: m, n: n, k: k, a: a, b: b, c: c, rowStride: rowStride, epilogue: epilogue, isa: isa, pool: pool)
    if product.runAsVectorProduct() || product.runFewRows() { return }
    product.run()
  }

  /// Many products of one shape; element offsets of the operands per product, which may repeat. Row strides of C as
  /// in `multiply`. Biases are shared.
  package static func multiplyBatch(
    m: Int, n: Int, k: Int, _ a: Matrix, offsets aOffsets: [Int], _ b: Matrix, offsets bOffsets: [Int],
    into c: UnsafeMutablePointer<Float>, offsets cOffsets: [Int], rowStride: Int,
    epilogue: Epilogue = unsafe Epilogue(), isa: ISA, pool: ThreadPool
  ) {
    let body = { (i: Int) in
      let left = unsafe Matrix(a.base + aOffsets[i], rowStride: a.rowStride, columnStride: a.columnStride)
      let right = unsafe Matrix(b.base + bOffsets[i], rowStride: b.rowStride, columnStride: b.columnStride)
      unsafe multiply(
        m: m, n: n, k: k, .matrix(left), .matrix(right), into: c + cOffsets[i], rowStride: rowStride,
        epilogue: epilogue, isa: isa, pool: pool)
    }
    guard cOffsets.count >= pool.threadCount else {
      for i in cOffsets.indices { body(i) }
      return
    }
    // Inside a job the products run serially.
    pool.parallelFor(count: cOffsets.count, grain: max(1, GemmProduct.serialWork / max(m * n * k, 1))) { range in
      for i in range { body(i) }
    }
  }
}
