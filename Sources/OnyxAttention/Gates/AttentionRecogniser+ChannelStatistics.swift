import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Gates of channels from other numbers of each than its mean or maximum: its length, its style, its share of a wave.
extension AttentionRecogniser {
  /// GCT: x · (1 + tanh(γ · normalised ‖x‖ + β)).
  func gatedChannels(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), isVector(factor, map) else { continue }
      var trace = Trace(view, through: ["ReduceSum", "ReduceL2"])
      for (curve, one) in trace.operands(factor, "Add") where trace.isNumber(one, 1) {
        guard let scores = trace.node(curve, ["Tanh"])?.operand(0) else { continue }
        guard trace.ends(from: scores, isEnd: { length($0, of: map) }) else { continue }
        // Normalised over the channels.
        guard trace.reductions.contains(where: { isOverChannels($0, map) }) else { continue }
        return gating(.gct, map, trace, at: index, gates: [Walk.resolved(factor, in: view)])
      }
    }
    return nil
  }

  /// The nodes of a norm of each channel, or of its square: the sum of squares or of magnitudes over the places.
  private func length(_ value: ValueID, of map: FeatureMap) -> Set<Int>? {
    var trace = Trace(view)
    guard let node = trace.node(value, ["ReduceSum", "ReduceMean", "ReduceL1", "ReduceL2", "ReduceSumSquare"]), let x = node.operand(0)
    else {
      return nil
    }
    guard let axes = axes(of: node, rank: map.shape.count), axes == map.spatialAxes else { return nil }
    let isPlain = node.op.name == "ReduceSum" || node.op.name == "ReduceMean"
    return (isPlain ? trace.squared(x) : Walk.resolved(x, in: view)) == map.value ? trace.nodes : nil
  }

  /// SRM: gates from the mean and the deviation of each channel, by numbers of that channel alone.
  func style(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), isVector(factor, map) else { continue }
      var trace = Trace(view, through: ["ReduceSum"])
      let moved = trace.beforeMovement(factor)
      guard let scores = trace.beforeGate(moved), trace.ends(from: scores, isEnd: { moments($0, of: map) }) else { continue }
      guard trace.covered(["Gemm", "MatMul"]).isEmpty, trace.convolutions.allSatisfy({ isForEach(map.channels, $0.node, $0.weights) })
      else {
        continue
      }
      return gating(.srm, map, trace, at: index, gates: [moved])
    }
    return nil
  }

  /// The nodes of [mean, deviation] of each channel.
  private func moments(_ value: ValueID, of map: FeatureMap) -> Set<Int>? {
    var trace = Trace(view)
    guard let node = trace.node(value, ["Concat"]), node.inputs.count == 2 else { return nil }
    for case (let mean?, let deviation?) in [(node.operand(0), node.operand(1)), (node.operand(1), node.operand(0))] {
      var attempt = trace
      guard attempt.pooling(attempt.beforeMovement(mean), of: map) == .mean else { continue }
      let root = attempt.beforeConstants(deviation)
      guard let variance = attempt.node(root, ["Sqrt"])?.operand(0) else { continue }
      guard let mean = attempt.node(attempt.beforeConstants(variance), ["ReduceMean", "ReduceSum"])?.operand(0) else { continue }
      guard let difference = attempt.squared(mean) else { continue }
      if attempt.isDeviation(difference, of: map) { return attempt.nodes }
    }
    return nil
  }

  /// FCA: x · σ(layers(Σ x · waves)), the waves fixed.
  func frequencies(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), isVector(factor, map) else { continue }
      var trace = Trace(view)
      let moved = trace.beforeMovement(factor)
      guard let scores = trace.beforeGate(moved), trace.ends(from: scores, isEnd: { waves($0, of: map) }) else { continue }
      guard var match = gating(.fca, map, trace, at: index, gates: [moved]) else { continue }
      match.hidden = hiddenUnits(match)
      return match
    }
    return nil
  }

  /// The nodes of a sum over the places, each multiplied by a constant.
  private func waves(_ value: ValueID, of map: FeatureMap) -> Set<Int>? {
    var trace = Trace(view)
    guard let node = trace.node(value, ["ReduceSum", "ReduceMean"]), axes(of: node, rank: map.shape.count) == map.spatialAxes else {
      return nil
    }
    for (x, table) in trace.operands(node.operand(0), "Mul") where Walk.resolved(x, in: view) == map.value {
      let table = Walk.resolved(table, in: view)
      guard view.constant(table) != nil, let extents = view.shape(table), extents.suffix(2) == map.shape.suffix(2) else { continue }
      return trace.nodes
    }
    return nil
  }

  /// Whether a convolution makes every channel of that channel alone.
  func isForEach(_ channels: Dimension, _ node: Node, _ weights: ValueID) -> Bool {
    guard let extents = view.shape(weights), extents.count >= 3, extents[1] == 1 else { return false }
    return extents[0] == channels && Dimension(node.int("group", default: 1)) == channels
  }

  /// Whether a factor has one number for each channel.
  func isVector(_ factor: ValueID, _ map: FeatureMap) -> Bool {
    map.vectorAxis(view.shape(factor), map.channels) == map.channelAxis
  }

  /// The axes of a reduction of a value of this rank.
  func axes(of node: Node, rank: Int) -> Set<Int>? {
    guard let axes = view.ints(node, 1), !axes.isEmpty else { return nil }
    return Set(axes.map { $0 < 0 ? $0 + rank : $0 })
  }

  private func isOverChannels(_ node: Node, _ map: FeatureMap) -> Bool {
    guard let rank = node.operand(0).flatMap({ view.shape($0)?.count }) else { return false }
    return axes(of: node, rank: rank) == [map.channelAxis]
  }
}

extension Trace {
  /// What was covered of these operators.
  func covered(_ operators: Set<String>) -> [Node] {
    nodes.sorted().compactMap { view.node($0) }.filter { operators.contains($0.op.name) }
  }

  var reductions: [Node] { covered(["ReduceMean", "ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare"]) }

  var convolutions: [(node: Node, weights: ValueID)] {
    covered(["Conv"]).compactMap { node in node.operand(1).map { (node, Walk.resolved($0, in: view)) } }
  }
}
