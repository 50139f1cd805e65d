/// A strided float32 matrix in memory: element (i, j) is `base[i * rowStride + j * columnStride]`.
///
/// SAFETY: a description only; whoever reads through `base` says which elements exist.
@safe package struct Matrix {
  package let base: UnsafePointer<Float>
  package let rowStride: Int
  package let columnStride: Int

  package init(_ base: UnsafePointer<Float>, rowStride: Int, columnStride: Int = 1) {
    unsafe self.base = base
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// The same memory with rows and columns exchanged.
  package var transposed: Matrix {
    unsafe Matrix(base, rowStride: columnStride, columnStride: rowStride)
  }
}
