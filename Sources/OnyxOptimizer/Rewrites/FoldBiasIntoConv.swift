import OnyxTensor

extension Rewrite {
  /// Conv(x, W, b) + c → Conv(x, W, b + c) for one number c for each channel.
  static let foldBiasIntoConv = Rewrite(
    "fold-bias-into-conv", changes: .rounding, pattern: .convolution + .constant("addend"),
    when: [.constantConvBias, Clause("The addend must be one number for each channel.") { $0.channelVector("addend") != nil }]
  ) { (match, patch) throws(OnyxError) in
    try match.convolution(times: nil, plus: match.channelVector("addend"), in: &patch)
  }
}
