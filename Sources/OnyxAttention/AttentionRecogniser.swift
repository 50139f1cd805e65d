import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Finds attention blocks by their structure.
///
/// A block is found at its last node by walking back: gate activation, layers, pooling of the very value that is weighed.
/// So x · Sigmoid(x), a gated linear unit or a pooled classifier are no blocks.
package struct AttentionRecogniser: Sendable {
  let view: any GraphView

  package init(_ view: any GraphView) { self.view = view }

  /// Blocks that one AttentionBlock can be, ending at a node; the largest.
  package func gated(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), case let output?? = node.outputs.first, let a = node.operand(0), let b = node.operand(1) else {
      return nil
    }
    switch node.op {
    case OperatorName("Mul"):
      for (x, factor) in [(a, b), (b, a)] {
        if let match = sequential(x, factor, index, output) { return match }
      }
      return nil
    case OperatorName("Add"): return parallel(a, b, index, output) ?? parallel(b, a, index, output)
    default: return nil
    }
  }

  /// Every block, in the order of the nodes; one inside another is told only as part of it. Complexity: O(nodes).
  package func matches() -> [AttentionMatch] {
    let found = view.nodeIndices.compactMap(match).sorted { ($1.nodes.count, $0.output) < ($0.nodes.count, $1.output) }
    var taken: Set<Int> = []
    var result: [AttentionMatch] = []
    for match in found where taken.isDisjoint(with: match.nodes) {
      taken.formUnion(match.nodes)
      result.append(match)
    }
    return result.sorted { $0.output < $1.output }
  }

  /// The largest block that ends at a node.
  package func match(at index: Int) -> AttentionMatch? {
    for search in Self.searches {
      if let match = search(self, index) { return match }
    }
    return nil
  }
}

extension AttentionRecogniser {
  /// x · factor
  private func sequential(_ x: ValueID, _ factor: ValueID, _ index: Int, _ output: ValueID) -> AttentionMatch? {
    for axis in channelAxes(x) {
      guard let (walk, map) = start(x, axis, index) else { continue }
      var spatial = walk
      if let part = spatial.spatialPart(factor) {
        return afterChannels(part, spatial, map, output) ?? match(map, spatial, nil, part, output)
      }
      var channel = walk
      if let part = channel.channelPart(factor) { return match(map, channel, part, nil, output) }
    }
    return nil
  }

  /// A spatial part over a map that a channel part has weighed.
  private func afterChannels(_ part: SpatialPart, _ walk: Walk, _ map: FeatureMap, _ output: ValueID) -> AttentionMatch? {
    guard part.form == .conv, let (index, node) = view.maker(of: map.value), node.op == OperatorName("Mul") else { return nil }
    guard let a = node.operand(0), let b = node.operand(1) else { return nil }
    for (x, factor) in [(a, b), (b, a)] {
      guard let (begin, source) = start(x, map.channelAxis, index) else { continue }
      var inner = begin
      guard let channel = inner.channelPart(factor) else { continue }
      inner.join(walk)
      return match(source, inner, channel, part, output)
    }
    return nil
  }

  /// x · s + x · g
  private func parallel(_ a: ValueID, _ b: ValueID, _ index: Int, _ output: ValueID) -> AttentionMatch? {
    guard let (left, first) = view.maker(of: a), let (right, second) = view.maker(of: b) else { return nil }
    guard first.op == OperatorName("Mul"), second.op == OperatorName("Mul") else { return nil }
    guard let channel = gated(at: left), let spatial = gated(at: right), let channels = channel.parts, let pixels = spatial.parts else {
      return nil
    }
    guard let part = channels.channel, channels.spatial == nil, pixels.channel == nil, let point = pixels.spatial, point.form == .point
    else {
      return nil
    }
    guard channels.x == pixels.x, channels.channelAxis == pixels.channelAxis else { return nil }
    guard let (begin, map) = start(channels.x, channels.channelAxis, index) else { return nil }
    var walk = begin
    walk.cover(channel.nodes.union(spatial.nodes))
    for weight in channel.weights + spatial.weights { walk.use(weight) }
    return match(map, walk, part, point, output, join: .parallel)
  }

  /// Channels stand first or last; first when both are possible.
  private func channelAxes(_ x: ValueID) -> [Int] {
    guard let rank = view.shape(x)?.count, rank >= 3 else { return [] }
    return [1, rank - 1]
  }

  private func start(_ x: ValueID, _ axis: Int, _ index: Int) -> (Walk, FeatureMap)? {
    let plain = Walk.resolved(x, in: view)
    guard let map = FeatureMap(plain, channelAxis: axis, in: view), view.inferred(plain)?.elementType?.isFloating == true else {
      return nil
    }
    var walk = Walk(view, map)
    walk.cover(index)
    return (walk, map)
  }

  private func match(
    _ map: FeatureMap, _ walk: Walk, _ channel: ChannelPart?, _ spatial: SpatialPart?, _ output: ValueID,
    join: AttentionBlock.Join = .sequential
  ) -> AttentionMatch? {
    guard let kind = AttentionKind(channel?.gate ?? .none, channel?.pooling ?? .none, spatial?.form ?? .none, join) else { return nil }
    var match = AttentionMatch(
      kind: kind,
      inputs: [map.value], output: output, nodes: walk.nodes, channels: map.channels,
      hidden: channel?.hidden, kernel: spatial.flatMap { $0.form == .conv ? $0.kernel : nil } ?? channel?.kernel ?? [],
      weights: walk.weights)
    if let channel { match.gates = [channel.value] }
    if let spatial { match.maps = [spatial.value] }
    match.parts = GatedParts(x: map.value, channelAxis: map.channelAxis, channel: channel, spatial: spatial, join: join)
    return match
  }
}
