import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// AttentionBlock(UnblockChannels(x), …, z) → UnblockChannels(AttentionBlock(x, …, BlockChannels(z))), channels first.
  static let sinkReorderThroughAttention = Rewrite(
    "sink-reorder-through-attention", changes: .exact, inner: .mayStay, pattern: .attentionBlock(over: .unblocked("x")),
    when: [
      .isFloat32,
      Clause("The channels must stand first.") { $0.node("block")?.text("layout", default: "first") == "first" },
      Clause("The blocked value must have two spatial axes.") { $0.shape("x")?.count == 5 },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("block"), let channels = match.channels(of: "x") else { throw .bug("A checked block is gone.") }
    var inputs = node.inputs
    inputs[AttentionBlock.Input.x.rawValue] = try match.required("x")
    if let z = match["block.z"] { inputs[AttentionBlock.Input.z.rawValue] = patch.block(z) }
    let attributes = node.attributes.merging(["channels": .int(Int64(channels))]) { $1 }
    return patch.unblock(patch.node(node.op, inputs, attributes, like: node), channels: channels)
  }

  /// BlockedConv(AttentionBlock(x, …), W, b, z) → BlockedConv(x, W, b, z, gates of the AttentionBlock): a 1×1 convolution scales
  /// the channels as it reads them.
  static let foldGatesIntoConv = Rewrite(
    "fold-gates-into-conv", changes: .rounding,
    pattern: .application(
      .init(
        op: OperatorName("BlockedConv", domain: "onyx"),
        inputs: [.attentionBlock(over: .value("block.x")), .value("w"), .optional("b"), .optional("z")], name: "conv")),
    when: [
      Clause("The filters must be 1×1.") { $0.shape("w")?.dropFirst(2).allSatisfy { $0 == 1 } ?? false },
      Clause("The block must only scale blocked channels.") { match in
        guard let node = match.node("block"), match["block.z"] == nil, node.attributes["channels"] != nil else { return false }
        return ["result", "activation", "spatial"].allSatisfy { node.attributes[$0] == nil }
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let conv = match.node("conv"), let block = match.node("block") else { throw .bug("A checked convolution is gone.") }
    let gates = patch.node(block.op, block.inputs, block.attributes.merging(["result": .text("gate")]) { $1 }, like: block)
    let inputs: [ValueID?] = [try match.required("block.x"), try match.required("w"), match["b"], match["z"], gates]
    return patch.node(conv.op, inputs, conv.attributes, like: conv)
  }
}
