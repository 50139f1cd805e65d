import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// GroupNormalization and InstanceNormalization over a blocked image.
  static let sinkReorderThroughNormalization = Rewrite(
    "sink-reorder-through-normalization", changes: .exact, inner: .mayStay,
    pattern: .anyOf(
      ["GroupNormalization", "InstanceNormalization"].map { .op($0, .unblocked("x"), .value("scale"), .value("bias"), named: "node") }),
    when: [.isFloat32, Clause("Every group must have channels.") { groups($0) != nil }]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x"), let groups = groups(match) else {
      throw .bug("A checked node is gone.")
    }
    let attributes: [String: Attribute] = [
      "channels": .int(Int64(channels)), "groups": .int(Int64(groups)), "epsilon": .float(node.float("epsilon", default: 1e-5)),
    ]
    let inputs = try [match.required("x"), match.required("scale"), match.required("bias")]
    return patch.unblock(patch.node(BlockedGroupNormalization.name, inputs, attributes, like: node), channels: channels)
  }

  private static func groups(_ match: Match) -> Int? {
    guard let channels = match.channels(of: "x"), let node = match.node("node") else { return nil }
    let groups = node.op.name == "InstanceNormalization" ? channels : node.int("num_groups", default: 0)
    return groups >= 1 && channels >= 1 && channels % groups == 0 ? groups : nil
  }
}
