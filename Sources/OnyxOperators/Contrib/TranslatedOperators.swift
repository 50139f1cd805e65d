import OnyxGraph

/// Operators of ONNX Runtime and of the previews of ONNX that stand in no row of the catalog, since the loader says them by operators that
/// do.
package enum TranslatedOperators {
  /// Those of the domain com.microsoft, one that ONNX Runtime writes into the domain of the standard, and those of the previews.
  package static let names = Set(
    contrib.map { OperatorName($0, domain: "com.microsoft") } + [
      OperatorName("SimplifiedLayerNormalization"), OperatorName("FlexAttention", domain: "ai.onnx.preview"),
      OperatorName("Gradient", domain: "ai.onnx.preview.training"),
    ])

  private static let contrib = [
    "Attention", "BiasAdd", "BiasGelu", "BiasSplitGelu", "CDist", "ConvTransposeWithDynamicPads", "DequantizeLinear",
    "DynamicQuantizeMatMul", "EmbedLayerNormalization", "ExpandDims", "FastGelu", "FusedConv", "FusedGemm", "FusedMatMul", "GatherND",
    "Gelu", "GridSample", "MatMulIntegerToFloat", "MultiHeadAttention", "NhwcConv", "NhwcFusedConv", "NhwcMaxPool", "Pad", "QAttention",
    "QEmbedLayerNormalization", "QGemm", "QLinearAdd", "QLinearAveragePool", "QLinearConcat", "QLinearConv", "QLinearGlobalAveragePool",
    "QLinearLeakyRelu", "QLinearMul", "QLinearReduceMean", "QLinearSigmoid", "QLinearSoftmax", "QLinearWhere", "QuantizeLinear",
    "QuickGelu", "Range", "RotaryEmbedding", "SimplifiedLayerNormalization", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization",
    "TransposeMatMul", "Trilu", "Unique",
  ]
}
