import OnyxGraph
import OnyxOperators
import OnyxTensor

/// BAM: x + x · σ(channels ∘ places) or x · (1 + σ(channels ∘ places)), joined by a sum or a product, both made by layers of x.
extension AttentionRecogniser {
  func bottleneck(at index: Int) -> AttentionMatch? {
    for (x, weighed) in additions(at: index) {
      guard let map = picture(x), let (product, _) = view.maker(of: weighed) else { continue }
      for (value, factor) in weighings(at: product) where value == x {
        var trace = Trace(view)
        trace.cover([product])
        if let match = bottleneck(map, factor, &trace, at: index) { return match }
      }
    }
    for (x, sum) in weighings(at: index) {
      guard let map = picture(x) else { continue }
      var trace = Trace(view)
      for (factor, one) in trace.operands(sum, "Add") where trace.isNumber(one, 1) {
        if let match = bottleneck(map, factor, &trace, at: index) { return match }
      }
    }
    return nil
  }

  private func bottleneck(_ map: FeatureMap, _ factor: ValueID, _ trace: inout Trace, at index: Int) -> AttentionMatch? {
    guard let scores = trace.beforeGate(factor), let (_, joint) = view.maker(of: Walk.resolved(scores, in: view)) else { return nil }
    for (channels, places) in trace.operands(scores, joint.op.name == "Mul" ? "Mul" : "Add") {
      var attempt = trace
      guard let channels = attempt.beforeExpansion(channels), let places = attempt.beforeExpansion(places) else { continue }
      guard let vector = view.shape(channels), map.vectorAxis(vector, map.channels) == map.channelAxis else { continue }
      guard let shape = view.shape(places), map.isPixelMap(shape), shape.count == 4, shape[1] == 1 else { continue }
      let isPooled = { (value: ValueID) -> Set<Int>? in
        var inner = Trace(view)
        return inner.pooling(value, of: map) == .mean ? inner.nodes : nil
      }
      guard attempt.ends(from: channels, isEnd: isPooled) else { continue }
      guard attempt.ends(from: places, isEnd: { $0 == map.value ? [] : nil }) else { continue }
      guard var match = gating(.bam, map, attempt, at: index, maps: [Walk.resolved(factor, in: view)]) else { continue }
      match.hidden = hiddenUnits(match)
      return match
    }
    return nil
  }
}

extension Trace {
  /// The value before an Expand to the shape of a map.
  mutating func beforeExpansion(_ value: ValueID) -> ValueID? {
    let value = Walk.resolved(value, in: view)
    guard let expansion = node(value, ["Expand"]) else { return value }
    return expansion.operand(0).map { Walk.resolved($0, in: view) }
  }
}
