import OnyxTensor

extension Rewrite {
  /// BatchNormalization(Conv(x, W, b)) → Conv(x, W · factor, b · factor + shift)
  static let foldBatchNormalizationIntoConv = Rewrite(
    "fold-batch-normalization-into-conv", changes: .rounding, pattern: .normalization(of: .convolution),
    when: [.constantConvBias, Clause("Factors and shifts must be finite.") { $0.normalization != nil }]
  ) { (match, patch) throws(OnyxError) in
    guard let (factors, shifts) = match.normalization else { throw .bug("Checked factors are gone.") }
    return try match.convolution(times: factors, plus: shifts, in: &patch)
  }
}
