extension KernelTable {
  /// Every row, best first for each operator; those of a lower precision serve only when it is asked for. Rows of one family stand in
  /// `Kernels/Rows/`.
  package static let rows: [KernelRow] =
    [
      winogradRows, bfloat16Rows, blockedWindowRows, blockedRows, linearRows, attentionRows, convolutionRows, transposedConvolutionRows,
      matrixRows, fusedRows, attentionBlockRows, splitAttentionRows,
      poolRows, elementwiseRows, reductionRows, normalizationRows, viewRows, movementRows, byteConvolutionRows, byteProductRows,
      quantizationRows, genericRows,
    ].flatMap { $0 }
}
