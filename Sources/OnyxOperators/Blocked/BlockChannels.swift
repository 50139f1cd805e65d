import OnyxGraph
import OnyxTensor

/// A plain [N, C, spatial…] value in channel blocks. Made by the optimizer only; domain `onyx`, version 1.
package struct BlockChannels: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "BlockChannels", domain: "onyx", versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": .blocked]),
    BlockChannels())

  package init() {}

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    guard let shape = x.shape else { return [x.resized(nil)] }
    return [try x.resized(ChannelBlocks.block(shape, context))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] { [try ChannelBlocks.block(context.input(0))] }
}
