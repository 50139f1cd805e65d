/// A set of rewrites that run together until none applies.
package struct Phase: Sendable {
  /// The lowest optimization level at which the phase runs.
  package let level: OptimizerOptions.Level
  /// Tried in this order at each node.
  package let rewrites: [Rewrite]
  /// Whether it runs only when the phase before it changed the graph.
  package let isSequel: Bool

  package init(level: OptimizerOptions.Level, rewrites: [Rewrite], isSequel: Bool = false) {
    self.level = level
    self.rewrites = rewrites
    self.isSequel = isSequel
  }

  package static let canonicalise = Phase(
    level: .canonicalise,
    rewrites: [
      .removeDeadNodes, .foldConstants, .shareEqualNodes,
      .inlineIf, .inlineLoop, .removeUnusedIterationValues, .captureUnchangedValues, .hoistFromLoop,
      .removeIdentity, .removeDropout, .removeCast, .removeUnchangingMovement, .removeNeutralArithmetic,
      .fixReshapeTarget, .fixExpandTarget, .mergeReshapes, .mergeTransposes, .mergeClamps,
      .recogniseGlobalReduction, .foldPadIntoWindow, .trimWindow, .recogniseGlobalPool,
      .recogniseHardSigmoid, .recogniseHardSwish, .recogniseSwish, .recogniseGelu, .recogniseTanhGelu,
      .recogniseLayerNormalization, .mergeLayerNormalizationBias, .recogniseGroupNormalization,
    ])

  /// Regions of 16-bit floats become float32. Behind the first recognisers, which know how numbers of formulas look in 16 bits.
  package static let widen = Phase(
    level: .all, rewrites: [.removeDeadNodes, .fixCastLike, .shareCasts, .readPastBorder, .widenHalf])

  /// What widening brought together.
  package static let canonicaliseWidened = Phase(level: .all, rewrites: canonicalise.rewrites, isSequel: true)

  /// Arithmetic on bytes where the file has floats between DequantizeLinear and QuantizeLinear.
  package static let quantise = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .removeClampBeforeQuantize, .moveDequantize, .removeQuantizeOfDequantize,
      .fuseQuantizedConv, .fuseQuantizedGemm, .fuseQuantizedMatMul, .fuseQuantizedBinary, .fuseQuantizedMean,
      .fuseByteTable,
    ])

  /// Quantized constants that no fusion wanted become floats.
  package static let settle = Phase(
    level: .canonicalise,
    rewrites: [.removeDeadNodes, .foldDequantized, .foldConstants, .mergeTransposes, .removeUnchangingMovement])

  /// Chooses where channels are last: transposes meet their inverse, and what lies between them takes the layout over.
  package static let channelsLast = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .foldConstants, .mergeReshapes, .mergeTransposes, .removeUnchangingMovement, .sinkTransposeThroughBinary,
      .turnGatheredAxis, .channelsLastDepthwise, .patchConv, .channelsLastPatchConv,
    ])

  /// What can join weights does, before fusions hide the products.
  package static let fold = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .fuseAttention, .lowerMatMulToGemm, .fuseMatMulBias, .foldScaleIntoMatMul,
      .foldBatchNormalizationIntoConv, .foldBatchNormalizationIntoGemm, .foldBatchNormalizationIntoMatMul, .foldScaleIntoConv,
      .foldBiasIntoConv,
      .mergeParallelConvs, .foldScaleIntoGroupNormalization, .foldBiasIntoGroupNormalization,
      // Where a normalization lay between two of them.
      .mergeReshapes, .removeUnchangingMovement,
    ])

  /// Attention blocks take the residual and the activation behind them before convolutions do.
  package static let attention = Phase(
    level: .all, rewrites: [.fuseAttentionBlock, .fuseAttentionResidual, .fuseAttentionActivation, .fuseSplitAttention])

  package static let lower = Phase(
    level: .all,
    rewrites: [.removeDeadNodes, .poolBeforeConv, .foldKeyProjection, .mergeProjections, .raiseGemm, .fuseResidual, .fuseActivation])

  /// Chooses layouts: convolutions work in channel blocks, and reorders move to the borders of blocked regions.
  package static let layout = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .foldConstants, .shareEqualNodes, .cancelReorders, .blockConv, .blockQuantizedConv, .blockTransposedConv,
      .blockScale, .fuseBlockedBias, .fuseBlockedActivation, .fuseBlockedResidual,
      .fuseBlockedByteSum, .fuseBlockedByteTable, .sinkReorderThroughUnary, .sinkReorderThroughBinary,
      .sinkReorderThroughPool, .sinkReorderThroughGlobalPool,
      .sinkReorderThroughConcat, .sinkReorderThroughSplit, .sinkReorderThroughSlice, .sinkReorderThroughGather, .sinkReorderThroughPad,
      .sinkReorderThroughShuffle, .sinkReorderThroughNormalization, .mergeChannelGathers, .sinkReorderThroughResize,
      .sinkReorderThroughQuantizedBinary, .sinkReorderThroughQuantization, .sinkReorderThroughQuantizedMean,
      .sinkReorderThroughAttention, .sinkReorderThroughSplitAttention, .foldGateIntoConv,
    ])

  package static let all = [canonicalise, widen, canonicaliseWidened, quantise, settle, channelsLast, fold, attention, lower, layout]
}
