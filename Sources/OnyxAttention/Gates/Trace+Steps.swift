import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Single steps of a search back, for blocks whose parts come in a fixed order. A step that fails covers nothing.
extension Trace {
  /// The node of one of these operators that makes a value, behind Identity and Dropout.
  mutating func node(_ value: ValueID?, _ operators: Set<String>) -> Node? {
    guard let value, let index = view.producer(of: Walk.resolved(value, in: view)), let node = view.node(index) else { return nil }
    guard node.op.domain.isEmpty, operators.contains(node.op.name) else { return nil }
    cover([index])
    return node
  }

  /// Both operands of such a node, in both orders.
  mutating func operands(_ value: ValueID?, _ name: String) -> [(ValueID, ValueID)] {
    guard let node = node(value, [name]), let a = node.operand(0), let b = node.operand(1) else { return [] }
    return [(a, b), (b, a)]
  }

  /// What a gate's activation is computed of: its results lie in 0 … 1.
  mutating func beforeGate(_ value: ValueID) -> ValueID? {
    let value = Walk.resolved(value, in: view)
    guard let (index, node) = view.maker(of: value), node.op.domain.isEmpty else { return nil }
    if FusedActivation(node, constant: view.constant)?.isGate == true {
      cover([index])
      return node.operand(0)
    }
    guard let map = FeatureMap(value, channelAxis: 1, in: view) else { return nil }
    var walk = Walk(view, map)
    guard let (activation, inner) = walk.activation(at: Cursor(value)), activation.isGate, inner.stage == .whole else { return nil }
    cover(walk.nodes)
    return inner.value
  }

  /// The value before an activation of any kind; the same value where none is.
  mutating func beforeActivation(_ value: ValueID) -> ValueID {
    let value = Walk.resolved(value, in: view)
    guard let map = FeatureMap(value, channelAxis: 1, in: view) else { return value }
    var walk = Walk(view, map)
    guard let (_, inner) = walk.activation(at: Cursor(value)), inner.stage == .whole else { return value }
    cover(walk.nodes)
    return inner.value
  }

  /// x of x², x·x or |x|.
  mutating func squared(_ value: ValueID) -> ValueID? {
    if let node = node(value, ["Abs"]) { return node.operand(0) }
    if let node = node(value, ["Pow"]), let x = node.operand(0), let power = node.operand(1) {
      return isNumber(power, 2) ? Walk.resolved(x, in: view) : nil
    }
    guard let node = node(value, ["Mul"]), let x = node.operand(0), x == node.operand(1) else { return nil }
    return Walk.resolved(x, in: view)
  }

  /// Whether a value is this one number.
  func isNumber(_ value: ValueID, _ number: Double) -> Bool {
    guard let tensor = view.constant(value), tensor.elementCount == 1, let found = (try? tensor.doubles())?.first else { return false }
    return abs(found - number) <= 1e-6
  }

  /// The value before movement, and before constants that are added, subtracted, multiplied or divided by.
  mutating func beforeConstants(_ value: ValueID) -> ValueID {
    var value = Walk.resolved(value, in: view)
    for _ in 0..<Walk.longest {
      value = beforeMovement(value)
      guard let (index, node) = view.maker(of: value), node.op.domain.isEmpty, let next = scaled(node) else { break }
      cover([index])
      for input in node.inputs.compactMap({ $0 }) where input != next { use(Walk.resolved(input, in: view)) }
      value = next
    }
    return value
  }

  private func scaled(_ node: Node) -> ValueID? {
    if node.op.name == "BatchNormalization" { return node.operand(0) }
    guard ["Add", "Sub", "Mul", "Div"].contains(node.op.name), let a = node.operand(0), let b = node.operand(1) else { return nil }
    let (isLeft, isRight) = (view.constant(Walk.resolved(a, in: view)) != nil, view.constant(Walk.resolved(b, in: view)) != nil)
    if isRight, !isLeft { return a }
    return isLeft && !isRight && ["Add", "Mul"].contains(node.op.name) ? b : nil
  }

  /// A convolution without padding to other sides, and what it reads, behind a normalisation that stands after it.
  mutating func convolution(_ value: ValueID) -> (node: Node, input: ValueID, extents: [Dimension])? {
    var attempt = self
    let normalisation = attempt.node(value, ["BatchNormalization"])
    guard let node = attempt.node(normalisation?.operand(0) ?? value, ["Conv"]), let x = node.operand(0), let w = node.operand(1) else {
      return nil
    }
    guard view.constant(Walk.resolved(w, in: view)) != nil, let extents = view.shape(w), extents.count == 4 else { return nil }
    for input in node.inputs.dropFirst() { if let input { attempt.use(Walk.resolved(input, in: view)) } }
    self = attempt
    return (node, Walk.resolved(x, in: view), extents)
  }

  /// A convolution of one place.
  mutating func point(_ value: ValueID) -> (input: ValueID, outputs: Dimension)? {
    var attempt = self
    guard let (node, input, extents) = attempt.convolution(value), extents[2] == 1, extents[3] == 1, node.int("group", default: 1) == 1
    else { return nil }
    self = attempt
    return (input, extents[0])
  }

  /// How a value is pooled from the map over these axes.
  mutating func pooling(_ value: ValueID, of map: FeatureMap, over axes: Set<Int>? = nil) -> Walk.Pool? {
    var walk = Walk(view, map)
    guard let pool = walk.pooling(value, over: axes ?? map.spatialAxes) else { return nil }
    cover(walk.nodes)
    return pool
  }

  /// Whether a value is the map minus its mean over the places.
  mutating func isDeviation(_ value: ValueID, of map: FeatureMap) -> Bool {
    var attempt = self
    guard let node = attempt.node(value, ["Sub"]), let x = node.operand(0), let mean = node.operand(1) else { return false }
    guard attempt.movement(x, leadsTo: map.value), attempt.pooling(attempt.beforeMovement(mean), of: map) == .mean else { return false }
    self = attempt
    return true
  }

  /// Whether movement alone leads back from one value to another, which movement may have made in its turn.
  mutating func movement(_ value: ValueID, leadsTo wanted: ValueID) -> Bool {
    var attempt = self
    var value = Walk.resolved(value, in: view)
    for _ in 0..<Walk.longest where value != wanted {
      guard let input = attempt.node(value, Walk.movements)?.operand(0) else { return false }
      value = Walk.resolved(input, in: view)
    }
    guard value == wanted else { return false }
    self = attempt
    return true
  }
}

extension AttentionRecogniser {
  /// The two operands of a Mul, as what may be weighed and what may weigh it.
  func weighings(at index: Int) -> [(x: ValueID, factor: ValueID)] {
    guard let node = view.node(index), node.op == OperatorName("Mul"), let a = node.operand(0), let b = node.operand(1) else { return [] }
    return [(Walk.resolved(a, in: view), b), (Walk.resolved(b, in: view), a)]
  }

  /// The terms of an Add, in both orders.
  func additions(at index: Int) -> [(ValueID, ValueID)] {
    guard let node = view.node(index), node.op == OperatorName("Add"), let a = node.operand(0), let b = node.operand(1) else { return [] }
    return [(Walk.resolved(a, in: view), Walk.resolved(b, in: view)), (Walk.resolved(b, in: view), Walk.resolved(a, in: view))]
  }

  func picture(_ value: ValueID) -> FeatureMap? {
    guard let map = FeatureMap(value, channelAxis: 1, in: view), map.shape.count == 4, map.channels != 1 else { return nil }
    guard view.constant(value) == nil, view.inferred(value)?.elementType?.isFloating == true else { return nil }
    return map
  }

  func output(of index: Int) -> ValueID? { view.node(index)?.outputs.first ?? nil }

  /// A block that ends at node `index` and weighs `map`.
  func gating(_ kind: AttentionKind, _ map: FeatureMap, _ trace: Trace, at index: Int, gates: [ValueID] = [], maps: [ValueID] = [])
    -> AttentionMatch?
  {
    guard let output = output(of: index) else { return nil }
    var match = AttentionMatch(
      kind: kind, inputs: [map.value], output: output, nodes: trace.nodes.union([index]), channels: map.channels, weights: trace.weights)
    match.gates = gates
    match.maps = maps
    return match
  }
}
