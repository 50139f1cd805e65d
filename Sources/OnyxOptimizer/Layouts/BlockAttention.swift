import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  private static let block = AttentionBlock.definition.signature.op

  /// AttentionBlock(UnblockChannels(x), …) → UnblockChannels(AttentionBlock(x, …)) with the number of channels.
  static let sinkReorderThroughAttention = Rewrite("sink-reorder-through-attention", changes: .exact) { site throws(OnyxError) in
    let node = site.node
    guard node.op == block, let maker = site.workspace.maker(of: node.operand(0))?.node,
      maker.op == OperatorName("UnblockChannels", domain: "onyx"), let x = maker.operand(0), let output = node.outputs.first ?? nil
    else { return .noMatch }
    guard site.workspace.inferred(x)?.shape?.count == 5, node.text("layout", default: "first") == "first" else {
      return .declined("The map must have two sides and its channels before them.")
    }
    let channels = maker.int("channels", default: 0)
    var patch = Patch(for: site)
    var inputs = node.inputs
    inputs[0] = x
    let z = AttentionBlock.Input.z.rawValue
    if let addend = node.operand(z) { inputs[z] = patch.block(addend) }
    let attributes = node.attributes.merging(["channels": .int(Int64(channels))]) { $1 }
    patch.remove([site.index])
    patch.shunt(output, to: patch.unblock(patch.node(block, inputs, attributes, like: node), channels: channels))
    return .patch(patch)
  }

  /// A 1×1 BlockedConv of x·s, s the gates of an AttentionBlock without another part → BlockedConv(x, …, S: s): x·s is not stored.
  static let foldGateIntoConv = Rewrite("fold-gate-into-conv", changes: .rounding) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard node.op == OperatorName("BlockedConv", domain: "onyx"), node.operand(4) == nil, let input = node.operand(0),
      let (index, maker) = workspace.maker(of: input), maker.op == block, let output = node.outputs.first ?? nil
    else { return .noMatch }
    guard maker.attributes["channels"] != nil, maker.text("spatial", default: "none") == "none",
      maker.text("gate", default: "none") != "none",
      maker.text("result", default: "scaled") == "scaled", maker.text("activation", default: "none") == "none",
      maker.operand(AttentionBlock.Input.z.rawValue) == nil
    else { return .declined("The block must do nothing but scale channels.") }
    guard let w = node.operand(1).flatMap({ workspace.inferred($0)?.shape }), w.count == 4, w[2] == 1, w[3] == 1,
      node.int("group", default: 1) == 1, node.ints("strides").map({ $0.allSatisfy { $0 == 1 } }) ?? true
    else { return .declined("The convolution must be 1×1 with stride 1.") }
    if let reason = workspace.escape(from: [index, site.index], except: output) { return .declined(reason) }
    var patch = Patch(for: site)
    patch.remove([index, site.index])
    let gates = patch.node(block, maker.inputs, maker.attributes.merging(["result": .text("gate")]) { $1 }, like: maker)
    var inputs = node.inputs + Array(repeating: nil, count: 5 - node.inputs.count)
    inputs[0] = maker.operand(0)
    inputs[4] = gates
    patch.shunt(output, to: patch.node(node.op, inputs, node.attributes, like: node))
    return .patch(patch)
  }
}
