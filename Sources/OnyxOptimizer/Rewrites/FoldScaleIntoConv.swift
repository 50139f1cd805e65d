import OnyxTensor

extension Rewrite {
  /// Conv(x, W, b) · c → Conv(x, W · c, b · c) for one number c for each channel.
  static let foldScaleIntoConv = Rewrite(
    "fold-scale-into-conv", changes: .rounding, pattern: .convolution * .constant("factor"),
    when: [.constantConvBias, Clause("The factor must be one number for each channel.") { $0.channelVector("factor") != nil }]
  ) { (match, patch) throws(OnyxError) in
    try match.convolution(times: match.channelVector("factor"), plus: nil, in: &patch)
  }
}
