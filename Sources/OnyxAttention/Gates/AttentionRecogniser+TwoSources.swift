import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Gates from another map than the one that they weigh, or from two.
extension AttentionRecogniser {
  /// Gates that layers make of the means of one map.
  private struct Gate {
    var source: ValueID
    var value: ValueID
    var trace: Trace
  }

  private func gate(_ factor: ValueID, channels: Dimension) -> Gate? {
    var trace = Trace(view)
    let value = trace.beforeMovement(factor)
    guard let scores = trace.beforeGate(value), let shape = view.shape(scores), shape.count >= 2, shape[1] == channels,
      shape.dropFirst(2).allSatisfy({ $0 == 1 })
    else { return nil }
    var sources: Set<ValueID> = []
    let ends = trace.ends(from: scores) { end in
      guard let (source, nodes) = pooled(end) else { return nil }
      sources.insert(source)
      return nodes
    }
    guard ends, sources.count == 1, let source = sources.first, !(trace.convolutions.isEmpty && trace.covered(["Gemm", "MatMul"]).isEmpty),
      trace.covered(["Softmax"]).isEmpty
    else { return nil }
    return Gate(source: source, value: value, trace: trace)
  }

  /// What a vector is the mean of over all pixels, and the nodes between.
  private func pooled(_ value: ValueID) -> (ValueID, Set<Int>)? {
    guard let (_, node) = view.maker(of: value), ["GlobalAveragePool", "AveragePool", "ReduceMean"].contains(node.op.name),
      let input = node.operand(0), let map = picture(Walk.resolved(input, in: view))
    else { return nil }
    var trace = Trace(view)
    return trace.pooling(value, of: map) == .mean ? (map.value, trace.nodes) : nil
  }

  /// MFAB of MAnet: x · (gates of x + gates of the skip connection).
  func multiScale(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), isVector(factor, map) else { continue }
      var trace = Trace(view)
      for (own, other) in trace.operands(factor, "Add") {
        guard let own = gate(own, channels: map.channels), own.source == x, let other = gate(other, channels: map.channels),
          other.source != x
        else { continue }
        trace.cover(own.trace.nodes.union(other.trace.nodes))
        guard var match = gating(.mfab, map, trace, at: index, gates: [Walk.resolved(factor, in: view)]) else { continue }
        match.weights = own.trace.weights + other.trace.weights
        match.inputs.append(other.source)
        match.hidden = hiddenUnits(match)
        return match
      }
    }
    return nil
  }

  /// GAU of PAN: high + low · gates of high, where high may be enlarged.
  func globalUpsample(at index: Int) -> AttentionMatch? {
    for (high, weighed) in additions(at: index) {
      guard let (product, _) = view.maker(of: weighed) else { continue }
      for (x, factor) in weighings(at: product) {
        guard let map = picture(x), isVector(factor, map), let gate = gate(factor, channels: map.channels), gate.source != x else {
          continue
        }
        var trace = gate.trace
        guard high == gate.source || trace.beforeResize(high) == gate.source else { continue }
        trace.cover([product])
        guard var match = gating(.gau, map, trace, at: index, gates: [gate.value]) else { continue }
        match.inputs.append(gate.source)
        return match
      }
    }
    return nil
  }

  /// LR-ASPP: activation(1×1 of x) · gates of x.
  func liteReduced(at index: Int) -> AttentionMatch? {
    for (value, factor) in weighings(at: index) {
      guard let branch = picture(value) else { continue }
      var trace = Trace(view)
      let enlarged = trace.beforeResize(factor)
      guard let gate = gate(enlarged, channels: branch.channels), gate.source != value, let map = picture(gate.source) else { continue }
      trace.cover(gate.trace.nodes)
      guard let (x, _) = trace.point(trace.beforeActivation(value)), x == gate.source else { continue }
      guard var match = gating(.lraspp, map, trace, at: index, gates: [gate.value]) else { continue }
      match.weights += gate.trace.weights.filter { !match.weights.contains($0) }
      return match
    }
    return nil
  }

  /// The gate of Attention U-Net: x · σ(1×1 of relu(layer of x + layer of a coarser signal)), what is coarser enlarged.
  func attentionGate(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), let shape = view.shape(factor), map.isPixelMap(shape), shape.count == 4, shape[1] == 1 else { continue }
      var trace = Trace(view)
      guard let scores = trace.beforeGate(trace.beforeResize(factor)), let (hidden, outputs) = trace.point(scores), outputs == 1 else {
        continue
      }
      let sum = trace.beforeActivation(hidden)
      for (own, other) in trace.operands(sum, "Add") {
        var attempt = trace
        guard let signal = attempt.layer(own, of: x), signal == x, let other = attempt.layer(other, of: nil), other != x else { continue }
        guard var match = gating(.attentionGate, map, attempt, at: index, maps: [Walk.resolved(factor, in: view)]) else { continue }
        match.inputs.append(other)
        match.hidden = view.shape(hidden)?[1]
        return match
      }
    }
    return nil
  }
}

extension Trace {
  /// What a convolution reads, a Resize before or behind it passed; nil when it is not the wanted value.
  fileprivate mutating func layer(_ value: ValueID, of wanted: ValueID?) -> ValueID? {
    var attempt = self
    guard let (_, input, _) = attempt.convolution(attempt.beforeResize(value)) else { return nil }
    let source = wanted == input ? input : attempt.beforeResize(input)
    guard wanted == nil || source == wanted else { return nil }
    self = attempt
    return source
  }
}
