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

  /// Arithmetic on bytes where the file has floats between DequantizeLinear and QuantizeLinear.
  package static let quantise = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .removeClampBeforeQuantize, .moveDequantize, .removeQuantizeOfDequantize,
      .fuseQuantizedConv, .fuseQuantizedGemm, .fuseQuantizedMatMul, .fuseQuantizedBinary, .fuseByteTable,
    ])

  /// Quantized constants that no fusion wanted become floats.
  package static let settle = Phase(
    level: .canonicalise,
    rewrites: [.removeDeadNodes, .foldDequantized, .foldConstants, .mergeTransposes, .removeUnchangingMovement])

  package static let lower = Phase(
    level: .all,
    rewrites: [
      .removeDeadNodes, .lowerMatMulToGemm,
      .foldBatchNormalizationIntoConv, .foldBatchNormalizationIntoGemm, .foldScaleIntoConv, .foldBiasIntoConv,
      .fuseResidual, .fuseActivation,
    ])

  package static let all = [canonicalise, quantise, settle, lower]
}
