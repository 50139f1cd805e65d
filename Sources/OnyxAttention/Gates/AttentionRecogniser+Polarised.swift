import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Polarised self-attention: channels weighed by values that one query over the places sums up, places by values that one query over
/// the channels sums up; beside each other or in a row.
extension AttentionRecogniser {
  func polarised(at index: Int) -> AttentionMatch? {
    for (first, second) in additions(at: index) {
      guard let channels = part(first, channelShares), let places = part(second, placeShares), channels.map.value == places.map.value else {
        continue
      }
      return polarised(channels, places, at: index)
    }
    guard let output = output(of: index), let places = part(output, placeShares), let channels = part(places.map.value, channelShares)
    else {
      return nil
    }
    return polarised(channels, places, at: index)
  }

  private struct Part {
    var map: FeatureMap
    var weights: ValueID
    var trace: Trace
  }

  private func polarised(_ channels: Part, _ places: Part, at index: Int) -> AttentionMatch? {
    var trace = channels.trace
    trace.cover(places.trace.nodes)
    guard var match = gating(.polarised, channels.map, trace, at: index, gates: [channels.weights], maps: [places.weights]) else {
      return nil
    }
    for weight in places.trace.weights where !match.weights.contains(weight) { match.weights.append(weight) }
    return match
  }

  /// x · σ(way to shares of x).
  private func part(_ value: ValueID, _ isShares: (FeatureMap, ValueID, inout Trace) -> Bool) -> Part? {
    guard let (index, _) = view.maker(of: value) else { return nil }
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x) else { continue }
      var trace = Trace(view)
      trace.cover([index])
      guard let scores = trace.beforeGate(factor), isShares(map, scores, &trace) else { continue }
      return Part(map: map, weights: Walk.resolved(factor, in: view), trace: trace)
    }
    return nil
  }

  private func channelShares(_ map: FeatureMap, _ scores: ValueID, _ trace: inout Trace) -> Bool {
    guard isVector(scores, map) else { return false }
    return trace.ends(from: scores) { value in
      product(value, map) { softmax, trace in
        guard let query = trace.node(softmax, ["Softmax"])?.operand(0) else { return false }
        let place = trace.beforeMovement(query)
        guard let (x, outputs) = trace.point(place) else { return false }
        return x == map.value && outputs == 1 && isOverPlaces(softmax, map)
      }
    }
  }

  /// Whether a value has one number for each place, in rows or flat.
  private func isOverPlaces(_ value: ValueID, _ map: FeatureMap) -> Bool {
    guard let rest = view.shape(value)?.dropFirst().filter({ $0 != 1 }) else { return false }
    return map.isPixelMap(view.shape(value)) || rest.count == 1 && rest.first == (try? map.sides.product())
  }

  private func placeShares(_ map: FeatureMap, _ scores: ValueID, _ trace: inout Trace) -> Bool {
    guard map.isPixelMap(view.shape(scores)) else { return false }
    let found = product(trace.beforeMovement(scores), map) { softmax, trace in
      guard let query = trace.node(softmax, ["Softmax"])?.operand(0) else { return false }
      var pooled = trace.beforeMovement(query)
      guard let reduction = trace.node(pooled, ["GlobalAveragePool", "ReduceMean", "AveragePool"]), let input = reduction.operand(0) else {
        return false
      }
      pooled = trace.beforeMovement(input)
      guard let (x, outputs) = trace.point(pooled), view.shape(softmax)?.dropFirst().filter({ $0 != 1 }) == [outputs] else {
        return false
      }
      return x == map.value
    }
    guard let found else { return false }
    trace.cover(found)
    return true
  }

  /// The nodes of a product of values, a 1×1 convolution of the map, with shares.
  private func product(_ value: ValueID, _ map: FeatureMap, _ isShares: (ValueID, inout Trace) -> Bool) -> Set<Int>? {
    var trace = Trace(view)
    for (values, shares) in trace.operands(value, "MatMul") {
      var attempt = trace
      guard let (x, _) = attempt.point(attempt.beforeMovement(values)), x == map.value else { continue }
      if isShares(attempt.beforeMovement(shares), &attempt) { return attempt.nodes }
    }
    return nil
  }
}
