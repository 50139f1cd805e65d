import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Walk {
  /// What makes the gates of the channels, walking back from what multiplies the map.
  mutating func channelPart(_ factor: ValueID) -> ChannelPart? {
    var attempt = self
    let value = attempt.beforeExpand(factor)
    guard map.channels != 1, attempt.isChannelFactor(value) else { return nil }
    let start = attempt.beforeMovement(value, length: map.channels)
    guard let (gateActivation, inner) = attempt.activation(at: Cursor(start)), gateActivation.isGate else { return nil }
    guard let parts = attempt.branches(at: inner) else { return nil }
    guard let first = parts.first, parts.count == 1 || Self.areShared(parts, view) else { return nil }
    let pools = Set(parts.map(\.pool))
    guard pools.count == parts.count else { return nil }
    self = attempt
    return ChannelPart(
      pooling: pools.count == 2 ? .both : first.pool == .max ? .max : .avg, gate: first.gate, first: first.first, second: first.second,
      hiddenActivation: first.hidden, outputActivation: first.output, gateActivation: gateActivation, hidden: first.units,
      kernel: first.taps.map { [$0] } ?? [], value: start)
  }

  /// One pooled vector's way to the sum.
  private struct Branch {
    var pool = Pool.mean
    var gate = AttentionBlock.Gate.fc
    var output = FusedActivation.none
    var hidden = FusedActivation.none
    var first: LayerWeights
    var second: LayerWeights?
    var units: Dimension?
    var taps: Int?
  }

  /// The value before an Expand to the map's shape: Mul would repeat it too.
  private mutating func beforeExpand(_ value: ValueID) -> ValueID {
    let value = resolved(value)
    guard let (index, node) = view.maker(of: value), node.op == OperatorName("Expand"), let input = node.operand(0) else { return value }
    guard view.shape(input)?.count == map.shape.count else { return value }
    cover(index)
    return resolved(input)
  }

  /// Whether broadcasting gives every pixel of a channel the same element.
  private func isChannelFactor(_ value: ValueID) -> Bool {
    guard let shape = view.shape(value), shape.count == map.shape.count else { return false }
    return map.vectorAxis(shape, map.channels) == map.channelAxis
  }

  private mutating func branches(at cursor: Cursor) -> [Branch]? {
    guard let (left, right) = sum(at: cursor) else { return branch(at: cursor).map { [$0] } }
    guard let a = branch(at: left), let b = branch(at: right) else { return nil }
    return [a, b]
  }

  /// Both sides of an addition of two vectors, neither constant.
  private mutating func sum(at cursor: Cursor) -> (Cursor, Cursor)? {
    let value = cursor.stage == .whole ? beforeMovement(cursor.value, length: map.channels) : cursor.value
    guard let (index, node) = view.maker(of: value) else { return nil }
    if isFused(node), cursor.stage != .beforeAddend, let addend = node.operand(3) {
      guard cursor.stage == .beforeActivation || FusedActivation(fusedInto: node) == FusedActivation.none else { return nil }
      return (Cursor(value, .beforeAddend), Cursor(addend))
    }
    guard cursor.stage == .whole, node.op == OperatorName("Add"), let a = node.operand(0), let b = node.operand(1) else { return nil }
    guard view.constant(a) == nil, view.constant(b) == nil else { return nil }
    cover(index)
    return (Cursor(a), Cursor(b))
  }

  private mutating func branch(at cursor: Cursor) -> Branch? {
    var cursor = settle(cursor, map.channels)
    var output = FusedActivation.none
    if let (activation, inner) = activation(at: cursor) {
      output = activation
      cursor = settle(inner, map.channels)
    }
    if let (layer, taps) = channelConvolution(at: cursor) {
      guard let pool = pool(layer.source, length: map.channels) else { return nil }
      return Branch(pool: pool, gate: .conv1d, output: output, first: layer.weights, taps: taps)
    }
    guard let last = linearLayer(at: cursor, outputs: map.channels) else { return nil }
    if last.inputs == map.channels, let pool = pool(last.source, length: map.channels) {
      return Branch(pool: pool, output: output, first: last.weights)
    }
    cursor = settle(Cursor(last.source), last.inputs)
    var hidden = FusedActivation.none
    if let (activation, inner) = activation(at: cursor) {
      hidden = activation
      cursor = settle(inner, last.inputs)
    }
    guard let first = linearLayer(at: cursor, outputs: last.inputs), first.inputs == map.channels else { return nil }
    guard let pool = pool(first.source, length: map.channels) else { return nil }
    return Branch(pool: pool, gate: .mlp, output: output, hidden: hidden, first: first.weights, second: last.weights, units: last.inputs)
  }

  private mutating func settle(_ cursor: Cursor, _ length: Dimension) -> Cursor {
    cursor.stage == .whole ? Cursor(beforeMovement(cursor.value, length: length)) : cursor
  }

  private mutating func pool(_ value: ValueID, length: Dimension) -> Pool? {
    var attempt = self
    guard let pool = attempt.pooling(attempt.beforeMovement(value, length: length)) else { return nil }
    self = attempt
    return pool
  }

  /// Both branches go through the same layers.
  private static func areShared(_ parts: [Branch], _ view: any GraphView) -> Bool {
    guard parts.count == 2 else { return false }
    let (a, b) = (parts[0], parts[1])
    guard a.gate == b.gate, a.output == b.output, a.hidden == b.hidden, a.units == b.units, a.taps == b.taps else { return false }
    return isSame(a.first, b.first, view) && isSame(a.second, b.second, view)
  }

  private static func isSame(_ a: LayerWeights?, _ b: LayerWeights?, _ view: any GraphView) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    func isSame(_ x: ValueID?, _ y: ValueID?) -> Bool {
      guard let x, let y, x != y else { return x == y }
      guard let left = view.constant(x), let right = view.constant(y), left.shape == right.shape, left.elementType == right.elementType
      else {
        return false
      }
      guard let values = try? left.doubles(), let others = try? right.doubles() else { return false }
      return values == others
    }
    return a.isTransposed == b.isTransposed && isSame(a.value, b.value) && isSame(a.bias, b.bias)
  }
}
