import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention whose weights layers make, without a product of queries and keys: outlook, deformable, additive and separable attention.
extension AttentionRecogniser {
  /// softmax(layer of x) · values of the surroundings, both for each place of x.
  func outlook(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), ["MatMul", "Einsum"].contains(node.op.name), let end = Contraction(at: index, in: view),
      end.contracted.count == 1
    else { return nil }
    for side in [Contraction.Side.left, .right] {
      var trace = Trace(view)
      guard let weights = shares(end.value(side), &trace), let layer = trace.layer(weights.scores) else { continue }
      let surroundings = trace.beforeMovement(end.value(side.other), through: ["Pad", "Gather", "Slice", "Concat"])
      guard !trace.covered(["Gather", "Slice", "Concat"]).isEmpty, let values = TokenLayer(surroundings, in: view) else { continue }
      trace.cover([values.index])
      for weight in values.weights { trace.use(weight) }
      let source = Walk.resolved(values.source, in: view)
      // What leads to the block is none of it.
      var outside = trace
      guard outside.beforeMovement(layer.source, through: ["AveragePool"]) == outside.beforeMovement(source) else { continue }
      return match(.outlook, trace, at: index, [source], channels: channels(values), maps: [weights.softmax])
    }
    return nil
  }

  /// Σ weights · samples of the values, where layers of the queries say where to sample and with which weights.
  func deformable(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), node.op == OperatorName("ReduceSum"), let product = node.operand(0) else { return nil }
    var trace = Trace(view)
    for (sampled, factor) in trace.operands(product, "Mul") {
      var attempt = trace
      guard let weights = shares(factor, &attempt), let layer = attempt.layer(weights.scores), let samples = attempt.samples(sampled) else {
        continue
      }
      let queries = Walk.resolved(layer.source, in: view)
      guard samples.allSatisfy({ attempt.places($0.grid, chosenBy: queries) }) else { continue }
      let values = attempt.beforeMovement(samples[0].values, through: ["Slice", "Split", "Gather"])
      var sources = [queries]
      if let made = attempt.layer(values) {
        sources.append(Walk.resolved(made.source, in: view))
      } else {
        sources.append(values)
      }
      guard var match = match(.deformable, attempt, at: index, sources, channels: channels(layer), maps: [weights.softmax]) else {
        continue
      }
      var facts = QueryAttention()
      facts.sources = [queries, sources[1], sources[1]]
      if let shape = view.shape(weights.softmax), shape.count == 4 {
        (facts.queries, facts.heads, facts.keys) = (shape[1], shape[2], shape[3])
      }
      match.heads = facts.heads
      match.query = facts
      return match
    }
    return nil
  }

  /// softmax(v · tanh(W·query + U·key)) · values.
  func additive(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index) else { return nil }
    var products: [(ValueID, ValueID)] = []
    var trace = Trace(view)
    switch node.op {
    case OperatorName("MatMul"), OperatorName("Einsum"):
      if let a = node.operand(0), let b = node.operand(1) { products = [(a, b), (b, a)] }
    case OperatorName("ReduceSum"): products = trace.operands(node.operand(0), "Mul")
    default: return nil
    }
    for (factor, values) in products {
      var attempt = trace
      guard let weights = shares(factor, &attempt), let score = attempt.layer(weights.scores),
        score.outputAxes.allSatisfy({ view.shape(score.output)?[$0] == 1 }),
        let sum = attempt.node(score.source, ["Tanh", "Relu"])?.operand(0)
      else { continue }
      for (query, key) in attempt.operands(sum, "Add") {
        var inner = attempt
        guard let query = inner.layer(query), let key = inner.layer(key) else { continue }
        let (queries, keys) = (Walk.resolved(query.source, in: view), Walk.resolved(key.source, in: view))
        guard queries != keys, inner.movement(values, leadsTo: keys) else { continue }
        return match(.additive, inner, at: index, [queries, keys], channels: channels(key), maps: [weights.softmax])
      }
    }
    return nil
  }

  /// activation(value) · Σ key · softmax(score) over the places, all three made by one layer of x, the score one number for each place.
  func separable(at index: Int) -> AttentionMatch? {
    for (value, context) in weighings(at: index) {
      var trace = Trace(view)
      guard let summed = trace.beforeExpansion(context), let sum = trace.node(summed, ["ReduceSum"]), let rank = view.shape(value)?.count,
        let axes = axes(of: sum, rank: rank), axes.count == 1
      else { continue }
      for (key, factor) in trace.operands(sum.operand(0), "Mul") {
        var attempt = trace
        guard let node = attempt.node(factor, ["Softmax"]), let score = node.operand(0), view.shape(score)?.count == rank else { continue }
        let axis = node.int("axis", default: -1)
        guard axes == [axis < 0 ? axis + rank : axis] else { continue }
        let made = [score, key, attempt.beforeActivation(value)].map { attempt.beforeMovement($0, through: ["Split", "Slice"]) }
        let layers = made.compactMap { attempt.layer($0) }
        let sources = Set(layers.map { Walk.resolved($0.source, in: view) })
        guard layers.count == 3, sources.count == 1, let source = sources.first, let layer = layers.last,
          view.shape(score)?[layer.outputAxes[0]] == 1
        else { continue }
        return match(.separable, attempt, at: index, [source], channels: channels(layer), maps: [Walk.resolved(factor, in: view)])
      }
    }
    return nil
  }

  /// The softmax behind movement, and its input.
  private func shares(_ value: ValueID, _ trace: inout Trace) -> (softmax: ValueID, scores: ValueID)? {
    var attempt = trace
    let softmax = attempt.beforeMovement(value)
    guard let scores = attempt.node(softmax, ["Softmax"])?.operand(0) else { return nil }
    trace = attempt
    return (softmax, scores)
  }

  private func channels(_ layer: TokenLayer) -> Dimension? {
    guard let shape = view.shape(layer.source), shape.indices.contains(layer.inputAxis) else { return nil }
    return shape[layer.inputAxis]
  }

  private func match(
    _ kind: AttentionKind, _ trace: Trace, at index: Int, _ sources: [ValueID], channels: Dimension?, maps: [ValueID]
  ) -> AttentionMatch? {
    guard let output = output(of: index) else { return nil }
    var inputs: [ValueID] = []
    for source in sources where !inputs.contains(source) { inputs.append(source) }
    var match = AttentionMatch(
      kind: kind, inputs: inputs, output: output, nodes: trace.nodes.union([index]), channels: channels, weights: trace.weights)
    match.maps = maps
    return match
  }
}

extension Trace {
  /// The layer behind movement and constants.
  fileprivate mutating func layer(_ value: ValueID) -> TokenLayer? {
    var attempt = self
    guard let layer = TokenLayer(attempt.beforeConstants(value), in: view) else { return nil }
    attempt.cover([layer.index])
    for weight in layer.weights { attempt.use(weight) }
    self = attempt
    return layer
  }

  /// What a value was sampled from and where: one map, or several whose samples stand beside each other.
  fileprivate mutating func samples(_ value: ValueID) -> [(values: ValueID, grid: ValueID)]? {
    var attempt = self
    let joined = attempt.beforeMovement(value)
    let parts = attempt.node(joined, ["Concat"])?.inputs.compactMap { $0 } ?? [joined]
    var samples: [(values: ValueID, grid: ValueID)] = []
    for part in parts {
      guard let node = attempt.node(attempt.beforeMovement(part), ["GridSample"]), let values = node.operand(0), let grid = node.operand(1)
      else { return nil }
      samples.append((values, grid))
    }
    self = attempt
    return samples
  }

  /// Operators between a layer's offsets and the grid of a sample.
  private static let arithmetic = Walk.movements.union(["Add", "Sub", "Mul", "Div", "Slice", "Split", "Gather", "Cast", "Tanh", "Sigmoid"])
  private static let gridLimit = 48

  /// Whether a grid is computed from a layer of these queries. Covers the way.
  fileprivate mutating func places(_ grid: ValueID, chosenBy queries: ValueID) -> Bool {
    var pending = [(value: grid, way: Set<Int>())]
    var seen: Set<ValueID> = []
    var next = 0
    while next < pending.count, seen.count < Self.gridLimit {
      let (value, way) = pending[next]
      next += 1
      guard seen.insert(value).inserted, view.constant(value) == nil else { continue }
      if let layer = TokenLayer(value, in: view), Walk.resolved(layer.source, in: view) == queries {
        cover(way.union([layer.index]))
        for weight in layer.weights { use(weight) }
        return true
      }
      guard let index = view.producer(of: value), let node = view.node(index), node.op.domain.isEmpty else { continue }
      guard Self.arithmetic.contains(node.op.name) else { continue }
      let isArithmetic = ["Add", "Sub", "Mul", "Div"].contains(node.op.name)
      for input in node.inputs.compactMap({ $0 }).prefix(isArithmetic ? 2 : 1) { pending.append((input, way.union([index]))) }
    }
    return false
  }
}
