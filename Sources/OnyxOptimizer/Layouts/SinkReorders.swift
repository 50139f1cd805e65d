import OnyxGraph
import OnyxOperators
import OnyxTensor

/// An operator works on the blocked value as well: f(UnblockChannels(x)) → UnblockChannels(f(x)). So reorders move to the borders
/// of blocked regions, where they meet their inverse or stay.
///
/// Only functions that keep padding lanes finite may move: none that divides or grows without bound.
extension Rewrite {
  static let sinkReorderThroughUnary = Rewrite(
    "sink-reorder-through-unary", changes: .exact, inner: .mayStay,
    pattern: .anyOf(
      ElementFunction.names(for: .blocks).filter { $0 != "Clip" }.map { .op($0, .unblocked("x"), named: "node") } + [
        .op("Clip", .unblocked("x"), .optional("low"), .optional("high"), named: "node")
      ])
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x") else { throw .bug("A checked node is gone.") }
    let y = patch.node(node.op, [try match.required("x")] + node.inputs.dropFirst(), node.attributes, like: node)
    return patch.unblock(y, channels: channels)
  }

  /// MaxPool and AveragePool over a blocked value.
  static let sinkReorderThroughPool = Rewrite(
    "sink-reorder-through-pool", changes: .exact, inner: .mayStay,
    pattern: .anyOf(["MaxPool", "AveragePool"].map { .op($0, .unblocked("x"), named: "node") }),
    when: [
      Clause("Blocked kernels are float32, those of maxima also of bytes.") { match in
        match.elementType == .float32
          || match.node("node")?.op == OperatorName("MaxPool") && [.int8, .uint8].contains(match.elementType)
      },
      Clause("The input must have two spatial axes.") { $0.shape("x")?.count == 5 },
      Clause("Indices count plain elements.") { $0.node("node")?.outputs.count == 1 },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x") else { throw .bug("A checked node is gone.") }
    let op = OperatorName("Blocked\(node.op.name)", domain: "onyx")
    return patch.unblock(patch.node(op, [try match.required("x")], node.attributes, like: node), channels: channels)
  }

  /// GlobalAveragePool and GlobalMaxPool: reductions over the spatial axes of the blocked value.
  static let sinkReorderThroughGlobalPool = Rewrite(
    "sink-reorder-through-global-pool", changes: .rounding, inner: .mayStay,
    pattern: .anyOf(["GlobalAveragePool", "GlobalMaxPool"].map { .op($0, .unblocked("x"), named: "node") }), when: [.isFloat32]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x"), let rank = match.shape("x")?.count, rank >= 4 else {
      throw .invalid("The pooled value has no known rank.")
    }
    let axes = patch.constant(try Tensor(Array(2..<rank - 1)))
    let op = OperatorName(node.op.name == "GlobalMaxPool" ? "ReduceMax" : "ReduceMean")
    let y = patch.node(op, [try match.required("x"), axes], ["keepdims": .int(1)], like: node)
    return patch.unblock(y, channels: channels)
  }
}
