import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What one SplitAttention needs.
package struct SplitParts: Sendable {
  package var branches: [ValueID]
  /// The layer that every branch's scores come from.
  package var first: LayerWeights
  package var hiddenActivation: FusedActivation
  package var channels: Dimension
  package var hidden: Dimension
  /// One layer for each branch, or one for all with the branches' scores in a row.
  package var second: [LayerWeights]
}

extension AttentionRecogniser {
  /// The two layers between the pooled sum of the branches and the Softmax's input `scores`, whose branches stand at `axis`.
  /// nil for forms that one node cannot say.
  func splitParts(_ branches: [ValueID], scores: ValueID, axis: Int, isPooled: (ValueID) -> Bool) -> SplitParts? {
    guard let first = branches.first, let map = FeatureMap(first, channelAxis: 1, in: view), map.shape.count == 4 else { return nil }
    guard branches.allSatisfy({ view.shape($0) == map.shape }), let shape = view.shape(scores), shape.count == 5 else { return nil }
    let count = Dimension(branches.count)
    let wanted: [Dimension] = axis == 0 ? [count, map.batch, map.channels, 1, 1] : [map.batch, count, map.channels, 1, 1]
    guard axis < 2, shape == wanted else { return nil }
    var walk = Walk(view, map)
    var second: [Walk.Layer] = []
    if let (_, node) = view.maker(of: scores), node.op == OperatorName("Concat") {
      for case let input? in node.inputs {
        guard let layer = walk.linearLayer(at: Cursor(beforeReshape(input)), outputs: map.channels) else { return nil }
        second.append(layer)
      }
      guard second.count == branches.count else { return nil }
    } else {
      guard axis == 1, let outputs = try? count * map.channels else { return nil }
      guard let layer = walk.linearLayer(at: Cursor(beforeReshape(scores)), outputs: outputs) else { return nil }
      second = [layer]
    }
    guard let last = second.first, second.allSatisfy({ walk.settled($0) == walk.settled(last) && $0.inputs == last.inputs }) else {
      return nil
    }
    var cursor = Cursor(walk.settled(last))
    var activation = FusedActivation.none
    if let (found, inner) = walk.activation(at: cursor) {
      activation = found
      cursor = inner.stage == .whole ? Cursor(walk.beforeMovement(inner.value, length: last.inputs)) : inner
    }
    guard let layer = walk.linearLayer(at: cursor, outputs: last.inputs), layer.inputs == map.channels else { return nil }
    guard isPooled(walk.beforeMovement(layer.source, length: map.channels)) else { return nil }
    return SplitParts(
      branches: branches, first: layer.weights, hiddenActivation: activation, channels: map.channels, hidden: last.inputs,
      second: second.map(\.weights))
  }

  /// The value before what keeps the elements in row-major order whatever their shape is.
  private func beforeReshape(_ value: ValueID) -> ValueID {
    var value = value
    for _ in 0..<Walk.longest {
      guard let (_, node) = view.maker(of: value), node.op.domain.isEmpty, let input = node.operand(0) else { break }
      guard ["Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze"].contains(node.op.name) else { break }
      value = input
    }
    return value
  }
}

extension Walk {
  /// Where a layer's input stands before movement.
  func settled(_ layer: Layer) -> ValueID {
    var walk = self
    return walk.beforeMovement(layer.source, length: layer.inputs)
  }
}
