import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention of queries over keys: softmax(Q·Kᵀ)·V, found from the product with the values back to what all three are made from.
extension AttentionRecogniser {
  /// A block that ends with the product of weights and values, in either order, or with the operator Attention.
  func query(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index) else { return nil }
    if node.op == OperatorName("Attention") || node.op == OperatorName("GroupQueryAttention", domain: "com.microsoft") {
      return attention(at: index, node)
    }
    guard ["MatMul", "Einsum", "Gemm"].contains(node.op.name), let end = Contraction(at: index, in: view) else { return nil }
    guard view.constant(end.left) == nil, view.constant(end.right) == nil else { return nil }
    for side in [Contraction.Side.left, .right] {
      for weights in WeightPath.all(to: end.value(side), in: view) where isOverKeys(weights, end, side) {
        for allowsConstant in [false, true] {
          guard let scores = ScorePath(to: weights.scores, allowsConstant: allowsConstant, in: view),
            let keys = keySide(scores, weights)
          else { continue }
          if let match = QueryBlock(end, side, weights, scores, keys, in: view)?.match { return match }
        }
      }
    }
    return nil
  }

  /// Whether the product sums over the very axis that the softmax made shares of.
  private func isOverKeys(_ weights: WeightPath, _ end: Contraction, _ side: Contraction.Side) -> Bool {
    guard end.contracted.count == 1 else { return false }
    guard let layout = weights.steps.layout(from: weights.weights, in: view), layout.axes.count == end.axes(side).count else {
      return false
    }
    let summed = zip(layout.axes, end.axes(side)).filter { end.contracted.contains($1) }
    return summed.allSatisfy { parts, _ in !parts.isEmpty && parts.allSatisfy { $0.label == weights.axis } }
  }

  /// The operand of the scores' product whose own axis the softmax runs along; nil when it runs along another.
  private func keySide(_ scores: ScorePath, _ weights: WeightPath) -> Contraction.Side? {
    let product = scores.product
    guard let layout = scores.steps.layout(from: product.result, in: view), layout.axes.indices.contains(weights.axis) else { return nil }
    let parts = layout.axes[weights.axis]
    guard !parts.isEmpty else { return nil }
    let names = parts.map { product.resultAxes.indices.contains($0.label) ? product.resultAxes[$0.label] : -1 }
    for side in [Contraction.Side.right, .left] where names.allSatisfy({ product.free(side).contains($0) }) { return side }
    return nil
  }

  /// Attention as one node: heads, mask and causality are its own; a contrib one may read queries, keys and values in one.
  private func attention(at index: Int, _ node: Node) -> AttentionMatch? {
    let isStandard = node.op.domain.isEmpty
    guard let q = node.operand(0), let k = node.operand(1) ?? (isStandard ? nil : q), let v = node.operand(2) ?? (isStandard ? nil : q),
      case let output?? = node.outputs.first
    else { return nil }
    let operands = [q, k, v].map { TokenOperand($0, in: view) }
    let sources = TokenSources(operands[0], operands[1], operands[2], in: view)
    var facts = facts(of: node, view.shape(q), view.shape(k), isPacked: node.operand(1) == nil)
    facts.sources = operands.map(\.source)
    if operands[0].isRotated(in: view) { facts.isRotary = true }
    if operands[1].isCached(in: view) { facts.isCached = true }
    if isStandard, let mask = node.operand(3) {
      let isTruth = view.inferred(mask)?.elementType?.isFloating == false
      let read = ScoreMask([ScorePath.Addend(value: mask, isCondition: isTruth, scores: mask)], headAxis: 3, tokenValues: [], in: view)
      (facts.mask, facts.bias) = (read.mask, read.bias)
      if read.isCausal { facts.isCausal = true }
    }
    var match = AttentionMatch(
      kind: sources.isOne ? .selfAttention : .crossAttention, inputs: facts.distinctSources, output: output,
      nodes: operands.reduce(into: [index]) { $0.formUnion($1.nodes) }, channels: operands[2].channels(in: view))
    match.heads = facts.heads
    match.query = facts
    for operand in operands {
      for weight in operand.constants(in: view) where !match.weights.contains(weight) { match.weights.append(weight) }
    }
    return match
  }

  /// What the attributes of Attention or GroupQueryAttention say, and the shapes of its first inputs.
  private func facts(of node: Node, _ queries: [Dimension]?, _ keys: [Dimension]?, isPacked: Bool) -> QueryAttention {
    let isStandard = node.op.domain.isEmpty
    var facts = QueryAttention()
    let count = node.int(isStandard ? "q_num_heads" : "num_heads", default: 0)
    let keyCount = node.int("kv_num_heads", default: count)
    if let queries, queries.count == 4 {
      (facts.heads, facts.headWidth) = (queries[1], queries[3])
      facts.keyHeads = keys.flatMap { $0.count == 4 ? $0[1] : nil }
    } else if (1...Self.mostHeads).contains(count), (1...Self.mostHeads).contains(keyCount) {
      (facts.heads, facts.keyHeads) = (Dimension(count), Dimension(keyCount))
      let parts = Dimension(isPacked ? count + 2 * keyCount : count)
      facts.headWidth = queries?.last.flatMap { (try? $0.dividedExactly(by: parts)) ?? nil }
    }
    facts.queries = queries.flatMap { $0.count >= 2 ? $0[$0.count - 2] : nil }
    facts.keys = keys.flatMap { $0.count >= 2 ? $0[$0.count - 2] : nil }
    facts.isCausal = node.int(isStandard ? "is_causal" : "causal", default: isStandard ? 0 : 1) != 0
    facts.scale = .product
    facts.isRotary = !isStandard && node.int("do_rotary", default: 0) != 0
    facts.isCached = node.operand(isStandard ? 4 : 3) != nil
    return facts
  }

  /// Attributes that say more are not believed.
  private static let mostHeads = 1 << 20

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
        guard let maker = view.maker(of: value), ["MatMul", "Einsum"].contains(maker.node.op.name), let match = query(at: maker.index),
          match.query?.isPlain == true, match.inputs == [Walk.resolved(residual, in: view)]
        else { return nil }
        found = match
        return match.nodes
      }
      guard ends, var match = found else { continue }
      match.kind = .nonLocal
      match.nodes = trace.nodes
      match.output = output
      for weight in trace.weights where !match.weights.contains(weight) { match.weights.append(weight) }
      return match
    }
    return nil
  }
}

extension QueryAttention {
  /// Every source once.
  var distinctSources: [ValueID] {
    var distinct: [ValueID] = []
    for source in sources where !distinct.contains(source) { distinct.append(source) }
    return distinct
  }
}

extension TokenOperand {
  /// Weights of the layer and of the steps behind it.
  func constants(in view: any GraphView) -> [ValueID] {
    var trace = Trace(view)
    for weight in layer?.weights ?? [] { trace.use(weight) }
    for step in steps where !step.isMovement {
      for input in step.node.inputs.compactMap({ $0 }) where input != step.input { trace.use(Walk.resolved(input, in: view)) }
    }
    return trace.weights
  }
}
