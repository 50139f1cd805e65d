/// A set of rewrites that run together until none applies.
package struct Phase: Sendable {
  /// The lowest optimization level at which the phase runs.
  package let level: OptimizerOptions.Level
  /// Tried in this order at each node.
  package let rewrites: [Rewrite]

  package init(level: OptimizerOptions.Level, rewrites: [Rewrite]) {
    self.level = level
    self.rewrites = rewrites
  }

  package static let canonicalise = Phase(
    level: .canonicalise,
    rewrites: [
      .removeDeadNodes, .foldConstants, .shareEqualNodes,
      .removeIdentity, .removeDropout, .removeCast, .removeUnchangingMovement, .removeNeutralArithmetic,
      .fixReshapeTarget, .fixExpandTarget, .mergeReshapes, .mergeTransposes, .mergeClamps,
      .recogniseGlobalReduction, .recogniseGlobalPool,
      .recogniseHardSigmoid, .recogniseHardSwish, .recogniseSwish, .recogniseGelu, .recogniseTanhGelu,
      .recogniseLayerNormalization, .mergeLayerNormalizationBias,
    ])

  package static let lower = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .lowerMatMulToGemm,
      .foldBatchNormalizationIntoConv, .foldBatchNormalizationIntoGemm, .foldScaleIntoConv, .foldBiasIntoConv,
      .fuseResidual, .fuseActivation,
    ])

  /// Chooses layouts: convolutions work in channel blocks, and reorders move to the borders of blocked regions.
  package static let layout = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .foldConstants, .shareEqualNodes, .cancelReorders, .blockConv,
      .sinkReorderThroughUnary, .sinkReorderThroughBinary, .sinkReorderThroughGlobalPool, .sinkReorderThroughConcat,
    ])

  package static let all = [canonicalise, lower, layout]
}
