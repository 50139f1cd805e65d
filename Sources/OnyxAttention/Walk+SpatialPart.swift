import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Walk {
  /// What makes the factor of each pixel, walking back from what multiplies the map.
  mutating func spatialPart(_ factor: ValueID) -> SpatialPart? {
    var attempt = self
    let value = attempt.beforeExpandOfPixels(factor)
    guard map.channels != 1, let shape = view.shape(value), shape.count == map.shape.count, map.isPixelMap(shape) else { return nil }
    guard shape[map.channelAxis] == 1, map.spatialAxes.allSatisfy({ shape[$0] == map.shape[$0] }) else { return nil }
    let start = attempt.beforeMovement(ofPixels: value)
    guard let (activation, inner) = attempt.activation(at: Cursor(start)), activation.isGate else { return nil }
    let cursor = inner.stage == .whole ? Cursor(attempt.beforeMovement(ofPixels: inner.value)) : inner
    guard let part = attempt.convolution(at: cursor, start, activation) else { return nil }
    self = attempt
    return part
  }

  private mutating func beforeExpandOfPixels(_ value: ValueID) -> ValueID {
    let value = resolved(value)
    guard let (index, node) = view.maker(of: value), node.op == OperatorName("Expand"), let input = node.operand(0) else { return value }
    guard view.shape(input)?.count == map.shape.count else { return value }
    cover(index)
    return resolved(input)
  }

  private mutating func convolution(at cursor: Cursor, _ start: ValueID, _ activation: FusedActivation) -> SpatialPart? {
    guard let (index, node) = view.maker(of: cursor.value), ["Conv", "FusedConv"].contains(node.op.name), let x = node.operand(0) else {
      return nil
    }
    if isFused(node) {
      guard node.operand(3) == nil else { return nil }
      guard cursor.stage != .whole || FusedActivation(fusedInto: node) == FusedActivation.none else { return nil }
    }
    guard let w = node.operand(1).map(resolved), view.constant(w) != nil, let extents = view.shape(w), extents.count == map.shape.count
    else {
      return nil
    }
    let taps = extents.dropFirst(2).compactMap(\.known)
    guard taps.count == extents.count - 2, taps.allSatisfy({ $0 % 2 == 1 }), extents[0] == 1, isSame(node, taps: taps) else { return nil }
    guard node.int("group", default: 1) == 1 else { return nil }
    let bias = node.operand(2).map(resolved)
    if let bias, view.constant(bias) == nil { return nil }
    cover(index)
    use(w)
    use(bias)
    let weights = LayerWeights(value: w, isTransposed: false, bias: bias)
    if extents[1] == map.channels, taps.allSatisfy({ $0 == 1 }), channelsFirst(x) == map.value {
      return SpatialPart(form: .point, weights: weights, isMeanFirst: false, activation: activation, kernel: taps, value: start)
    }
    guard extents[1] == 2, let pools = channelPools(channelsFirst(x)), Set(pools).count == 2 else { return nil }
    return SpatialPart(form: .conv, weights: weights, isMeanFirst: pools[0] == .mean, activation: activation, kernel: taps, value: start)
  }

  /// What a convolution over a channels-last map reads, before the Transpose that puts the channels first.
  private mutating func channelsFirst(_ value: ValueID) -> ValueID {
    let value = resolved(value)
    guard map.channelAxis != 1, let (index, node) = view.maker(of: value), node.op == OperatorName("Transpose"), let input = node.operand(0)
    else {
      return value
    }
    guard node.ints("perm") == [0, map.channelAxis] + map.spatialAxes.sorted() else { return value }
    cover(index)
    return resolved(input)
  }

  /// The reductions over the channels that a Concat of two puts beside each other.
  private mutating func channelPools(_ value: ValueID) -> [Pool]? {
    guard let (index, node) = view.maker(of: value), node.op == OperatorName("Concat"), node.inputs.count == 2 else { return nil }
    guard let rank = view.shape(value)?.count else { return nil }
    let axis = node.int("axis", default: 0)
    let normal = axis < 0 ? axis + rank : axis
    guard normal == 1 || normal == map.channelAxis, view.shape(value)?.indices.contains(normal) == true, view.shape(value)?[normal] == 2
    else {
      return nil
    }
    cover(index)
    var pools: [Pool] = []
    for case let input? in node.inputs {
      guard map.isPixelMap(view.shape(input)), let pool = pooling(beforeMovement(ofPixels: input), over: [map.channelAxis]) else {
        return nil
      }
      pools.append(pool)
    }
    return pools
  }
}
