extension KernelTable {
  /// The rows that compute convolutions by Winograd's form.
  package static let winogradRows: Set<String> = [WinogradRows.four.name, WinogradRows.two.name]

  /// Every row of every operator, best first: the first that serves a node makes its kernel. What is listed here is the order in
  /// which `onyx explain --candidates` names the rows of a node.
  package static let rows: [KernelRow] =
    [
      // BlockedConv
      WinogradRows.four, WinogradRows.two, Bfloat16ConvolutionRows.blocked, BlockedWindowRows.window, BlockedWindowRows.groups,
      BlockedRows.direct,
      // MatMul, Gemm, FusedMatMul, FusedGemm
      Bfloat16ProductRows.linear, LinearRows.fusedMatMul, MatrixRows.gemm, MatrixRows.fusedGemm, MatrixRows.matMul,
      // Conv, FusedConv
      ConvolutionRows.point, ConvolutionRows.packed, ConvolutionRows.fusedPoint, ConvolutionRows.fusedPacked,
      ChannelsLastRows.depthwise, TransposedConvolutionRows.product, DeformedConvolutionRows.gathered,
      BlockedRows.block, BlockedRows.unblock,
      AttentionRows.fused, AttentionRows.standard, AttentionBlockRows.block, SplitAttentionRows.split,
      // MaxPool
      PoolRows.max, PoolRows.maxGeneric,
      PoolRows.average, PoolRows.blockedMax, PoolRows.blockedAverage, ReductionRows.globalPool,
      GatherRows.gather,
      ResizeRows.nearest, ResizeRows.interpolated, GridRows.sample, AffineGridRows.grid,
    ]
    + [
      ElementwiseRows.all, ReductionRows.all, NormalizationRows.all, MovementRows.all, QuantizationRows.all,
      // A cast to its own type is a view before it is a conversion; arithmetic in float32 comes before the generic loops.
      ViewRows.all, GenericRows.all, RegionRows.all,
    ].flatMap { $0 }
    + [ByteConvolutionRows.qLinear, ByteConvolutionRows.integer]
    + [ByteProductRows.quantizedGemm, ByteProductRows.qLinear, ByteProductRows.integer]
}
