import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The derivatives of a value of the graph with respect to others, by reverse-mode differentiation of the nodes between them. The node's
/// inputs are the values at which they are taken; of a value that is no scalar the sum is differentiated.
/// ONNX: ai.onnx.preview.training.Gradient (1).
enum Gradient {
  static func apply(_ t: inout Translation) throws(OnyxError) {
    let xs = try t.attributes.required("xs", try t.attributes.texts("xs"))
    let zs = try t.attributes.texts("zs") ?? []
    let y = try t.attributes.required("y", try t.attributes.text("y"))
    guard t.node.inputs.count == xs.count + zs.count, t.node.outputs.count <= xs.count else {
      throw .invalid("Gradient has \(t.node.inputs.count) inputs for \(xs.count) names in 'xs' and \(zs.count) in 'zs'.")
    }
    let forward = try ForwardCopy(of: try t.named(y), over: xs + zs, variables: xs.count, &t)
    let adjoints = try adjoints(forward, &t)
    for index in t.node.outputs.indices where t.node.outputs[index] != nil {
      let x = forward.leaves[index]
      if let adjoint = adjoints[x] {
        try t.result(index, "Identity", [adjoint])
      } else {
        let zero = try t.scalar(0, like: x, "zero_\(index)")
        try t.result(index, "Expand", [zero, try t.value("Shape", [x], "shape_\(index)")])
      }
    }
  }

  /// The derivatives of the sum of the result with respect to the variables and to what depends on them.
  private static func adjoints(_ forward: ForwardCopy, _ t: inout Translation) throws(OnyxError) -> [ValueID: ValueID] {
    let one = try t.scalar(1, like: forward.result, "one")
    var adjoints = [forward.result: try t.value("Expand", [one, try t.value("Shape", [forward.result], "shape")], "seed")]
    for step in forward.steps.reversed() where step.reads(anyOf: forward.variables) {
      let asked = step.outputs.indices.filter { index in step.outputs[index].map { adjoints[$0] != nil } ?? false }
      guard let last = asked.last else { continue }
      guard let rule = DerivativeRule.table[step.op.name], step.op.domain.isEmpty, last == 0,
        let outer = step.outputs[0].flatMap({ adjoints[$0] })
      else { throw DerivativeRule.missing(for: step.op, output: last) }
      for (index, adjoint) in try rule.apply(step, outer, &t).enumerated() {
        guard let adjoint, step.inputs.indices.contains(index), let input = step.inputs[index], forward.variables.contains(input) else {
          continue
        }
        let summed = try t.fresh("SumTo", domain: "onyx", [adjoint, input])
        adjoints[input] = try adjoints[input].map { (earlier) throws(OnyxError) in try t.fresh("Add", [earlier, summed]) } ?? summed
      }
    }
    return adjoints
  }
}

/// The nodes between the independent values and the differentiated one, over the values that the Gradient node is given for the former.
private struct ForwardCopy {
  /// The copies, in an order in which they can run.
  private(set) var steps: [Node] = []
  /// What stands for each independent value. Each is a value of its own: two of them, or one and another value that the copies read, can
  /// be given the same tensor.
  let leaves: [ValueID]
  /// The values that depend on those with respect to which is differentiated.
  private(set) var variables: Set<ValueID>
  /// What stands for the differentiated value.
  let result: ValueID

  /// Copies what makes `value` of the values `names`, the first `variableCount` of which are those with respect to which is
  /// differentiated. Complexity: O(n·log n), n the nodes copied and their inputs.
  init(of value: ValueID, over names: [String], variables variableCount: Int, _ t: inout Translation) throws(OnyxError) {
    var copies: [ValueID: ValueID] = [:]
    var leaves: [ValueID] = []
    for (index, name) in names.enumerated() {
      let leaf = try t.fresh("Identity", [try t.input(index)])
      guard copies.updateValue(leaf, forKey: try t.named(name)) == nil else { throw .invalid("Gradient names '\(name)' twice.") }
      leaves.append(leaf)
    }
    self.leaves = leaves
    variables = Set(leaves.prefix(variableCount))
    for node in t.nodes(to: value, from: Set(copies.keys)) {
      // Nodes with bodies and those that are translated themselves cannot be emitted again.
      guard node.bodies.isEmpty, ContribOperator.row(for: node.op) == nil else { throw DerivativeRule.missing(for: node.op, output: 0) }
      var step = node
      step.inputs = node.inputs.map { $0.map { copies[$0] ?? $0 } }
      step.outputs = try t.again(node, step.inputs)
      for case (let old?, let new?) in zip(node.outputs, step.outputs) where copies[old] == nil { copies[old] = new }
      if step.reads(anyOf: variables) { variables.formUnion(step.outputs.compactMap { $0 }) }
      steps.append(step)
    }
    result = copies[value] ?? value
  }
}

extension Node {
  /// Whether one of the inputs is among the values.
  fileprivate func reads(anyOf values: Set<ValueID>) -> Bool { inputs.contains { $0.map(values.contains) ?? false } }
}
