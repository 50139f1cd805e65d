import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Queries, keys, values, scores and weights of one block, and what they make of it.
struct QueryBlock {
  private let view: any GraphView
  private let end: Contraction
  private let weights: WeightPath
  private let scores: ScorePath
  private let keySide: Contraction.Side
  private let queries: TokenOperand
  private let keys: TokenOperand
  private let values: TokenOperand
  private let sources: TokenSources

  /// nil for what is no attention: scores of a constant that no layer's keys meet, or of constant keys.
  init?(
    _ end: Contraction, _ side: Contraction.Side, _ weights: WeightPath, _ scores: ScorePath, _ keySide: Contraction.Side,
    in view: any GraphView
  ) {
    (self.view, self.end, self.weights, self.scores, self.keySide) = (view, end, weights, scores, keySide)
    queries = TokenOperand(scores.product.value(keySide.other), in: view)
    keys = TokenOperand(scores.product.value(keySide), in: view)
    values = TokenOperand(end.value(side.other), in: view)
    guard !keys.isConstant, !values.isConstant else { return nil }
    sources = TokenSources(queries, keys, values, in: view)
    // Scores of one layer are no product of queries and keys: those of learned queries have keys from a layer of the values' stream.
    if queries.isConstant {
      guard keys.layer != nil, values.layer != nil, keys.source == values.source else { return nil }
    }
  }

  private var product: Contraction { scores.product }

  /// The parts of the axes of an operand of the scores' product that it shares with the result and not with the sums.
  private func parts(_ operand: TokenOperand, _ axes: [Int], _ names: Set<Int>) -> [AxisLayout.Part] {
    guard let layout = operand.layout, layout.axes.count == axes.count else { return [] }
    return zip(layout.axes, axes).flatMap { names.contains($1) ? $0 : [] }
  }

  private func queryParts(_ names: Set<Int>) -> [AxisLayout.Part] { parts(queries, product.axes(keySide.other), names) }
  private func keyParts(_ names: Set<Int>) -> [AxisLayout.Part] { parts(keys, product.axes(keySide), names) }

  /// Whether scores compare channels, summed over places.
  private var comparesChannels: Bool {
    let summed = queryParts(product.contracted) + keyParts(product.contracted)
    let own = queryParts(product.free(keySide.other)) + keyParts(product.free(keySide))
    return !summed.isEmpty && summed.allSatisfy { $0.role == .place } && !own.isEmpty && own.allSatisfy { $0.role == .channel }
  }

  private func size(_ names: Set<Int>) -> Dimension? {
    for side in [Contraction.Side.left, .right] {
      guard let shape = view.shape(product.value(side)), shape.count == product.axes(side).count else { continue }
      let sizes = zip(shape, product.axes(side)).filter { names.contains($1) }.map(\.0)
      if !sizes.isEmpty { return try? sizes.product() }
    }
    return nil
  }

  /// The parts of the channels that stand beside the scores.
  private func heads(_ operand: TokenOperand, _ side: Contraction.Side) -> Dimension? {
    guard operand.layer != nil, operand.layout != nil else { return nil }
    return try? parts(operand, product.axes(side), product.batch).filter { $0.role == .channel }.map(\.size).product()
  }

  private var facts: QueryAttention {
    var facts = QueryAttention()
    facts.sources = [queries.source, keys.source, values.source]
    facts.queries = size(product.free(keySide.other)) ?? 1
    facts.keys = size(product.free(keySide))
    facts.headWidth = comparesChannels ? facts.queries : size(product.contracted)
    facts.keyHeads = heads(keys, keySide)
    facts.heads = heads(queries, keySide.other) ?? facts.keyHeads ?? assumedHeads(facts.headWidth)
    let rank = view.shape(weights.scores)?.count ?? 0
    let mask = ScoreMask(
      scores.addends, headAxis: rank >= 4 ? 3 : nil, tokenValues: Set(queries.passed + keys.passed), in: view)
    (facts.mask, facts.isCausal, facts.bias) = (mask.mask, mask.isCausal, mask.bias)
    let isScaled = (query: queries.isScaled(in: view), key: keys.isScaled(in: view))
    switch (isScaled.query, isScaled.key) {
    case _ where queries.isNormalised(in: view) && keys.isNormalised(in: view): facts.scale = .cosine
    case (true, true): facts.scale = .both
    case (true, false): facts.scale = .query
    case (false, true): facts.scale = .key
    case (false, false): facts.scale = scores.isScaled ? .product : .none
    }
    facts.isRotary = queries.isRotated(in: view) && keys.isRotated(in: view)
    facts.isCached = keys.isCached(in: view)
    let convolutions = [queries, keys, values].allSatisfy {
      $0.layer?.form == .convolution && $0.steps.allSatisfy { $0.isMovement || $0.isScale }
    }
    facts.isPlain = convolutions && facts.heads == 1 && facts.mask == .none && facts.bias == .none
    return facts
  }

  /// From the shapes: an axis before the matrices, or the parts of the channels.
  private func assumedHeads(_ width: Dimension?) -> Dimension? {
    guard let shape = view.shape(weights.weights) else { return nil }
    if shape.count == 4 { return shape[1] }
    guard let width, let channels = values.channels(in: view) else { return nil }
    return (try? channels.dividedExactly(by: width)) ?? nil
  }

  var match: AttentionMatch? {
    let facts = facts
    var nodes: Set<Int> = [end.index, weights.softmax, product.index]
    nodes.formUnion((weights.steps + scores.steps).map(\.index))
    for operand in [queries, keys, values] { nodes.formUnion(operand.nodes) }
    var match = AttentionMatch(
      kind: kind(facts), inputs: facts.distinctSources.filter { view.constant($0) == nil }, output: end.result, nodes: nodes,
      channels: values.channels(in: view))
    for operand in [queries, keys, values] {
      for weight in operand.constants(in: view) where !match.weights.contains(weight) { match.weights.append(weight) }
    }
    if queries.isConstant {
      var trace = Trace(view)
      trace.use(queries.value)
      match.weights += trace.weights
    }
    match.maps = [weights.weights]
    match.heads = facts.heads
    match.query = facts
    return match
  }

  private func kind(_ facts: QueryAttention) -> AttentionKind {
    if comparesChannels { return .crossCovariance }
    if scores.mixesHeads || weights.mixesHeads { return .talkingHeads }
    if weights.hasOthers { return .gatedPositional }
    if queries.isConstant || facts.queries == 1 && sources.areQueriesPooled { return .attentionPooling }
    if view.reaches(keys.source, limit: 8, { $0.op.name == "GridSample" }) { return .deformable }
    guard sources.isOne else { return .crossAttention }
    if facts.queries == 1, facts.keys != 1, !facts.isCached, hasTokenQuery { return .classAttention }
    if let kind = windowed(facts) { return kind }
    if sources.isPooled { return .pooledKey }
    if facts.isPlain, facts.scale == .none { return .nonLocal }
    return .selfAttention
  }

  /// Whether the query is cut out of more tokens, or joined to the keys' tokens.
  private var hasTokenQuery: Bool {
    queries.source != keys.source || queries.steps.contains { ["Slice", "Gather", "Split"].contains($0.node.op.name) }
  }

  /// Which places attend to each other, where it is not all of an image.
  private func windowed(_ facts: QueryAttention) -> AttentionKind? {
    let near = windowed(facts, queries)
    if let near, near != .axial { return near }
    // Blocks in a row leave the tokens arranged as the first one did.
    return windowed(facts, TokenOperand(queries.value, passesJoins: true, in: view)) ?? near
  }

  private func windowed(_ facts: QueryAttention, _ queries: TokenOperand) -> AttentionKind? {
    let axes = product.axes(keySide.other)
    let beside = parts(queries, axes, product.batch).filter { $0.role == .place }
    let own = parts(queries, axes, product.free(keySide.other)).filter { $0.role == .place }
    guard !beside.isEmpty, !own.isEmpty else { return nil }
    if let rows = facts.queries?.known, let columns = facts.keys?.known, columns > rows, !sources.isPooled { return .neighbourhood }
    let (others, places) = (Set(beside.map(\.label)), Set(own.map(\.label)))
    if others.isDisjoint(with: places) { return .axial }
    if queries.isShifted { return .shiftedWindow }
    // The parts of an axis that lie closest together are in one window, or in different ones.
    let isGrid = others.intersection(places).allSatisfy { label in
      let (inner, outer) = (own.filter { $0.label == label }, beside.filter { $0.label == label })
      guard let first = inner.compactMap(\.stride.known).min(), let second = outer.compactMap(\.stride.known).min() else { return false }
      return second < first
    }
    return isGrid ? .grid : .window
  }
}

extension OperandStep {
  /// Whether it multiplies by one number.
  var isScale: Bool { ["Mul", "Div"].contains(node.op.name) }
}
