import OnyxGraph
import OnyxOperators

extension AttentionMatch {
  /// Over what the map is pooled: "avg", "max", "both", "softmax"; nil where nothing is pooled.
  package var pooling: String? {
    if let pooling = parts?.channel?.pooling { return pooling.rawValue }
    if parts?.spatial?.form == .conv { return AttentionBlock.Pooling.both.rawValue }
    return kind.row.pooling?.rawValue
  }

  /// What makes the gates or, without gates, the maps: "sigmoid", "hardSigmoid", "softmax", …; "none" for a sum of layers.
  package func activation(in view: some GraphView) -> String? {
    if let activation = parts?.channel?.gateActivation ?? parts?.spatial?.activation { return activation.name }
    if kind.row.isSoftmax { return "softmax" }
    guard let value = gates.first ?? maps.first, let (_, node) = view.maker(of: Walk.resolved(value, in: view)) else { return nil }
    if node.op == OperatorName("Softmax") { return "softmax" }
    let activation = FusedActivation(node, constant: view.constant)
    return (activation ?? kind.row.activation).name
  }

  /// Whether the gates of branches stand before the images: [branch, N, C, 1, 1].
  package func isBranchMajor(in view: some GraphView) -> Bool {
    guard kind.row.gates == .branches, let value = gates.first, let (_, node) = view.maker(of: value), let rank = view.shape(value)?.count
    else {
      return false
    }
    let axis = node.int("axis", default: -1)
    return (axis < 0 ? axis + rank : axis) == 0
  }
}
