import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What stands behind a convolution of bytes in blocks joins it, if nothing else reads the convolution: the numbers stay the same.
extension Rewrite {
  private typealias Input = BlockedQLinearConv.Input
  private static let blockedBytes = BlockedQLinearConv.name

  /// QuantizedBinary(BlockedQLinearConv(…) + z), either way round → BlockedQLinearConv(…, z).
  static let fuseBlockedByteSum = Rewrite(
    "fuse-blocked-byte-sum", changes: .exact, roots: [OperatorName("QuantizedBinary", domain: "onyx")]
  ) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let output = node.outputs.first ?? nil, node.text("operation", default: "Add") == "Add", node.inputs.count == 8 else {
      return .noMatch
    }
    var reason: String?
    for (own, other) in [(0, 3), (3, 0)] {
      guard let y = node.operand(own), let z = node.operand(other), y != z, let (index, conv) = workspace.maker(of: y),
        conv.op == blockedBytes, conv.inputs.count <= Input.z.rawValue
      else { continue }
      let (type, shape) = (workspace.inferred(y)?.elementType, workspace.inferred(y)?.shape)
      guard shape != nil, shape == workspace.inferred(z)?.shape, type == workspace.inferred(output)?.elementType else {
        reason = "Both operands must have one shape, and the sum the type of the convolution."
        continue
      }
      guard (1...2).allSatisfy({ isSame(node.operand(own + $0), conv.operand(5 + $0), workspace) }) else {
        reason = "The sum must read the result by the scale and zero point that it was made with."
        continue
      }
      if let escape = workspace.escape(from: [site.index, index], except: output) {
        reason = escape
        continue
      }
      var patch = Patch(for: site)
      patch.remove([site.index, index])
      let sum = [z, node.operand(other + 1), node.operand(other + 2), node.operand(6), node.operand(7)]
      patch.shunt(output, to: patch.node(conv.op, padded(conv.inputs, Input.z) + sum, conv.attributes, like: conv))
      return .patch(patch)
    }
    return reason.map { .declined($0) } ?? .noMatch
  }

  /// ByteTable(BlockedQLinearConv(…)) → BlockedQLinearConv(…, table).
  static let fuseBlockedByteTable = Rewrite(
    "fuse-blocked-byte-table", changes: .exact, roots: [OperatorName("ByteTable", domain: "onyx")]
  ) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let output = node.outputs.first ?? nil, let y = node.operand(0), let (index, conv) = workspace.maker(of: y),
      conv.op == blockedBytes, conv.inputs.count <= Input.table.rawValue, let table = node.operand(1)
    else { return .noMatch }
    guard workspace.constant(table) != nil, workspace.inferred(y)?.elementType == workspace.inferred(output)?.elementType else {
      return .declined("The table must be a constant, its results of the type of the convolution.")
    }
    if let reason = workspace.escape(from: [site.index, index], except: output) { return .declined(reason) }
    var patch = Patch(for: site)
    patch.remove([site.index, index])
    patch.shunt(output, to: patch.node(conv.op, padded(conv.inputs, Input.table) + [table], conv.attributes, like: conv))
    return .patch(patch)
  }

  private static func padded(_ inputs: [ValueID?], _ next: BlockedQLinearConv.Input) -> [ValueID?] {
    inputs + Array(repeating: nil, count: next.rawValue - inputs.count)
  }

  /// Whether two constants hold the same number.
  private static func isSame(_ a: ValueID?, _ b: ValueID?, _ workspace: Workspace) -> Bool {
    guard let a, let b else { return false }
    if a == b { return true }
    guard let x = workspace.constant(a), let y = workspace.constant(b), x.elementType == y.elementType else { return false }
    return (try? x.doubles()) == (try? y.doubles()) && x.elementCount == 1
  }
}
