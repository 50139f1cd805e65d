extension KernelTable {
  /// The rows that compute convolutions by Winograd's form.
  package static let winogradRows: Set<String> = [WinogradRows.four.name, WinogradRows.two.name]

  /// Every row of every operator, best first: the first that serves a node makes its kernel. What is listed here is the order in
  /// which `onyx explain --candidates` names the rows of a node.
  package static let rows: [KernelRow] =
    [
      // BlockedConv
      WinogradRows.four, WinogradRows.two, Bfloat16ConvolutionRows.blocked, BlockedWindowRows.window, BlockedWindowRows.groups,
      BlockedRows.tapwise, BlockedRows.direct,
      // MatMul, Gemm, FusedMatMul, FusedGemm
      Bfloat16ProductRows.linear, HalfProductRows.linear, LinearRows.fusedMatMul, MatrixRows.gemm, MatrixRows.fusedGemm, MatrixRows.matMul,
      TypedProductRows.matMul, TypedProductRows.gemm,
      // Conv, FusedConv
      ConvolutionRows.point, ConvolutionRows.packed, ConvolutionRows.fusedPoint, ConvolutionRows.fusedPacked,
      ChannelsLastRows.depthwise, TransposedConvolutionRows.depthwise, TransposedConvolutionRows.doubleDepthwise,
      TransposedConvolutionRows.product, RunTimeConvolutionRows.convolution, RunTimeConvolutionRows.fused,
      RunTimeConvolutionRows.transposed, DeformedConvolutionRows.gathered,
      BlockedRows.block, BlockedRows.unblock, BlockedRows.gather, PhaseRows.interleaved,
      BlockedNormalizationRows.group,
      AttentionRows.fused, AttentionRows.standard, GroupQueryRows.attention, AttentionBlockRows.block, SplitAttentionRows.split,
      ReductionRows.globalPool, FoldRows.globalPool,
      GatherRows.gather, GatherRows.elements, GatherRows.tuples,
      ResizeRows.nearest, ResizeRows.interpolated, GridRows.sample, AffineGridRows.grid,
    ]
    + [
      RotaryRows.all, DoubleConvolutionRows.all, PoolRows.all, SequenceRows.all, ElementwiseRows.all, ReductionRows.all, FoldRows.all,
      NormalizationRows.all, StatisticsRows.all, DoubleRows.all,
      LpNormalizationRows.all, MovementRows.all, PatternRows.all, ScatterRows.all, CompressRows.all, EinsumRows.all, QuantizationRows.all,
      SelectionRows.all, HardmaxRows.all, CumulativeRows.all, RecurrentRows.all, FourierRows.all,
      RegionRows.all, SuppressionRows.all, TreeEnsembleRows.all, SVMRows.all, FeatureRows.all, GramRows.all,
      // A cast to its own type is a view before it is a conversion; float32 has kernels of its own before those of every type.
      ViewRows.all, ElementRows.all, FunctionRows.all, ConversionRows.all,
    ].flatMap { $0 }
    + [ByteConvolutionRows.qLinear, ByteConvolutionRows.integer] + BlockedByteRows.all
    + [ByteProductRows.quantizedGemm, ByteProductRows.qLinear, ByteProductRows.integer, NBitsRows.matMul]
}
