import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Blocks that add what attention weighs to convolutions of the same map: ParNet and the contextual transformer.
extension AttentionRecogniser {
  /// ParNet: 1×1 of x + 3×3 of x + skip-squeeze-and-excitation of x.
  func parallelConvolutions(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), node.op == OperatorName("Add"), let output = output(of: index) else { return nil }
    var trace = Trace(view)
    var pending = [output]
    var (branches, excitations): ([ValueID], [AttentionMatch]) = ([], [])
    for _ in 0..<8 {
      guard let value = pending.popLast() else { break }
      if let sum = trace.node(value, ["Add"]) {
        pending += sum.inputs.compactMap { $0 }
      } else if let (_, input, _) = trace.convolution(value) {
        branches.append(input)
      } else if let maker = view.maker(of: Walk.resolved(value, in: view)), let match = gated(at: maker.index), match.kind == .ese {
        excitations.append(match)
      } else {
        return nil
      }
    }
    guard pending.isEmpty, branches.count >= 2, excitations.count == 1, var match = excitations.first, let x = match.inputs.first,
      branches.allSatisfy({ $0 == x })
    else { return nil }
    match.kind = .parnet
    match.nodes.formUnion(trace.nodes)
    match.weights += trace.weights.filter { !match.weights.contains($0) }
    match.output = output
    match.parts = nil
    return match
  }

  /// CoT: k + softmax(layers([k, x])) · v, k a convolution of x over neighbourhoods, v one of each place.
  func contextual(at index: Int) -> AttentionMatch? {
    for (context, weighed) in additions(at: index) {
      var trace = Trace(view)
      let product = trace.beforeMovement(weighed)
      guard let (node, x, extents) = trace.convolution(trace.beforeActivation(context)), extents.suffix(2).contains(where: { $0 != 1 }),
        let map = picture(x), view.shape(context) == map.shape
      else { continue }
      for (shares, values) in trace.operands(product, "Mul") {
        var attempt = trace
        guard let (source, _) = attempt.point(attempt.beforeMovement(values)), source == x else { continue }
        let softmax = attempt.beforeMovement(shares)
        guard let scores = attempt.node(softmax, ["Softmax"])?.operand(0) else { continue }
        guard attempt.ends(from: scores, isEnd: { joined($0, context, x) }) else { continue }
        guard var match = gating(.cot, map, attempt, at: index, maps: [softmax]) else { continue }
        match.kernel = node.ints("kernel_shape") ?? []
        return match
      }
    }
    return nil
  }

  /// The node that joins exactly two values.
  private func joined(_ value: ValueID, _ a: ValueID, _ b: ValueID) -> Set<Int>? {
    var trace = Trace(view)
    guard let node = trace.node(value, ["Concat"]), node.inputs.count == 2 else { return nil }
    return Set(node.inputs.compactMap { $0.map { Walk.resolved($0, in: view) } }) == [a, b] ? trace.nodes : nil
  }
}
