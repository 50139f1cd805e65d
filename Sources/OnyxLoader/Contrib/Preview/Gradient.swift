import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The derivatives of a value of the graph with respect to others, by reverse-mode differentiation of the nodes between them. The node's
/// inputs are the values at which they are taken. ONNX: ai.onnx.preview.training.Gradient (1).
enum Gradient {
  static func apply(_ t: inout Translation) throws(OnyxError) {
    let xs = try t.attributes.required("xs", try t.attributes.texts("xs"))
    let zs = try t.attributes.texts("zs") ?? []
    let y = try t.attributes.required("y", try t.attributes.text("y"))
    guard t.node.inputs.count == xs.count + zs.count, t.node.outputs.count <= xs.count else {
      throw .invalid("Gradient has \(t.node.inputs.count) inputs for \(xs.count) names in 'xs' and \(zs.count) in 'zs'.")
    }
    var forward = ForwardCopy()
    for (index, name) in (xs + zs).enumerated() { forward.values[try t.named(name)] = try t.input(index) }
    try forward.copy(try t.named(y), &t)

    guard let result = forward.values[try t.named(y)] else { throw .bug("The differentiated value is gone.") }
    let one = try t.scalar(1, like: result, "one")
    var adjoints: [ValueID: ValueID] = [result: try t.value("Expand", [one, try t.value("Shape", [result], "shape")], "seed")]
    for step in forward.steps.reversed() {
      guard let outer = step.outputs.first.flatMap({ $0 }).flatMap({ adjoints[$0] }) else { continue }
      guard let rule = DerivativeRule.table[step.op.name], step.op.domain.isEmpty else {
        throw .unsupported(
          "The derivative of \(step.op) is not known.", remedy: "Known: \(DerivativeRule.table.keys.sorted().joined(separator: ", ")).")
      }
      for (index, adjoint) in try rule.apply(step, outer, &t).enumerated() {
        guard let adjoint, step.inputs.indices.contains(index), let input = step.inputs[index] else { continue }
        let summed = try t.fresh("SumTo", domain: "onyx", [adjoint, input])
        adjoints[input] = try adjoints[input].map { (earlier) throws(OnyxError) in try t.fresh("Add", [earlier, summed]) } ?? summed
      }
    }
    for index in t.node.outputs.indices {
      guard t.node.outputs[index] != nil else { continue }
      let x = try t.input(index)
      if let adjoint = adjoints[x] {
        try t.result(index, "Identity", [adjoint])
      } else {
        let zero = try t.scalar(0, like: x, "zero_\(index)")
        try t.result(index, "Expand", [zero, try t.value("Shape", [x], "shape_\(index)")])
      }
    }
  }
}

/// The nodes between the independent values and the differentiated one, over the values that the node is given for the former.
private struct ForwardCopy {
  /// The copies, in an order in which they can run.
  private(set) var steps: [Node] = []
  /// What stands for a value of the graph.
  var values: [ValueID: ValueID] = [:]

  /// Copies what makes `value`. Complexity: O(nodes before it).
  mutating func copy(_ value: ValueID, _ t: inout Translation) throws(OnyxError) {
    var pending = [value]
    while let next = pending.last {
      guard values[next] == nil, let node = t.maker(of: next) else {
        if values[next] == nil { values[next] = next }
        pending.removeLast()
        continue
      }
      let open = node.inputs.compactMap { $0 }.filter { values[$0] == nil }
      guard open.isEmpty else {
        guard pending.count + open.count <= t.valueCount else { throw .invalid("The differentiated nodes have a cycle.") }
        pending += open
        continue
      }
      guard node.bodies.isEmpty else { throw .unsupported("The derivative of \(node.op), which has bodies, is not known.") }
      let outputs = try t.again(node, node.inputs.map { $0.flatMap { values[$0] } })
      for (old, new) in zip(node.outputs, outputs) { if let old { values[old] = new } }
      var step = node
      step.inputs = node.inputs.map { $0.flatMap { values[$0] } }
      step.outputs = outputs
      steps.append(step)
      pending.removeLast()
    }
  }
}
