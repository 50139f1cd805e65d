import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Conv(Pad(x)) → Conv(x) whose own pads grow by those of zeros around the pixels, for pools likewise: an average then counts its
  /// padding, and a maximum has padding of −∞, or of zeros around what is nowhere negative.
  static let foldPadIntoWindow = Rewrite(
    "fold-pad-into-window", changes: .exact, roots: ["Conv", "MaxPool", "AveragePool"]
  ) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let pad = workspace.maker(of: node.operand(0))?.node, pad.op == OperatorName("Pad"), let x = pad.operand(0),
      let output = node.outputs.first ?? nil
    else { return .noMatch }
    guard pad.text("mode", default: "constant") == "constant", let type = workspace.inferred(x)?.elementType, Set.floats.contains(type),
      let rank = workspace.inferred(x)?.shape?.count, rank >= 3
    else { return .declined("The padding must be a constant around a floating image.") }
    let given = try pad.operand(3).map { (operand) throws(OnyxError) in try workspace.constant(operand)?.ints() } ?? Array(0..<rank)
    guard let given, let pads = try pad.operand(1).flatMap({ workspace.constant($0) })?.ints(), pads.count == 2 * given.count,
      pads.allSatisfy({ (0...mostPadding).contains($0) })
    else { return .declined("The pads must be constant, and not negative.") }
    var added = [Int](repeating: 0, count: 2 * (rank - 2))
    for (index, axis) in given.enumerated() {
      let axis = try Shape.normalize(axis: axis, rank: rank) - 2
      let (before, after) = (pads[index], pads[index + given.count])
      if axis < 0 && before + after > 0 { return .declined("Images and channels must stay as they are.") }
      if axis >= 0 { (added[axis], added[axis + rank - 2]) = (before, after) }
    }
    let value = try pad.operand(2).map { (operand) throws(OnyxError) in try workspace.constant(operand)?.doubles().first ?? .nan } ?? 0
    var attributes = node.attributes
    if let reason = mismatch(site, of: value, in: x, added: added, &attributes) { return .declined(reason) }
    guard ["NOTSET", "VALID"].contains(node.text("auto_pad", default: "NOTSET")) else {
      return .declined("The padding depends on the input.")
    }
    let own = node.text("auto_pad", default: "NOTSET") == "VALID" ? [] : node.ints("pads") ?? []
    guard own.isEmpty || own.count == added.count, own.allSatisfy({ (0...mostPadding).contains($0) }) else {
      return .declined("The window's own pads are out of range.")
    }
    attributes["auto_pad"] = nil
    attributes["pads"] = .ints(added.indices.map { Int64(added[$0] + (own.isEmpty ? 0 : own[$0])) })
    var patch = Patch(for: site)
    patch.remove([site.index])
    patch.shunt(output, to: patch.node(node.op, [x] + node.inputs.dropFirst(), attributes, like: node))
    return .patch(patch)
  }

  private static let mostPadding = 1 << 20

  /// Why a window does not take the padding over; nil when it does, with what its attributes must say.
  private static func mismatch(
    _ site: Site, of value: Double, in x: ValueID, added: [Int], _ attributes: inout [String: Attribute]
  ) -> String? {
    let node = site.node
    if node.op.name == "Conv" { return value == 0 ? nil : "The padding must be zeros." }
    guard node.int("ceil_mode", default: 0) == 0, node.outputs.count == 1 else {
      return "Windows that stick out of the padding and indices depend on where the padding is."
    }
    if node.op.name == "AveragePool" {
      guard value == 0 else { return "The padding must be zeros." }
      guard node.int("count_include_pad", default: 0) == 1 || (node.ints("pads") ?? []).allSatisfy({ $0 == 0 }) else {
        return "Only one of both paddings counts."
      }
      attributes["count_include_pad"] = .int(1)
      return nil
    }
    if value == -.infinity { return nil }
    guard value == 0, site.isNowhereNegative(x) else { return "The padding must not be greatest anywhere." }
    guard let kernel = node.ints("kernel_shape"), 2 * kernel.count == added.count, (node.ints("pads") ?? []).allSatisfy({ $0 == 0 }),
      (node.ints("dilations") ?? []).allSatisfy({ $0 == 1 }), added.indices.allSatisfy({ added[$0] < kernel[$0 % kernel.count] })
    else { return "Every window must hold a part of the image." }
    return nil
  }
}

extension Site {
  /// Whether the value is that of a function with no negative results; NaN counts as none.
  fileprivate func isNowhereNegative(_ value: ValueID) -> Bool {
    guard let maker = workspace.maker(of: value)?.node, maker.op.domain.isEmpty else { return false }
    switch maker.op.name {
    case "Relu", "Sigmoid", "Abs", "Softplus", "HardSigmoid": return true
    case "Clip":
      return maker.operand(1).flatMap { workspace.constant($0) }.flatMap { try? $0.doubles() }?.first.map { $0 >= 0 } ?? false
    default: return false
    }
  }
}
