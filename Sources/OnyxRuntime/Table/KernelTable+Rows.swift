extension KernelTable {
  /// Every row, best first for each operator. Rows of one family stand in `Kernels/Rows/`.
  package static let rows: [KernelRow] =
    [
      convolutionRows, byteConvolutionRows, quantizationRows, matrixRows, byteProductRows, fusedRows, poolRows, elementwiseRows, reductionRows, normalizationRows, viewRows, movementRows, genericRows,
    ].flatMap { $0 }
}
