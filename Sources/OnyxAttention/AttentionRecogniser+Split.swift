import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention over branches: Σ softmax(layers(pool(Σ branch)))·branch.
extension AttentionRecogniser {
  /// A block that ends with the sum of the weighed branches.
  package func split(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), case let output?? = node.outputs.first else { return nil }
    switch node.op {
    case OperatorName("ReduceSum"): return stacked(index, node, output)
    case OperatorName("Add"): return summed(index, node, output)
    default: return nil
    }
  }

  /// ReduceSum(weights · stack), the branches along an axis of their own.
  private func stacked(_ index: Int, _ node: Node, _ output: ValueID) -> AttentionMatch? {
    guard let (product, mul) = view.maker(of: node.operand(0)), mul.op == OperatorName("Mul"), let a = mul.operand(0),
      let b = mul.operand(1)
    else {
      return nil
    }
    guard let shape = mul.outputs.first.flatMap({ $0.flatMap { view.shape($0) } }), let axis = axis(of: node, rank: shape.count) else {
      return nil
    }
    for (factor, stack) in [(a, b), (b, a)] {
      var trace = Trace(view)
      trace.cover([index, product])
      guard let (softmax, scores) = softmax(factor, &trace, branches: shape[axis]) else { continue }
      guard let branches = branches(of: stack, axis, &trace) else { continue }
      let isEnd = { (value: ValueID) in poolingOfSum(value, stack, axis, Set(branches)) }
      guard trace.ends(from: scores, isEnd: isEnd) else { continue }
      var match = splitMatch(branches.isEmpty ? [stack] : branches, softmax, trace, output)
      if view.shape(factor) == view.shape(scores) {
        match.split = splitParts(branches, scores: scores, axis: axis) { isEnd($0) != nil }
        match.hidden = match.split?.hidden
      }
      return match
    }
    return nil
  }

  private func splitMatch(_ branches: [ValueID], _ softmax: ValueID, _ trace: Trace, _ output: ValueID) -> AttentionMatch {
    var match = AttentionMatch(
      kind: .sk, inputs: branches, output: output, nodes: trace.nodes, channels: view.shape(output).flatMap { $0.count > 1 ? $0[1] : nil },
      weights: trace.weights)
    match.gates = [softmax]
    return match
  }

  /// Σ weight · branch, written out.
  private func summed(_ index: Int, _ node: Node, _ output: ValueID) -> AttentionMatch? {
    var trace = Trace(view)
    guard let terms = terms(output, &trace), terms.count >= 2 else { return nil }
    var branches: [ValueID] = []
    var gates: ValueID?
    var scores: ValueID?
    for term in terms {
      guard let (product, mul) = view.maker(of: term), mul.op == OperatorName("Mul"), let a = mul.operand(0), let b = mul.operand(1) else {
        return nil
      }
      var found = false
      for (factor, branch) in [(a, b), (b, a)] where !found {
        var attempt = trace
        attempt.cover([product])
        guard let (softmax, inner) = softmax(factor, &attempt, branches: Dimension(terms.count)), gates ?? softmax == softmax else {
          continue
        }
        (gates, scores, found) = (softmax, inner, true)
        branches.append(Walk.resolved(branch, in: view))
        trace = attempt
      }
      if !found { return nil }
    }
    guard let gates, let scores, Set(branches).count == branches.count else { return nil }
    guard trace.ends(from: scores, isEnd: { poolingOfSum($0, nil, 0, Set(branches)) }) else { return nil }
    return splitMatch(branches, gates, trace, output)
  }

  /// The operands of a tree of Add.
  private func terms(_ value: ValueID, _ trace: inout Trace) -> [ValueID]? {
    var result: [ValueID] = []
    var pending = [value]
    while let next = pending.popLast() {
      guard result.count + pending.count < 16 else { return nil }
      guard let (index, node) = view.maker(of: next), node.op == OperatorName("Add") else {
        result.append(next)
        continue
      }
      trace.cover([index])
      pending += node.inputs.compactMap { $0 }
    }
    return result
  }

  /// The one axis of a reduction.
  private func axis(of node: Node, rank: Int) -> Int? {
    guard let axes = view.ints(node, 1), axes.count == 1, let axis = axes.first else { return nil }
    let normal = axis < 0 ? axis + rank : axis
    return (0..<rank).contains(normal) ? normal : nil
  }

  /// The Softmax over `branches` elements behind a factor.
  private func softmax(_ factor: ValueID, _ trace: inout Trace, branches: Dimension) -> (output: ValueID, input: ValueID)? {
    var attempt = trace
    let value = attempt.beforeMovement(factor, through: ["Split", "Slice", "Gather"])
    guard let (index, node) = view.maker(of: value), node.op == OperatorName("Softmax"), let input = node.operand(0) else { return nil }
    guard let shape = view.shape(value) else { return nil }
    let axis = node.int("axis", default: -1)
    let normal = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(normal), shape[normal] == branches else { return nil }
    attempt.cover([index])
    trace = attempt
    return (value, input)
  }

  /// The values that a Concat stacks along an axis of their own; empty when the stack is one value.
  private func branches(of stack: ValueID, _ axis: Int, _ trace: inout Trace) -> [ValueID]? {
    guard let (index, node) = view.maker(of: stack), node.op == OperatorName("Concat"), let shape = view.shape(stack) else { return [] }
    guard shape[axis] == Dimension(node.inputs.count) else { return [] }
    trace.cover([index])
    var branches: [ValueID] = []
    for case let input? in node.inputs { branches.append(trace.beforeMovement(input)) }
    return branches
  }

  /// The nodes from a pooled vector to the sum over the branches; nil when `value` is no such vector.
  private func poolingOfSum(_ value: ValueID, _ stack: ValueID?, _ axis: Int, _ branches: Set<ValueID>) -> Set<Int>? {
    guard let sum = pooledValue(value) else { return nil }
    guard let map = FeatureMap(sum, channelAxis: 1, in: view) else { return nil }
    var walk = Walk(view, map)
    guard walk.pooling(value) == .mean else { return nil }
    if let (index, node) = view.maker(of: sum), node.op == OperatorName("ReduceSum"), let stack, node.operand(0) == stack {
      guard let rank = view.shape(stack)?.count, self.axis(of: node, rank: rank) == axis else { return nil }
      return walk.nodes.union([index])
    }
    var trace = Trace(view)
    guard let terms = terms(sum, &trace), terms.count >= 2, Set(terms.map { Walk.resolved($0, in: view) }) == branches else { return nil }
    return walk.nodes.union(trace.nodes)
  }

  /// What a chain of reductions begins at.
  private func pooledValue(_ value: ValueID) -> ValueID? {
    var value = value
    var isPooled = false
    for _ in 0..<3 {
      guard let (_, node) = view.maker(of: value), let x = node.operand(0) else { break }
      guard ["ReduceMean", "GlobalAveragePool", "AveragePool"].contains(node.op.name) else { break }
      (value, isPooled) = (Walk.resolved(x, in: view), true)
    }
    return isPooled ? value : nil
  }
}
