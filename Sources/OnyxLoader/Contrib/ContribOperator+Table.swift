import OnyxTensor

extension ContribOperator {
  /// One row for each operator.
  static let table: [ContribOperator] = [
    ContribOperator("Gelu", inputs: 1...1, GeluForms.gelu),
    ContribOperator("FastGelu", inputs: 1...2, GeluForms.fastGelu),
    ContribOperator("BiasGelu", inputs: 2...2, GeluForms.biasGelu),
    ContribOperator("QuickGelu", inputs: 1...1, GeluForms.quickGelu),
    ContribOperator("BiasSplitGelu", inputs: 2...2, GeluForms.biasSplitGelu),

    // ONNX Runtime writes this one into the standard's domain.
    ContribOperator("SimplifiedLayerNormalization", domain: "", inputs: 2...2, outputs: 1...2, SkipNormalization.simplified),
    ContribOperator("SimplifiedLayerNormalization", inputs: 2...2, outputs: 1...2, SkipNormalization.simplified),
    ContribOperator("SkipLayerNormalization", inputs: 3...5, outputs: 1...4, SkipNormalization.skip),
    ContribOperator("SkipSimplifiedLayerNormalization", inputs: 3...4, outputs: 1...4, SkipNormalization.skipSimplified),
    ContribOperator("EmbedLayerNormalization", inputs: 7...9, outputs: 1...3, EmbedNormalization.floating),
    ContribOperator("QEmbedLayerNormalization", inputs: 18...18, outputs: 1...2, EmbedNormalization.quantized),

    ContribOperator("FusedConv", inputs: 2...4, FusedProducts.conv),
    ContribOperator("NhwcConv", inputs: 2...3, FusedProducts.channelsLastConv),
    ContribOperator("NhwcFusedConv", inputs: 2...4, FusedProducts.channelsLastConv),
    ContribOperator("FusedGemm", inputs: 2...3, FusedProducts.gemm),
    ContribOperator("FusedMatMul", inputs: 2...2, FusedProducts.matMul),
    ContribOperator("TransposeMatMul", inputs: 2...2, FusedProducts.matMul),
    ContribOperator("ConvTransposeWithDynamicPads", inputs: 2...4, DynamicPads.convTranspose),

    ContribOperator("Attention", inputs: 2...7, outputs: 1...2, PackedAttention.floating),
    ContribOperator("QAttention", inputs: 5...9, outputs: 1...2, PackedAttention.quantized),
    ContribOperator("MultiHeadAttention", inputs: 1...10, outputs: 1...4, MultiHeadAttention.apply),
    ContribOperator("RotaryEmbedding", inputs: 4...4, RotaryPositions.apply),

    ContribOperator("FlexAttention", domain: "ai.onnx.preview", inputs: 3...3, FlexAttention.apply),
    ContribOperator("Gradient", domain: "ai.onnx.preview.training", inputs: 1...Int.max, outputs: 1...Int.max, Gradient.apply),

    ContribOperator("DynamicQuantizeMatMul", inputs: 3...5, QuantizedProducts.dynamicMatMul),
    ContribOperator("MatMulIntegerToFloat", inputs: 4...7, QuantizedProducts.matMulToFloat),
    ContribOperator("QGemm", inputs: 6...9, QuantizedProducts.gemm),
    ContribOperator("QLinearConv", inputs: 8...9, QuantizedWindows.conv),
    ContribOperator("QLinearAveragePool", inputs: 4...5, QuantizedWindows.averagePool),
    ContribOperator("QLinearGlobalAveragePool", inputs: 5...5, QuantizedWindows.globalAveragePool),
    ContribOperator("NhwcMaxPool", inputs: 1...1, QuantizedWindows.maxPool),

    ContribOperator("QLinearAdd", inputs: 7...8) { (t) throws(OnyxError) in try QuantizedElements.binary("Add", &t) },
    ContribOperator("QLinearMul", inputs: 7...8) { (t) throws(OnyxError) in try QuantizedElements.binary("Mul", &t) },
    ContribOperator("QLinearSigmoid", inputs: 4...5, QuantizedElements.sigmoid),
    ContribOperator("QLinearLeakyRelu", inputs: 4...5, QuantizedElements.leakyRelu),
    ContribOperator("QLinearSoftmax", inputs: 5...5, QuantizedElements.softmax),
    ContribOperator("QLinearConcat", inputs: 5...Int.max, QuantizedElements.concat),
    ContribOperator("QLinearWhere", inputs: 9...9, QuantizedElements.choose),
    ContribOperator("QLinearReduceMean", inputs: 4...5, QuantizedElements.reduceMean),

    ContribOperator("QuantizeLinear", inputs: 2...3) { (t) throws(OnyxError) in try Renamed.apply("QuantizeLinear", "axis", &t) },
    ContribOperator("DequantizeLinear", inputs: 2...3) { (t) throws(OnyxError) in try Renamed.apply("DequantizeLinear", "axis", &t) },
    ContribOperator("Trilu", inputs: 1...2) { (t) throws(OnyxError) in try Renamed.apply("Trilu", "upper", &t) },

    ContribOperator("BiasAdd", inputs: 3...3, EarlyForms.biasAdd),
    ContribOperator("CDist", inputs: 2...2, EarlyForms.distances),
    ContribOperator("ExpandDims", inputs: 2...2, EarlyForms.expandDims),
    ContribOperator("GatherND", inputs: 2...2, EarlyForms.gatherND),
    ContribOperator("GridSample", inputs: 2...2, EarlyForms.gridSample),
    ContribOperator("Pad", inputs: 2...3, EarlyForms.pad),
    ContribOperator("Range", inputs: 2...3, EarlyForms.range),
    ContribOperator("Unique", inputs: 1...1, outputs: 1...3, EarlyForms.unique),
  ]
}
