import OnyxGraph
import OnyxTensor

/// The plain [N, channels, spatial…] form of a channel-blocked value. Made by the optimizer only; domain `onyx`, version 1.
package struct UnblockChannels: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "UnblockChannels", domain: "onyx", versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": .blocked]
    ), UnblockChannels.init)

  /// Channels of the plain value: lanes past them are dropped.
  package let channels: Int

  package init(channels: Int) { self.channels = channels }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    channels = try attributes.required("channels", try attributes.int("channels"))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    guard let shape = x.shape else { return [x.resized(nil)] }
    return [try x.resized(ChannelBlocks.unblock(shape, channels: Dimension(channels)))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try ChannelBlocks.unblock(context.input(0), channels: channels)]
  }
}
