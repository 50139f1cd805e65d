import OnyxGraph
import OnyxOperators
import OnyxTensor

/// How the inputs and outputs of a Loop or Scan stand to those of its body.
struct IterationValues {
  let body: Graph
  /// Inputs and outputs of the body that are no carried values and stand before them; the node has as many inputs there, no outputs.
  let leading: (inputs: Int, outputs: Int)
  /// Carried values: inputs of node and body behind the leading ones, outputs of the node from the first on.
  let carriedCount: Int

  /// nil for other operators and for nodes whose counts do not fit together.
  init?(_ node: Node) {
    guard case .graph(let body)? = node.attributes["body"], node.inputs.count <= body.inputs.count else { return nil }
    self.body = body
    switch node.op {
    case OperatorName("Loop"):
      guard body.inputs.count >= 2 else { return nil }
      leading = (2, 1)
      carriedCount = body.inputs.count - 2
    case OperatorName("Scan"):
      guard case .int(let scanned)? = node.attributes["num_scan_inputs"], scanned >= 1, scanned <= body.inputs.count else { return nil }
      leading = (0, 0)
      carriedCount = body.inputs.count - Int(scanned)
    default: return nil
    }
    guard body.outputs.count >= leading.outputs + carriedCount, node.outputs.count <= body.outputs.count - leading.outputs,
      carriedCount == 0 || node.inputs.count >= leading.inputs + carriedCount
    else { return nil }
    for name in Self.collectedAttributes {
      guard case .ints(let given)? = node.attributes[name] else { continue }
      guard given.count == outputCount - carriedCount else { return nil }
    }
  }

  /// Attributes of Scan that have an entry for each collected output.
  static let collectedAttributes = ["scan_output_axes", "scan_output_directions"]

  func formal(_ carried: Int) -> ValueID { body.inputs[leading.inputs + carried] }
  func result(_ output: Int) -> ValueID { body.outputs[leading.outputs + output] }
  /// Outputs of the node that the body could give.
  var outputCount: Int { body.outputs.count - leading.outputs }

  /// Values of a body that `roots` depend on, themselves included. Where a value is reached that `more` has, its root is one, too.
  /// Complexity: O(body).
  static func ancestors(of roots: [ValueID], in body: Graph, more: [ValueID: ValueID] = [:]) -> Set<ValueID> {
    let uses = Uses(body)
    var pending = roots
    var found: Set<ValueID> = []
    var visited: Set<Int> = []
    while let value = pending.popLast() {
      guard found.insert(value).inserted else { continue }
      if let root = more[value] { pending.append(root) }
      // A node with many outputs is read once.
      if let producer = uses.producer(of: value), visited.insert(producer).inserted { pending += body.nodes[producer].reads }
    }
    return found
  }

  /// Carried values that the body hands on as they came, maybe by way of Identity. Complexity: O(body).
  fileprivate var unchanged: [Int] {
    let uses = Uses(body)
    /// What values are that Identity hands on, as far as it was looked for.
    var origins: [ValueID: ValueID] = [:]
    return (0..<carriedCount).filter { index in
      var value = result(index)
      var passed: [ValueID] = []
      while let producer = uses.producer(of: value), body.nodes[producer].op == OperatorName("Identity"),
        let input = body.nodes[producer].inputs.first.flatMap({ $0 })
      {
        if let known = origins[value] {
          value = known
          break
        }
        // Hostile bodies may have cycles: on the way back to it a value is its own origin.
        origins[value] = value
        passed.append(value)
        value = input
      }
      for earlier in passed { origins[earlier] = value }
      return value == formal(index)
    }
  }
}

extension Site {
  /// Puts the node into the patch without the carried values in `dropped`, and without collected ones that nobody needs; `change` is made
  /// to its body. Its outputs stand for the old ones.
  fileprivate func rebuild(
    _ values: IterationValues, without dropped: Set<Int>, _ patch: inout Patch, _ change: (inout Graph) -> Void
  ) {
    var body = values.body
    let inputs = Set(dropped.map { values.leading.inputs + $0 })
    let kept = (0..<values.outputCount).filter { !dropped.contains($0) && ($0 < values.carriedCount || isOutputNeeded($0)) }
    body.inputs = body.inputs.indices.filter { !inputs.contains($0) }.map { body.inputs[$0] }
    body.outputs = Array(body.outputs.prefix(values.leading.outputs)) + kept.map { values.result($0) }
    change(&body)
    var attributes = node.attributes
    attributes["body"] = .graph(body)
    for name in IterationValues.collectedAttributes {
      guard case .ints(let given)? = attributes[name] else { continue }
      attributes[name] = .ints(kept.filter { $0 >= values.carriedCount }.map { given[$0 - values.carriedCount] })
    }
    var remaining = node.inputs.indices.filter { !inputs.contains($0) }.map { node.inputs[$0] }
    while let last = remaining.last, last == nil { remaining.removeLast() }
    var names = kept.map { isOutputNeeded($0) ? node.outputs[$0].map(workspace.name) : nil }
    while let last = names.last, last == nil { names.removeLast() }
    let results = patch.copy(node, inputs: remaining, outputs: names, attributes: attributes)
    patch.remove([index])
    for case (let index, let result?) in zip(kept, results) { if let output = node.outputs[index] { patch.shunt(output, to: result) } }
  }

  fileprivate func isOutputNeeded(_ index: Int) -> Bool {
    node.outputs.indices.contains(index) ? node.outputs[index].map(isNeeded) ?? false : false
  }
}

extension Rewrite {
  /// What a Loop or Scan carries or collects, and nobody reads: neither after it, nor in the body for anything that is read.
  static let removeUnusedIterationValues = Rewrite("remove-unused-iteration-values", changes: .exact, roots: ["Loop", "Scan"]) {
    (site) throws(OnyxError) in
    guard let values = IterationValues(site.node), (0..<values.outputCount).contains(where: site.isOutputNeeded) else { return .noMatch }
    let collected = values.carriedCount..<values.outputCount
    let read = (0..<values.outputCount).filter(site.isOutputNeeded)
    // A carried value that is needed is made by the iteration before.
    let results = Dictionary((0..<values.carriedCount).map { (values.formal($0), values.result($0)) }) { first, _ in first }
    let needed = IterationValues.ancestors(
      of: Array(values.body.outputs.prefix(values.leading.outputs)) + read.map(values.result), in: values.body, more: results)
    let live = Set((0..<values.carriedCount).filter { needed.contains(values.formal($0)) }).union(read.filter { $0 < values.carriedCount })
    let dropped = Set(0..<values.carriedCount).subtracting(live)
    guard !dropped.isEmpty || !collected.allSatisfy(site.isOutputNeeded) else { return .noMatch }
    var patch = Patch(for: site)
    let formals = Set(dropped.map(values.formal))
    site.rebuild(values, without: dropped, &patch) { body in
      // What only dropped outputs read goes with the inputs that it read.
      let needed = IterationValues.ancestors(of: body.outputs, in: body)
      body.nodes = body.nodes.filter { node in node.outputs.contains { $0.map(needed.contains) ?? false } }
      body.initializers = body.initializers.filter { !formals.contains($0.key) }
    }
    return .patch(patch)
  }

  /// What a Loop or Scan carries and its body hands on as it came becomes a captured value.
  static let captureUnchangedValues = Rewrite("capture-unchanged-values", changes: .exact, roots: ["Loop", "Scan"]) {
    (site) throws(OnyxError) in
    guard let values = IterationValues(site.node) else { return .noMatch }
    var unchanged: [Int: ValueID] = [:]
    for index in values.unchanged {
      // Optionals may change what they are on the way.
      guard let input = site.node.inputs[values.leading.inputs + index], site.workspace.inferred(input)?.elementType != nil else {
        continue
      }
      unchanged[index] = input
    }
    guard !unchanged.isEmpty else { return .noMatch }
    var patch = Patch(for: site)
    if (0..<values.outputCount).contains(where: { unchanged[$0] == nil && site.isOutputNeeded($0) }) {
      site.rebuild(values, without: Set(unchanged.keys), &patch) { body in
        for (index, input) in unchanged.sorted(by: { $0.key < $1.key }) {
          let formal = values.formal(index)
          body[formal].type = nil
          body.initializers[formal] = nil
          body.captures.append(Capture(outer: input, inner: formal))
        }
      }
    }
    patch.remove([site.index])
    for (index, input) in unchanged.sorted(by: { $0.key < $1.key }) where site.isOutputNeeded(index) {
      if let output = site.node.outputs[index] { patch.shunt(output, to: patch.node("Identity", [input])) }
    }
    return .patch(patch)
  }
}
