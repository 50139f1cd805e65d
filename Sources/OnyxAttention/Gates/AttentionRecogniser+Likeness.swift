import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Weights of places by how unlike, or how like, the channel's or the group's mean they are.
extension AttentionRecogniser {
  /// SimAM: x · σ(d² / (4 · (Σ d² / n + λ)) + ½), d = x − mean(x).
  func simple(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), view.shape(factor) == map.shape else { continue }
      var trace = Trace(view)
      guard let energy = trace.beforeGate(factor), let quotient = trace.node(trace.beforeConstants(energy), ["Div"]),
        let squares = quotient.operand(0), let divisor = quotient.operand(1), let deviation = trace.squared(squares),
        trace.isDeviation(deviation, of: map)
      else { continue }
      guard let sum = trace.node(trace.beforeConstants(divisor), ["ReduceSum", "ReduceMean"]), let summed = sum.operand(0),
        trace.squared(summed) == Walk.resolved(deviation, in: view), axes(of: sum, rank: map.shape.count) == map.spatialAxes
      else { continue }
      return gating(.simam, map, trace, at: index, maps: [Walk.resolved(factor, in: view)])
    }
    return nil
  }

  /// SGE: groups of channels weighed by σ(a · normalised likeness + b), the likeness that of each place with its group's mean.
  func spatialGroups(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), let shape = view.shape(factor), shape.count == 4, shape[1] == 1, map.isPixelMap(shape) else { continue }
      var trace = Trace(view)
      guard let scores = trace.beforeGate(factor), trace.ends(from: scores, isEnd: { likeness($0, of: map) }) else { continue }
      // The likeness is normalised over the places.
      guard !trace.covered(["Sub", "InstanceNormalization", "LayerNormalization"]).isEmpty, trace.convolutions.isEmpty else { continue }
      let whole = trace.beforeMovement(x)
      guard var match = gating(.sge, map, trace, at: index, maps: [Walk.resolved(factor, in: view)]) else { continue }
      match.inputs = [whole]
      if let map = picture(whole) { match.channels = map.channels }
      return match
    }
    return nil
  }

  /// The nodes of Σ over the channels of x · mean(x).
  private func likeness(_ value: ValueID, of map: FeatureMap) -> Set<Int>? {
    var trace = Trace(view)
    guard let node = trace.node(value, ["ReduceSum", "ReduceMean"]), axes(of: node, rank: map.shape.count) == [map.channelAxis] else {
      return nil
    }
    for (x, mean) in trace.operands(node.operand(0), "Mul") where Walk.resolved(x, in: view) == map.value {
      if trace.pooling(mean, of: map) == .mean { return trace.nodes }
    }
    return nil
  }

  /// Shuffle attention: the groups' one half weighed by its pooled channels, the other by its normalised places.
  func shuffle(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), node.op == OperatorName("Concat"), node.inputs.count == 2, node.int("axis", default: 0) == 1,
      let first = node.operand(0), let second = node.operand(1)
    else { return nil }
    for (channels, places) in [(first, second), (second, first)] {
      var trace = Trace(view)
      guard let (half, gate) = weighed(channels, &trace, by: channelScale),
        let (other, map) = weighed(places, &trace, by: placeScale),
        let part = view.producer(of: half.value).flatMap({ view.node($0) }), ["Slice", "Split"].contains(part.op.name),
        let rest = trace.node(other.value, ["Slice", "Split"]), part.operand(0) == rest.operand(0), let whole = part.operand(0)
      else { continue }
      if let maker = view.producer(of: half.value) { trace.cover([maker]) }
      let source = trace.beforeMovement(whole)
      guard var match = gating(.shuffle, half, trace, at: index, gates: [gate], maps: [map]) else { continue }
      match.inputs = [source]
      if let map = picture(source) { match.channels = map.channels }
      return match
    }
    return nil
  }

  private func weighed(_ value: ValueID, _ trace: inout Trace, by isScale: (ValueID, FeatureMap, inout Trace) -> Bool) -> (
    FeatureMap, ValueID
  )? {
    guard let (index, _) = view.maker(of: Walk.resolved(value, in: view)) else { return nil }
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x) else { continue }
      var attempt = trace
      attempt.cover([index])
      guard let scores = attempt.beforeGate(factor), isScale(scores, map, &attempt) else { continue }
      trace = attempt
      return (map, Walk.resolved(factor, in: view))
    }
    return nil
  }

  /// a · mean(x) + b, numbers for each channel.
  private func channelScale(_ scores: ValueID, _ map: FeatureMap, _ trace: inout Trace) -> Bool {
    trace.pooling(trace.beforeConstants(scores), of: map) == .mean
  }

  /// a · norm(x) + b, each channel normalised over its places.
  private func placeScale(_ scores: ValueID, _ map: FeatureMap, _ trace: inout Trace) -> Bool {
    guard view.shape(scores) == map.shape,
      let norm = trace.node(trace.beforeConstants(scores), ["InstanceNormalization", "GroupNormalization"]), let x = norm.operand(0)
    else { return false }
    return trace.movement(x, leadsTo: map.value)
  }
}
