import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Two nodes with the same deterministic operator, attributes and inputs become one.
  static let shareEqualNodes = Rewrite("share-equal-nodes", changes: .exact) { (site) throws(OnyxError) in try share(site) }

  /// The same for casts.
  static let shareCasts = Rewrite("share-casts", changes: .exact, roots: ["Cast"]) { (site) throws(OnyxError) in try share(site) }

  private static func share(_ site: Site) throws(OnyxError) -> Outcome {
    guard let twin = site.earlierTwin else { return .noMatch }
    guard try Catalog.make(site.node).isDeterministic else { return .declined("The operator gives other results each time.") }
    var patch = Patch(for: site)
    patch.remove([site.index])
    for (mine, theirs) in zip(site.node.outputs, twin.outputs) {
      guard let mine else { continue }
      let isNeeded = !site.workspace.readers(of: mine).isEmpty || site.workspace.pinned.contains(mine)
      guard isNeeded else { continue }
      guard let theirs else { return .declined("The equal node leaves out an output that is needed.") }
      patch.shunt(mine, to: theirs)
    }
    return .patch(patch)
  }
}

extension Site {
  /// A node with equal operator, attributes and inputs that stands before this one.
  fileprivate var earlierTwin: Node? {
    guard node.bodies.isEmpty else { return nil }
    for candidate in workspace.equalNodes.candidates(for: node) where workspace.positions[candidate] < workspace.positions[index] {
      if let other = workspace.node(candidate), isEqual(other) { return other }
    }
    return nil
  }

  private func isEqual(_ other: Node) -> Bool {
    guard other.op == node.op, other.opset == node.opset, other.inputs == node.inputs, other.outputs.count >= node.outputs.count else {
      return false
    }
    guard other.attributes.count == node.attributes.count else { return false }
    return node.attributes.allSatisfy { name, value in other.attributes[name]?.isIdentical(to: value) ?? false }
  }
}
