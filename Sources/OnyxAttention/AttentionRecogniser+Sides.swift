import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Blocks that pool the map in other ways than over all of its pixels: global context, coordinate and triplet attention.
extension AttentionRecogniser {
  /// x · gate(layers(context)) or x + layers(context), the context pooled by a softmax over the pixels.
  func globalContext(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), ["Mul", "Add"].contains(node.op.name), node.op.domain.isEmpty, case let output?? = node.outputs.first
    else {
      return nil
    }
    guard let a = node.operand(0), let b = node.operand(1) else { return nil }
    for (x, factor) in [(a, b), (b, a)] {
      guard let map = FeatureMap(Walk.resolved(x, in: view), channelAxis: 1, in: view), map.shape.count == 4 else { continue }
      guard let shape = view.shape(factor), map.vectorAxis(shape, map.channels) == 1 else { continue }
      var trace = Trace(view)
      trace.cover([index])
      var pixels: ValueID?
      guard trace.ends(from: factor, isEnd: { context($0, map, &pixels) }), let pixels else { continue }
      var match = AttentionMatch(
        kind: .gc, inputs: [map.value], output: output, nodes: trace.nodes, channels: map.channels, weights: trace.weights)
      match.hidden = hiddenUnits(match)
      match.gates = [factor]
      match.maps = [pixels]
      return match
    }
    return nil
  }

  /// x · softmax(convolution(x)), summed over the pixels by a product.
  private func context(_ value: ValueID, _ map: FeatureMap, _ pixels: inout ValueID?) -> Set<Int>? {
    guard let (index, node) = view.maker(of: value), node.op == OperatorName("MatMul"), let a = node.operand(0), let b = node.operand(1)
    else {
      return nil
    }
    for (x, probabilities) in [(a, b), (b, a)] {
      var trace = Trace(view)
      trace.cover([index])
      guard trace.beforeMovement(x) == map.value else { continue }
      let found = trace.beforeMovement(probabilities)
      guard let (softmax, inner) = view.maker(of: found), inner.op == OperatorName("Softmax"), let input = inner.operand(0) else {
        continue
      }
      let scores = trace.beforeMovement(input)
      guard let (layer, conv) = view.maker(of: scores), ["Conv", "FusedConv"].contains(conv.op.name) else { continue }
      guard conv.operand(0).map({ Walk.resolved($0, in: view) }) == map.value, view.shape(scores)?[1] == 1 else { continue }
      pixels = found
      return trace.nodes.union([softmax, layer])
    }
    return nil
  }

  /// x · gate over rows · gate over columns, both from the means along one side.
  func coordinate(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), node.op == OperatorName("Mul"), case let output?? = node.outputs.first else { return nil }
    var nodes: Set<Int> = [index]
    var factors: [ValueID] = []
    for case let input? in node.inputs {
      guard let (inner, mul) = view.maker(of: input), mul.op == OperatorName("Mul"), factors.count < 2 else {
        factors.append(input)
        continue
      }
      nodes.insert(inner)
      factors += mul.inputs.compactMap { $0 }
    }
    guard factors.count == 3 else { return nil }
    for position in factors.indices {
      guard let map = FeatureMap(Walk.resolved(factors[position], in: view), channelAxis: 1, in: view), map.shape.count == 4 else {
        continue
      }
      var trace = Trace(view)
      trace.cover(nodes)
      var pooled: Set<Int> = []
      let gates = factors.indices.filter { $0 != position }.map { factors[$0] }
      let kept = gates.map { side(ofGate: $0, map) }
      guard Set(kept) == [2, 3] else { continue }
      let isEnd = { (value: ValueID) -> Set<Int>? in
        for axis in [2, 3] {
          var walk = Walk(view, map)
          if walk.pooling(value, over: [axis]) == .mean {
            pooled.insert(axis)
            return walk.nodes
          }
        }
        return nil
      }
      guard gates.allSatisfy({ trace.ends(from: $0, isEnd: isEnd) }), pooled == [2, 3] else { continue }
      var match = AttentionMatch(
        kind: .coordinate, inputs: [map.value], output: output, nodes: trace.nodes, channels: map.channels, weights: trace.weights)
      match.hidden = hiddenUnits(match)
      match.gates = gates
      return match
    }
    return nil
  }

  /// The outputs of the layer that reads the channels and gives fewer or more of them, but not one.
  func hiddenUnits(_ match: AttentionMatch) -> Dimension? {
    for weight in match.weights {
      guard let extents = view.shape(weight), extents.count >= 2, let channels = match.channels, extents[1] == channels else { continue }
      if extents[0] != channels, extents[0] != 1, extents.dropFirst(2).allSatisfy({ $0 == 1 }) { return extents[0] }
    }
    return nil
  }

  /// The side of the map along which a gate varies, when it is one number for each channel and each row or column.
  private func side(ofGate value: ValueID, _ map: FeatureMap) -> Int? {
    var value = Walk.resolved(value, in: view)
    if let (_, node) = view.maker(of: value), node.op == OperatorName("Expand"), let input = node.operand(0) {
      value = Walk.resolved(input, in: view)
    }
    guard let (_, node) = view.maker(of: value), let shape = view.shape(value), shape.count == 4, shape[1] == map.channels else {
      return nil
    }
    let activation = node.op.domain.isEmpty ? FusedActivation(node, constant: view.constant) : FusedActivation(fusedInto: node)
    guard activation?.isGate == true else { return nil }
    if shape[3] == 1, shape[2] == map.shape[2] { return 2 }
    return shape[2] == 1 && shape[3] == map.shape[3] ? 3 : nil
  }

  /// The mean of spatial parts over the map and over its transposed forms.
  func triplet(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), node.op == OperatorName("Add"), case let output?? = node.outputs.first else { return nil }
    var nodes: Set<Int> = [index]
    var terms: [ValueID] = []
    for case let input? in node.inputs {
      guard let (inner, add) = view.maker(of: input), add.op == OperatorName("Add"), terms.count < 2 else {
        terms.append(input)
        continue
      }
      nodes.insert(inner)
      terms += add.inputs.compactMap { $0 }
    }
    guard terms.count >= 2 else { return nil }
    var (source, weights, maps): (ValueID?, [ValueID], [ValueID]) = (nil, [], [])
    var transposed = 0
    for term in terms {
      var trace = Trace(view)
      let end = trace.beforeMovement(term)
      guard let maker = view.maker(of: end), let part = gated(at: maker.index), part.kind == .cbamSpatial, let x = part.inputs.first else {
        return nil
      }
      let origin = trace.beforeMovement(x)
      guard source ?? origin == origin else { return nil }
      source = origin
      transposed += origin == x ? 0 : 1
      nodes.formUnion(trace.nodes.union(part.nodes))
      weights += part.weights
      maps += part.maps
    }
    guard let source, transposed >= 2 else { return nil }
    var match = AttentionMatch(kind: .triplet, inputs: [source], output: output, nodes: nodes, weights: weights)
    match.channels = view.shape(source).flatMap { $0.count == 4 ? $0[1] : nil }
    match.maps = maps
    return match
  }
}
