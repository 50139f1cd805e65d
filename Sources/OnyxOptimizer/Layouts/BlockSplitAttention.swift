import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// SplitAttention(…, UnblockChannels(x₀), UnblockChannels(x₁), …) → UnblockChannels(SplitAttention(…, x₀, x₁, …)).
  static let sinkReorderThroughSplitAttention = Rewrite("sink-reorder-through-split-attention", changes: .exact) { site throws(OnyxError) in
    let node = site.node
    guard node.op == SplitAttention.definition.signature.op, let output = node.outputs.first ?? nil else { return .noMatch }
    var inputs = Array(node.inputs.prefix(SplitAttention.Input.branches.rawValue))
    var channels: Int?
    for branch in node.inputs.dropFirst(SplitAttention.Input.branches.rawValue) {
      guard let maker = site.workspace.maker(of: branch)?.node, maker.op == OperatorName("UnblockChannels", domain: "onyx"),
        let x = maker.operand(0)
      else { return channels == nil ? .noMatch : .declined("Every branch must be blocked.") }
      channels = maker.int("channels", default: 0)
      inputs.append(x)
    }
    guard let channels else { return .noMatch }
    var patch = Patch(for: site)
    patch.remove([site.index])
    let attributes = node.attributes.merging(["channels": .int(Int64(channels))]) { $1 }
    patch.shunt(output, to: patch.unblock(patch.node(node.op, inputs, attributes, like: node), channels: channels))
    return .patch(patch)
  }
}
