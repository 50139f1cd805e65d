import OnyxGraph
import OnyxTensor

/// Every operator that Onyx has: the only list. One entry per operator file or family, by folder.
package enum Catalog {
  package static let definitions: [OperatorDefinition] = families.flatMap { $0 }

  private static let families: [[OperatorDefinition]] = [
    UnaryMath.definitions, UnaryNumeric.definitions, Not.definitions, FloatTest.definitions,
    [Gelu.definition, Shrink.definition, PRelu.definition, SwiGLU.definition, Clip.definition],
    Arithmetic.definitions, Logic.definitions, Comparison.definitions,
    [Pow.definition, BitShift.definition, Where.definition, NumberRange.definition],
    Reduction.definitions, ArgExtreme.definitions, Cumulative.definitions, AxisNormalizer.definitions, [TopK.definition, SumTo.definition],
    Cast.definitions, [BitCast.definition],
    [Conv.definition, ConvTranspose.definition],
    GlobalPool.definitions, [AveragePool.definition, LpPool.definition, MaxPool.definition, MaxUnpool.definition],
    [MatMul.definition, Gemm.definition, Einsum.definition, Det.definition],
    [BatchNormalization.definition, LayerNormalization.definition, RMSNormalization.definition], GroupNormalization.definitions,
    [LRN.definition, LpNormalization.definition, MeanVarianceNormalization.definition],
    [QuantizeLinear.definition, DequantizeLinear.definition, DynamicQuantizeLinear.definition],
    [MatMulInteger.definition, ConvInteger.definition, QLinearMatMul.definition, QLinearConv.definition],
    [Attention.definition, RotaryEmbedding.definition],
    [LSTM.definition, GRU.definition, RNN.definition],
    [DFT.definition, STFT.definition, MelWeightMatrix.definition], CosineWindow.definitions,
    [NegativeLogLikelihoodLoss.definition, SoftmaxCrossEntropyLoss.definition],
    [Bernoulli.definition, Multinomial.definition], RandomFill.definitions,
    [
      AffineGrid.definition, CenterCropPad.definition, Col2Im.definition, Compress.definition, Concat.definition,
      DepthToSpace.definition, Dropout.definition, EyeLike.definition, Gather.definition, GatherElements.definition,
      GatherND.definition, GridSample.definition, Identity.definition, NonZero.definition, OneHot.definition, Pad.definition,
      Resize.definition, ReverseSequence.definition, ScatterElements.definition, ScatterND.definition, Slice.definition,
      SpaceToDepth.definition, Split.definition, Tile.definition, Transpose.definition, Trilu.definition, Unique.definition,
    ],
    [
      Constant.definition, ConstantOfShape.definition, Expand.definition, Flatten.definition, Reshape.definition,
      ShapeOf.definition, SizeOf.definition, Squeeze.definition, Unsqueeze.definition,
    ],
    [
      FusedConv.definition, FusedGemm.definition, FusedMatMul.definition, FusedAttention.definition, AttentionBlock.definition,
      SplitAttention.definition, ChannelsLastConv.definition,
    ],
    [
      BlockChannels.definition, UnblockChannels.definition, BlockedConv.definition, BlockedQLinearConv.definition,
      GatherChannels.definition, InterleavedPhases.definition, BlockedGroupNormalization.definition,
    ],
    BlockedPool.definitions,
    [If.definition, Loop.definition, Scan.definition, BatchedScan.definition, SequenceMap.definition],
    [
      SequenceAt.definition, SequenceConstruct.definition, SequenceEmpty.definition, SequenceErase.definition,
      SequenceInsert.definition, SequenceLength.definition, SplitToSequence.definition, ConcatFromSequence.definition,
    ],
    [OptionalOf.definition, OptionalGetElement.definition, OptionalHasElement.definition],
    [NonMaxSuppression.definition, RoiAlign.definition, MaxRoiPool.definition, DeformConv.definition],
    [LinearAttention.definition, CausalConvWithState.definition, TensorScatter.definition],
    [QuantizedGemm.definition, QuantizedBinary.definition, QuantizedMean.definition, ByteTable.definition],
    [
      CropAndResize.definition, DynamicQuantizeLSTM.definition, GatherBlockQuantized.definition, GroupQueryAttention.definition,
      Inverse.definition, MatMulNBits.definition,
    ],
    [
      ArrayFeatureExtractor.definition, Binarizer.definition, CastMap.definition, CategoryMapper.definition,
      DictVectorizer.definition, FeatureVectorizer.definition,
      Imputer.definition, LabelEncoder.definition, LinearClassifier.definition, LinearRegressor.definition, Normalizer.definition,
      OneHotEncoder.definition, SVMClassifier.definition, SVMRegressor.definition, Scaler.definition, TreeEnsemble.definition,
      TreeEnsembleClassifier.definition, TreeEnsembleRegressor.definition, ZipMap.definition,
    ],
    [Adagrad.definition, Adam.definition, Momentum.definition],
    [ImageDecoder.definition],
    [
      RegexFullMatch.definition, StringConcat.definition, StringNormalizer.definition, StringSplit.definition, TfIdfVectorizer.definition,
    ],
  ]

  private static let byName: [OperatorName: OperatorDefinition] = Dictionary(
    definitions.map { ($0.signature.op, $0) }, uniquingKeysWith: { first, _ in first })

  /// The definition of an operator; nil when Onyx lacks it.
  package static func definition(of op: OperatorName) -> OperatorDefinition? { byName[op] }

  /// The newest version of the standard operator set ("") that the rules and references follow.
  package static let newestOpset = StandardOperators.newestOpsets["", default: 1]

  /// The newest version of one of the standard's operator sets that the rules and references follow; nil for a domain of somebody else.
  package static func newestOpset(of domain: String) -> Int? { StandardOperators.newestOpsets[domain] }

  /// The operator of a node, its attributes read and its arity checked. Errors carry the node.
  package static func make(_ node: Node) throws(OnyxError) -> any Operator {
    do throws(OnyxError) {
      guard let definition = definition(of: node.op) else { throw .unsupported("The operator \(node.op) is not implemented.") }
      var reader = AttributeReader(node)
      let op = try definition.make(&reader)
      try reader.finish()
      return op
    } catch { throw error.at(node: node.label) }
  }

  /// As `make`, for a node that makes tensors of tensors. Throws `unsupported` also for another one.
  package static func makeTensorOperator(_ node: Node) throws(OnyxError) -> any TensorOperator {
    guard let op = try make(node) as? any TensorOperator else {
      throw OnyxError.unsupported("The operator \(node.op) does not make tensors of tensors.").at(node: node.label)
    }
    return op
  }
}

extension Catalog {
  /// Why an operator of a model that imports `opset` cannot run; nil when it can.
  package static func reasonAgainst(_ op: OperatorName, opset: Int) -> String? {
    if TranslatedOperators.names.contains(op) { return nil }
    guard let signature = definition(of: op)?.signature else { return "not implemented" }
    if let newest = newestOpset(of: op.domain), opset > newest { return "opset \(opset) is newer than \(newest)" }
    guard signature.version(for: opset) != nil else { return "not part of opset \(opset)" }
    return nil
  }
}
