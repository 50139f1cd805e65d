import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention without a softmax over the product of queries and keys: φ(Q)·(φ(K)ᵀ·V), the sum over the places first.
extension AttentionRecogniser {
  /// A block that ends with the product of the queries' features and the sums over the places.
  func linear(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), ["MatMul", "Einsum"].contains(node.op.name), let end = Contraction(at: index, in: view),
      view.constant(end.left) == nil, view.constant(end.right) == nil, end.contracted.count == 1
    else { return nil }
    for side in [Contraction.Side.left, .right] {
      guard let (inner, path) = sums(end.value(side.other)) else { continue }
      if let match = linear(end, side, inner, path) { return match }
    }
    return nil
  }

  /// The product of two computed values behind movement, scaling and padding.
  private func sums(_ value: ValueID) -> (Contraction, Set<Int>)? {
    var value = value
    var path: Set<Int> = []
    for _ in 0..<8 {
      guard let (index, node) = view.maker(of: value) else { return nil }
      if let product = Contraction(at: index, in: view) {
        guard view.constant(product.left) == nil, view.constant(product.right) == nil else { return nil }
        return (product, path)
      }
      let carried = OperandStep.carried(by: node, in: view)
      let isPassed = Walk.movements.contains(node.op.name) || ["Cast", "Slice", "Pad", "Mul", "Div"].contains(node.op.name)
      guard isPassed, carried.count == 1 else { return nil }
      path.insert(index)
      value = carried[0]
    }
    return nil
  }

  private func linear(_ end: Contraction, _ side: Contraction.Side, _ inner: Contraction, _ path: Set<Int>) -> AttentionMatch? {
    let queries = TokenOperand(end.value(side), in: view)
    guard queries.layer != nil else { return nil }
    for keySide in [Contraction.Side.left, .right] {
      let (keys, values) = (TokenOperand(inner.value(keySide), in: view), TokenOperand(inner.value(keySide.other), in: view))
      guard keys.layer != nil, values.layer != nil, let feature = feature(queries, keys), values.feature(in: view) == nil else { continue }
      // The sums are over places, the product is over channels.
      guard sums(keys, inner, keySide, are: .place), sums(values, inner, keySide.other, are: .place),
        sums(queries, end, side, are: .channel)
      else { continue }
      guard TokenSources(queries, keys, values, in: view).isOne else { continue }
      var facts = QueryAttention()
      facts.sources = [queries.source, keys.source, values.source]
      facts.queries = size(queries, end, end.free(side), side)
      facts.keys = size(keys, inner, inner.contracted, keySide)
      facts.headWidth = size(queries, end, end.contracted, side)
      facts.heads = heads(queries, end, side)
      facts.keyHeads = heads(keys, inner, keySide)
      if queries.isScaled(in: view) { facts.scale = .query }
      var match = AttentionMatch(
        kind: kind(queries, keys, feature, facts), inputs: facts.distinctSources, output: end.result,
        nodes: path.union([end.index, inner.index]), channels: values.channels(in: view))
      for operand in [queries, keys, values] {
        match.nodes.formUnion(operand.nodes)
        for weight in operand.constants(in: view) where !match.weights.contains(weight) { match.weights.append(weight) }
      }
      match.maps = [queries.value, keys.value]
      match.heads = facts.heads
      match.query = facts
      return match
    }
    return nil
  }

  /// One softmax for each side, over the channels of the queries and the places of the keys, in one head is double attention.
  private func kind(_ queries: TokenOperand, _ keys: TokenOperand, _ feature: String, _ facts: QueryAttention) -> AttentionKind {
    guard feature == "Softmax" else { return .linear }
    let isBoth = [queries, keys].allSatisfy { $0.feature(in: view)?.node.op.name == "Softmax" }
    return isBoth && (facts.heads ?? 1) == 1 ? .doubleAttention : .factorised
  }

  /// What makes the features: a softmax on keys or queries, or something that is never below zero on both.
  private func feature(_ queries: TokenOperand, _ keys: TokenOperand) -> String? {
    let names = [queries, keys].map { $0.feature(in: view)?.node.op.name }
    if names.contains("Softmax") { return "Softmax" }
    guard let name = names[0], names[1] == name, ["Relu", "Elu", "Exp", "Softplus"].contains(name) else { return nil }
    return name
  }

  private func parts(_ operand: TokenOperand, _ product: Contraction, _ names: Set<Int>, _ side: Contraction.Side) -> [AxisLayout.Part]? {
    guard let layout = operand.layout, layout.axes.count == product.axes(side).count else { return nil }
    return zip(layout.axes, product.axes(side)).flatMap { names.contains($1) ? $0 : [] }
  }

  private func sums(_ operand: TokenOperand, _ product: Contraction, _ side: Contraction.Side, are role: AxisLayout.Role) -> Bool {
    guard let parts = parts(operand, product, product.contracted, side), !parts.isEmpty else { return false }
    return parts.allSatisfy { $0.role == role }
  }

  private func size(_ operand: TokenOperand, _ product: Contraction, _ names: Set<Int>, _ side: Contraction.Side) -> Dimension? {
    guard let shape = view.shape(operand.value), shape.count == product.axes(side).count else { return nil }
    return try? zip(shape, product.axes(side)).filter { names.contains($1) }.map(\.0).product()
  }

  private func heads(_ operand: TokenOperand, _ product: Contraction, _ side: Contraction.Side) -> Dimension? {
    guard let parts = parts(operand, product, product.batch, side) else { return nil }
    return try? parts.filter { $0.role == .channel }.map(\.size).product()
  }
}
