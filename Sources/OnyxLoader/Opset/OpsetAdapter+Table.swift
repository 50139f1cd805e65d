import OnyxGraph
import OnyxOperators
import OnyxTensor

extension OpsetAdapter {
  /// Every old form that differs from today's. An operator and a version have one row at most; no row means the same form.
  package static let table: [OpsetAdapter] = [
    OpsetAdapter(
      "Abs", "Ceil", "Elu", "Exp", "Floor", "HardSigmoid", "InstanceNormalization", "LeakyRelu", "Log", "Max", "Mean", "Min", "Neg",
      "Reciprocal",
      "Relu", "Sigmoid", "Sqrt", "Sum", "Tanh", opsets: 1..<6
    ) { (node, _) throws(OnyxError) in node.attributes["consumed_inputs"] = nil },

    OpsetAdapter(
      "Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor", opsets: 1..<7, apply: AxisBroadcast.apply),
    OpsetAdapter("Gemm", opsets: 1..<7) { (node, _) throws(OnyxError) in node.attributes["broadcast"] = nil },
    OpsetAdapter("PRelu", opsets: 1..<7, apply: ChannelSlope.apply),

    OpsetAdapter(
      "ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare", opsets: 1..<18,
      apply: AttributeInputs.reductionAxes),
    OpsetAdapter("ReduceLogSum", "ReduceLogSumExp", opsets: 1..<18, apply: FormerIntegers.logarithmOverAxes),
    OpsetAdapter("ReduceLogSum", "ReduceLogSumExp", opsets: 18..<28, apply: FormerIntegers.logarithm),
    OpsetAdapter("Erf", opsets: 9..<13, apply: FormerIntegers.erf),
    OpsetAdapter("ReduceSum", opsets: 1..<13, apply: AttributeInputs.reductionAxes),
    OpsetAdapter("Squeeze", opsets: 1..<13, apply: AttributeInputs.squeezeAxes),
    OpsetAdapter("Unsqueeze", opsets: 1..<13, apply: AttributeInputs.unsqueezeAxes),
    OpsetAdapter("Slice", opsets: 1..<10, apply: AttributeInputs.sliceBounds),
    OpsetAdapter("TopK", opsets: 1..<10, apply: AttributeInputs.topCount),
    OpsetAdapter("Reshape", opsets: 1..<5, apply: AttributeInputs.reshapeTarget),
    OpsetAdapter("DFT", opsets: 17..<20, apply: AttributeInputs.transformAxis),
    OpsetAdapter("Clip", opsets: 1..<11, apply: AttributeInputs.clipBounds),
    OpsetAdapter("Pad", opsets: 1..<11, apply: AttributeInputs.pads),

    OpsetAdapter("Split", opsets: 1..<18, apply: SplitSizes.apply),
    OpsetAdapter("Tile", opsets: 1..<6, apply: TileAlongAxis.apply),
    OpsetAdapter("Softmax", "LogSoftmax", "Hardmax", opsets: 1..<13, apply: FlattenedSoftmax.apply),
    OpsetAdapter("BatchNormalization", opsets: 1..<14, apply: OldBatchNormalization.apply),
    OpsetAdapter("GroupNormalization", opsets: 18..<21, apply: GroupParameters.apply),
    OpsetAdapter("Dropout", opsets: 1..<12, apply: OldDropout.apply),
    OpsetAdapter("Upsample", opsets: 1..<(Catalog.newestOpset + 1), apply: OldResize.upsample),
    OpsetAdapter("Resize", opsets: 10..<11, apply: OldResize.scalesOnly),
    OpsetAdapter("Resize", opsets: 11..<13, apply: OldResize.requiredInputs),

    OpsetAdapter("Cast", opsets: 1..<6, apply: OldAttributes.castTarget),
    OpsetAdapter("Concat", opsets: 1..<4, apply: OldAttributes.concatAxis),
    OpsetAdapter("Selu", opsets: 1..<6, apply: OldAttributes.seluCoefficients),
    OpsetAdapter("LpPool", "GlobalLpPool", opsets: 1..<2, apply: OldAttributes.integralNorm),
    OpsetAdapter("RNN", "LSTM", "GRU", opsets: 1..<7, apply: OldAttributes.recurrent),
    OpsetAdapter("GridSample", opsets: 16..<20, apply: OldAttributes.gridSampleMode),
    OpsetAdapter("RoiAlign", opsets: 10..<16, apply: OldAttributes.roiAlignment),
    OpsetAdapter("Scatter", opsets: 9..<(Catalog.newestOpset + 1)) { (node, _) throws(OnyxError) in
      node.op = OperatorName("ScatterElements")
    },
    OpsetAdapter("LabelEncoder", domain: "ai.onnx.ml", opsets: 1..<2, apply: OldAttributes.classesByIndex),
    OpsetAdapter("Scan", opsets: 8..<9) { (node, _) throws(OnyxError) in
      // Every input has a batch axis, a form that later versions dropped.
      node.op = OperatorName("BatchedScan", domain: "onyx")
    },
  ]
}
