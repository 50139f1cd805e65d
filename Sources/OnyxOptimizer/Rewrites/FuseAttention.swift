import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// softmax(scale · Q · Kᵀ + mask) · V → FusedAttention, with the factors, the transposes and the pieces of projections around it, and
  /// with products over the heads before and behind the softmax.
  static let fuseAttention = Rewrite("fuse-attention", changes: .rounding, roots: ["MatMul"]) { (site) throws(OnyxError) in
    guard let core = AttentionCore(site) else { return .noMatch }
    return try core.outcome(site)
  }
}

/// The nodes from the product of queries and keys to the product with the values.
private struct AttentionCore {
  let query, key, value: ValueID
  var mask: ValueID?
  var scale = 1.0
  var nodes: Set<Int>
  /// The scores' shape: batch axes, queries, keys.
  let scores: [Dimension]
  let element: ElementType
  /// How heads talk before the softmax and behind it.
  private var scoreMixing, weightMixing: HeadMixing?

  private var mixesHeads: Bool { scoreMixing != nil || weightMixing != nil }

  init?(_ site: Site) {
    let workspace = site.workspace
    weightMixing = HeadMixing(site.node.operand(0), in: workspace)
    guard let value = site.node.operand(1), let softmax = workspace.maker(of: weightMixing?.source ?? site.node.operand(0)),
      softmax.node.op == OperatorName("Softmax"),
      let shape = softmax.node.operand(0).flatMap({ workspace.inferred($0)?.shape }), shape.count >= 2,
      let axis = try? Shape.normalize(axis: softmax.node.int("axis", default: -1), rank: shape.count), axis == shape.count - 1
    else { return nil }
    scoreMixing = HeadMixing(softmax.node.operand(0), in: workspace)
    var nodes = Set([site.index, softmax.index]).union(scoreMixing?.nodes ?? []).union(weightMixing?.nodes ?? [])
    var current = scoreMixing?.source ?? softmax.node.operand(0)
    var mask: ValueID?
    var factor = 1.0
    while let step = workspace.maker(of: current), step.node.op.domain.isEmpty {
      nodes.insert(step.index)
      switch step.node.op.name {
      case "Mul", "Div":
        guard let (other, number) = AxisView.factor(step.node, workspace) else { return nil }
        factor *= number
        current = other
      case "Add":
        // What is multiplied after the mask was added would scale the mask too.
        guard mask == nil, factor == 1, let sides = AttentionCore.sides(step.node, workspace) else { return nil }
        mask = sides.mask
        current = sides.scores
      case "MatMul":
        guard let query = step.node.operand(0), let key = step.node.operand(1), let element = workspace.inferred(value)?.elementType else {
          return nil
        }
        (self.query, self.key, self.value, self.mask, self.scale) = (query, key, value, mask, factor)
        (self.nodes, self.scores, self.element) = (nodes, shape, element)
        return
      default: return nil
      }
    }
    return nil
  }

  /// Which side of an addition comes from a product, perhaps scaled.
  private static func sides(_ node: Node, _ workspace: Workspace) -> (scores: ValueID, mask: ValueID)? {
    guard let a = node.operand(0), let b = node.operand(1) else { return nil }
    func isScores(_ value: ValueID) -> Bool {
      guard let (_, node) = workspace.maker(of: value), node.op.domain.isEmpty else { return false }
      if ["Mul", "Div"].contains(node.op.name), let (other, _) = AxisView.factor(node, workspace) {
        return workspace.maker(of: other)?.node.op == OperatorName("MatMul")
      }
      return node.op.name == "MatMul"
    }
    return isScores(a) ? (a, b) : isScores(b) ? (b, a) : nil
  }

  private static let batchNames: [Character] = ["b", "h"]

  func outcome(_ site: Site) throws(OnyxError) -> Outcome {
    let workspace = site.workspace
    guard element == .float32 else { return .declined("The elements must be float32.") }
    guard scale.isFinite else { return .declined("The scale must be finite.") }
    guard let names = axisNames else { return .declined("There must be at most two batch axes.") }
    guard var q = view(query, names, "s", "d", workspace), var k = view(key, names, "d", "t", workspace),
      var v = view(value, names, "t", "e", workspace)
    else { return .declined("The factors must have the batch axes of the scores.") }
    q.rewind(in: workspace, allowsScale: true)
    k.rewind(in: workspace, allowsScale: true)
    v.rewind(in: workspace, allowsScale: false)
    let factor = scale * q.scale * k.scale
    guard Float(factor).isFinite else { return .declined("The scale must be finite.") }

    var patch = Patch(for: site)
    var inputs: [ValueID?] = []
    var attributes: [String: Attribute] = ["scale": .float(Float(factor))]
    for (view, label) in [(q, "q_axes"), (k, "k_axes"), (v, "v_axes")] {
      guard let (input, axes) = try view.build(in: &patch, workspace) else {
        return .declined("The shapes of the views must be known up to one dimension.")
      }
      inputs.append(input)
      attributes[label] = .text(axes)
    }
    if let mask {
      guard let axes = maskAxes(mask, names + ["s", "t"], workspace) else { return .declined("The mask must broadcast to the scores.") }
      inputs.append(mask)
      attributes["m_axes"] = .text(axes)
    }
    if mixesHeads {
      if mask == nil { inputs.append(nil) }
      inputs += [scoreMixing?.matrix, scoreMixing?.bias, weightMixing?.matrix, weightMixing?.bias]
      while inputs.last == .some(nil) { inputs.removeLast() }
    }
    guard let output = site.node.outputs.first ?? nil, let result = AttentionResult(output, names + ["s", "e"], workspace) else {
      return .declined("The shape of the result must be known.")
    }
    patch.remove(nodes.union(result.nodes))
    attributes["y_axes"] = .text(result.names)
    let y = patch.node(OperatorName("FusedAttention", domain: "onyx"), inputs, attributes)
    guard let shape = workspace.inferred(result.value)?.shape else { return .declined("The shape of the result must be known.") }
    if shape == result.extents {
      patch.shunt(result.value, to: y)
    } else {
      guard let target = ReshapeTarget(from: result.extents, to: shape) else {
        return .declined("The shape of the result must be known up to one dimension.")
      }
      patch.shunt(result.value, to: try target.reshape(y, in: &patch))
    }
    return .patch(patch)
  }

  /// Names of the axes before the queries: those of one element need none. Heads that talk are the last of them.
  private var axisNames: [Character]? {
    let batch = scores.dropLast(2)
    var names: [Character] = []
    var free = (mixesHeads ? Self.batchNames.dropLast() : Self.batchNames)[...]
    for (index, extent) in batch.enumerated() {
      if mixesHeads && index == batch.count - 1 {
        names.append("h")
      } else if extent == 1 {
        names.append("_")
      } else {
        guard let name = free.popFirst() else { return nil }
        names.append(name)
      }
    }
    return names
  }

  private func view(_ value: ValueID, _ batch: [Character], _ row: Character, _ column: Character, _ workspace: Workspace) -> AxisView? {
    guard let shape = workspace.inferred(value)?.shape, shape.count >= 2, shape.count <= scores.count else { return nil }
    let own = Array(batch.suffix(shape.count - 2))
    for (extent, whole) in zip(shape.dropLast(2), scores.dropLast(2).suffix(shape.count - 2)) where extent != 1 && extent != whole {
      return nil
    }
    return AxisView(value, own + [row, column], in: workspace)
  }

  private func maskAxes(_ mask: ValueID, _ names: [Character], _ workspace: Workspace) -> String? {
    guard let shape = workspace.inferred(mask)?.shape, shape.count <= names.count, workspace.inferred(mask)?.elementType == .float32 else {
      return nil
    }
    var words: [String] = []
    for (extent, (name, whole)) in zip(shape, zip(names, scores).suffix(shape.count)) {
      if extent == 1 {
        words.append("0")
      } else {
        guard extent == whole else { return nil }
        words.append(String(name))
      }
    }
    return words.joined(separator: " ")
  }
}

/// The product with the values, followed through transposes that only it feeds.
private struct AttentionResult {
  private(set) var value: ValueID
  private(set) var nodes: Set<Int> = []
  private var axes: [[AxisView.Part]]

  var names: String { parts.map { if case .named(let name) = $0.atom { String(name) } else { "" } }.joined(separator: " ") }
  var extents: [Dimension] { parts.map(\.extent) }
  private var parts: [AxisView.Part] { axes.flatMap { $0 } }

  init?(_ output: ValueID, _ names: [Character], _ workspace: Workspace) {
    guard let start = AxisView(output, names, in: workspace) else { return nil }
    (value, axes) = (output, start.axes)
    var (current, groups, passed) = (output, start.axes, Set<Int>())
    while !workspace.isOutput(current), let index = workspace.onlyReader(of: current), let node = workspace.node(index),
      node.op.domain.isEmpty,
      case let next?? = node.outputs.first, node.outputs.count == 1, node.operand(0) == current, let shape = workspace.inferred(next)?.shape
    {
      passed.insert(index)
      if node.op.name == "Transpose" {
        let order = node.ints("perm") ?? Array(groups.indices.reversed())
        guard order.allSatisfy(groups.indices.contains) else { return }
        groups = order.map { groups[$0] }
        (value, axes, nodes) = (next, groups, passed)
      } else {
        guard ["Reshape", "Flatten", "Squeeze", "Unsqueeze"].contains(node.op.name),
          let regrouped = AxisView.regroup(groups.flatMap { $0 }, into: shape)
        else { return }
        groups = regrouped
      }
      current = next
    }
  }
}

extension Workspace {
  /// The one node that reads a value; nil when there are several or none.
  func onlyReader(of value: ValueID) -> Int? {
    let all = readers(of: value)
    return all.count == 1 ? all.first : nil
  }

  /// Whether the value leaves the graph or is kept for the caller.
  func isOutput(_ value: ValueID) -> Bool { pinned.contains(value) }
}
