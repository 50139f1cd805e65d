import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention of queries over keys: softmax(Q·Kᵀ)·V.
extension AttentionRecogniser {
  /// A block that ends with the product of probabilities and values, in either order, or with the operator Attention.
  func query(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), case let output?? = node.outputs.first else { return nil }
    if node.op == OperatorName("Attention") { return standardAttention(index, node, output) }
    guard node.op == OperatorName("MatMul"), let a = node.operand(0), let b = node.operand(1) else { return nil }
    for (first, second) in [(a, b), (b, a)] {
      var trace = Trace(view)
      trace.cover([index])
      let probabilities = trace.beforeMovement(first, through: ["Cast"])
      guard let (softmax, inner) = view.maker(of: probabilities), inner.op == OperatorName("Softmax"), let scores = inner.operand(0) else {
        continue
      }
      guard let (product, covered) = scoreProduct(scores, depth: 8), let q = product.operand(0), let k = product.operand(1) else {
        continue
      }
      trace.cover(covered.union([softmax]))
      return queryMatch(q, k, second, probabilities, trace, output)
    }
    return nil
  }

  private func standardAttention(_ index: Int, _ node: Node, _ output: ValueID) -> AttentionMatch? {
    guard let q = node.operand(0), let k = node.operand(1), let v = node.operand(2) else { return nil }
    var trace = Trace(view)
    trace.cover([index])
    var match = queryMatch(q, k, v, nil, trace, output)
    if case .int(let heads)? = node.attributes["q_num_heads"] { match?.heads = Dimension(Int(heads)) }
    return match
  }

  /// The product of two computed values behind scaling, masks and movement. Recursion is bounded by `depth`.
  private func scoreProduct(_ value: ValueID, depth: Int) -> (Node, Set<Int>)? {
    guard depth > 0, let (index, node) = view.maker(of: value), node.op.domain.isEmpty else { return nil }
    let inputs = node.inputs.compactMap { $0 }
    let choices: [ValueID]
    switch node.op.name {
    case "MatMul":
      guard inputs.allSatisfy({ view.constant($0) == nil }) else { return nil }
      return (node, [index])
    case "Mul", "Div", "Add", "Sub": choices = inputs
    case "Where": choices = Array(inputs.dropFirst())
    case "Identity", "Dropout", "Reshape", "Unsqueeze", "Squeeze", "Cast", "Transpose": choices = Array(inputs.prefix(1))
    default: return nil
    }
    for choice in choices {
      if let (product, nodes) = scoreProduct(choice, depth: depth - 1) { return (product, nodes.union([index])) }
    }
    return nil
  }

  private func queryMatch(
    _ q: ValueID, _ k: ValueID, _ v: ValueID, _ probabilities: ValueID?, _ begin: Trace, _ output: ValueID
  ) -> AttentionMatch? {
    var trace = begin
    let sources = [q, k, v].map { projected($0, &trace) }
    let isSelf = sources.dropLast().allSatisfy { source in
      source.value == sources[2].value || reaches(source.value, sources[2].value) || reaches(sources[2].value, source.value)
    }
    let isConvolution = sources.allSatisfy(\.isConvolution)
    var inputs: [ValueID] = []
    for source in sources where !inputs.contains(source.value) { inputs.append(source.value) }
    let shape = view.shape(sources[2].value)
    let channels = isConvolution ? shape.flatMap { $0.count > 1 ? $0[1] : nil } : shape?.last
    var match = AttentionMatch(
      kind: isConvolution ? .nonLocal : isSelf ? .selfAttention : .crossAttention, inputs: inputs, output: output, nodes: trace.nodes,
      channels: channels, weights: trace.weights)
    if let probabilities {
      match.maps = [probabilities]
      let map = view.shape(probabilities)
      match.heads = map.flatMap { $0.count == 4 ? $0[1] : nil } ?? (isConvolution ? 1 : heads(channels, view.shape(q)?.last))
    }
    return match
  }

  private func heads(_ channels: Dimension?, _ each: Dimension?) -> Dimension? {
    guard let channels, let each else { return nil }
    return (try? channels.dividedExactly(by: each)) ?? nil
  }

  /// What a query, key or value is a linear layer or a 1×1 convolution of; itself when it is none.
  private func projected(_ value: ValueID, _ trace: inout Trace) -> (value: ValueID, isConvolution: Bool) {
    var attempt = trace
    var current = value
    for _ in 0..<Walk.longest {
      current = attempt.beforeMovement(current, through: ["Split", "Slice", "Gather", "Cast", "LayerNormalization", "RMSNormalization"])
      guard let (index, node) = view.maker(of: current), let x = node.operand(0), let w = node.operand(1) else { break }
      let (left, right) = (view.constant(Walk.resolved(x, in: view)), view.constant(Walk.resolved(w, in: view)))
      switch node.op.name {
      case "MatMul", "Gemm", "FusedGemm", "Conv", "FusedConv":
        guard right != nil else { return (value, false) }
        attempt.cover([index])
        for weight in node.inputs.dropFirst().prefix(2) { if let weight { attempt.use(Walk.resolved(weight, in: view)) } }
        trace = attempt
        return (Walk.resolved(x, in: view), node.op.name.hasSuffix("Conv"))
      case "Add", "Mul", "Div":
        guard (left != nil) != (right != nil) else { return (value, false) }
        attempt.cover([index])
        attempt.use(left != nil ? x : w)
        current = left != nil ? w : x
      default: return (value, false)
      }
    }
    return (value, false)
  }

  /// Whether a short way back from `value` meets `target`: rotary embeddings, windows and their like stand between.
  private func reaches(_ value: ValueID, _ target: ValueID) -> Bool {
    var pending = [value]
    var seen: Set<ValueID> = []
    while let next = pending.popLast(), seen.count < 24 {
      if next == target { return true }
      guard seen.insert(next).inserted, let node = view.producer(of: next).flatMap({ view.node($0) }) else { continue }
      pending += node.inputs.compactMap { $0 }
    }
    return false
  }

  /// x + convolution(query attention of x): the whole of a non-local block.
  func nonLocal(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), case let output?? = node.outputs.first else { return nil }
    let operands: [(residual: ValueID?, branch: ValueID?)]
    switch node.op {
    case OperatorName("Add"): operands = [(node.operand(0), node.operand(1)), (node.operand(1), node.operand(0))]
    case OperatorName("FusedConv", domain: "onyx"): operands = [(node.operand(3), output)]
    default: return nil
    }
    for case (let residual?, let branch?) in operands {
      var trace = Trace(view)
      trace.cover([index])
      var found: AttentionMatch?
      let ends = trace.ends(from: branch == output ? node.operand(0) ?? output : branch) { value in
        guard let maker = view.maker(of: value), maker.node.op == OperatorName("MatMul"), let match = query(at: maker.index) else {
          return nil
        }
        guard match.kind == .nonLocal, match.inputs == [Walk.resolved(residual, in: view)] else { return nil }
        found = match
        return match.nodes
      }
      guard ends, var match = found else { continue }
      match.nodes = trace.nodes
      match.output = output
      for weight in trace.weights where !match.weights.contains(weight) { match.weights.append(weight) }
      return match
    }
    return nil
  }
}
