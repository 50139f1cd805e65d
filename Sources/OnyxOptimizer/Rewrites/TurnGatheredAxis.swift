import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Many Gathers of one index each along an inner axis of one value read from its transpose, where each finds its elements side by side:
  /// what a detector does that takes the scores of its classes one after the other.
  static let turnGatheredAxis = Rewrite("turn-gathered-axis", changes: .exact, roots: ["Gather"]) { (site) throws(OnyxError) in
    guard let picks = Picks(site) else { return .noMatch }
    guard picks.positions.min() == site.workspace.positions[site.index] else { return .noMatch }
    guard picks.pays else { return .declined("So few places are gathered that to turn the value would cost more.") }
    var patch = Patch(for: site)
    patch.remove(Set(picks.nodes.map(\.index)))
    let order = [picks.axis] + picks.shape.indices.filter { $0 != picks.axis }
    let turned = patch.node("Transpose", [picks.source], ["perm": .ints(order.map { Int64($0) })])
    for (_, node) in picks.nodes {
      guard let output = node.outputs.first ?? nil else { return .noMatch }
      patch.shunt(output, to: patch.node(node.op, [turned, node.inputs[1]], ["axis": .int(0)], like: node))
    }
    return .patch(patch)
  }
}

/// The Gathers of a value that take one place each of the same inner axis.
private struct Picks {
  let source: ValueID
  let shape: [Dimension]
  let axis: Int
  let nodes: [(index: Int, node: Node)]
  let positions: [Int]

  /// Elements in a cache line of the widest common type: what a pick of one of them reads.
  private static let line = 16
  /// Readers of a value among which they are looked for: fewer are not worth it, and each of more would look at all others.
  private static let readers = 4...4096

  init?(_ site: Site) {
    let workspace = site.workspace
    guard let source = site.node.operand(0), Self.readers.contains(workspace.readers(of: source).count), workspace.constant(source) == nil,
      let type = workspace.inferred(source)?.type, case .tensor(let element, let shape?) = type, element != .string,
      let axis = try? Shape.normalize(axis: site.node.int("axis", default: 0), rank: shape.count), axis > 0,
      shape[..<axis].contains(where: { $0 != 1 }), shape[(axis + 1)...].allSatisfy({ $0 == 1 })
    else { return nil }
    var nodes: [(index: Int, node: Node)] = []
    for index in workspace.readers(of: source).sorted() {
      guard let node = workspace.node(index), node.op == site.node.op, node.inputs.count == 2, node.inputs[0] == source,
        (try? Shape.normalize(axis: node.int("axis", default: 0), rank: shape.count)) == axis,
        let place = node.inputs[1].flatMap({ workspace.constant($0) }), place.shape.rank == 0
      else { continue }
      nodes.append((index, node))
    }
    guard nodes.count >= Self.readers.lowerBound else { return nil }
    (self.source, self.shape, self.axis, self.nodes) = (source, shape, axis, nodes)
    positions = nodes.map { workspace.positions[$0.index] }
  }

  /// Whether the picks read as much as there is.
  var pays: Bool { shape[axis].known.map { nodes.count >= $0 / Self.line } ?? false }
}
