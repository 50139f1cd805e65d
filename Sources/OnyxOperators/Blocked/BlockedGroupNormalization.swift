import OnyxGraph
import OnyxTensor

/// GroupNormalization, or InstanceNormalization with as many groups as channels, over a channel-blocked value. Made by the optimizer
/// only; domain `onyx`, version 1.
///
/// `scale` and `bias` are plain vectors with one number for each channel. Lanes past the last channel become zeros.
package struct BlockedGroupNormalization: TensorOperator {
  package static let name = OperatorName("BlockedGroupNormalization", domain: "onyx")

  static let definition = OperatorDefinition(
    Signature(
      name.name, domain: "onyx", versions: [1], inputs: [.required("X", "T"), .required("scale", "T"), .required("bias", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), BlockedGroupNormalization.init)

  /// Channels of the plain value, and the groups that share them.
  package let channels, groups: Int
  /// Added to the variance.
  package let epsilon: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    channels = try attributes.required("channels", try attributes.int("channels"))
    groups = try attributes.required("groups", try attributes.int("groups"))
    epsilon = try attributes.float("epsilon", default: 1e-5)
    guard groups >= 1, channels >= 1, channels % groups == 0 else {
      throw .invalid("\(channels) channels cannot be shared between \(groups) groups.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    if let shape = x.shape { _ = try ChannelBlocks.unblock(shape, channels: Dimension(channels)) }
    for index in 1...2 { try checkChannelVector(context, index, Dimension(channels)) }
    return [Inferred(x.type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let plain = try ChannelBlocks.unblock(context.input(0), channels: channels)
    let results = try GroupNormalization(groups: groups, epsilon: epsilon).evaluate([plain, context.input(1), context.input(2)])
    guard let y = results.first else { throw .bug("The normalization gave no result.") }
    return [try ChannelBlocks.block(y)]
  }
}
