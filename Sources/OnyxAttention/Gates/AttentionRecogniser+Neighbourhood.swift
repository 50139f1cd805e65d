import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Numbers for each channel and pixel from what lies around it: gather-excite and large kernel attention.
extension AttentionRecogniser {
  /// GE: x · σ(resize(layers(gathered))), gathered by means of neighbourhoods or by strided convolutions of each channel.
  func gatherExcite(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x) else { continue }
      var trace = Trace(view)
      let gate = trace.beforeResize(factor)
      guard let scores = trace.beforeGate(gate) else { continue }
      let excited = trace.beforeResize(scores)
      guard view.shape(factor) == map.shape || isVector(factor, map), isCoarser(excited, map) else { continue }
      guard trace.ends(from: excited, isEnd: { gathered($0, from: map) }) else { continue }
      // Between what is gathered and the gates stand layers over the channels only.
      let layers = trace.convolutions.filter { !isForEach(map.channels, $0.node, $0.weights) }
      guard layers.allSatisfy({ view.shape($0.weights)?.dropFirst(2).allSatisfy { $0 == 1 } == true }) else { continue }
      guard var match = gating(.ge, map, trace, at: index, maps: [Walk.resolved(factor, in: view)]) else { continue }
      match.hidden = hiddenUnits(match)
      return match
    }
    return nil
  }

  private func isCoarser(_ value: ValueID, _ map: FeatureMap) -> Bool {
    guard let shape = view.shape(value), shape.count == 4, shape[1] == map.channels else { return false }
    return map.spatialAxes.allSatisfy { axis in
      guard let side = shape[axis].known, let whole = map.shape[axis].known else { return shape[axis] != map.shape[axis] }
      return side < whole
    }
  }

  /// The nodes of means over neighbourhoods, or of a row of convolutions of each channel of which one has a stride or spans the map.
  private func gathered(_ value: ValueID, from map: FeatureMap) -> Set<Int>? {
    var trace = Trace(view)
    if let pool = trace.node(value, ["AveragePool"]) {
      guard pool.operand(0).map({ Walk.resolved($0, in: view) }) == map.value else { return nil }
      // One window over all is a plain squeeze.
      return isCoarser(value, map) && view.shape(value)?.suffix(2).allSatisfy({ $0 == 1 }) == false ? trace.nodes : nil
    }
    var value = value
    var isReduced = false
    for _ in 0..<Walk.longest {
      guard let (node, input, _) = trace.convolution(value) else { return nil }
      guard let weights = node.operand(1), isForEach(map.channels, node, Walk.resolved(weights, in: view)) else { return nil }
      let isWhole = view.shape(value)?.suffix(2).allSatisfy { $0 == 1 } == true
      isReduced = isReduced || isWhole || (node.ints("strides") ?? []).contains { $0 > 1 }
      if input == map.value { return isReduced ? trace.nodes : nil }
      value = trace.beforeActivation(input)
    }
    return nil
  }

  /// LKA: x · (1×1 of convolutions of each channel of x, which together reach far), without an activation.
  func largeKernel(at index: Int) -> AttentionMatch? {
    for (x, factor) in weighings(at: index) {
      guard let map = picture(x), view.shape(factor) == map.shape else { continue }
      var trace = Trace(view)
      guard let (mixed, outputs) = trace.point(factor), outputs == map.channels else { continue }
      var kernel: [Int] = []
      var depth = 0
      guard ends(trace.convolutionsOfEach(mixed, map.channels, &kernel, &depth), at: map.value, &trace), depth >= 2 else { continue }
      guard (kernel.max() ?? 0) >= Self.large else { continue }
      guard var match = gating(.lka, map, trace, at: index, maps: [Walk.resolved(factor, in: view)]) else { continue }
      match.kernel = kernel
      return match
    }
    return nil
  }

  /// The side from which a kernel, spread by its dilation, counts as large.
  private static let large = 7

  private func ends(_ way: (Trace, Set<ValueID>)?, at x: ValueID, _ trace: inout Trace) -> Bool {
    guard let (found, sources) = way, sources == [x] else { return false }
    trace = found
    return true
  }
}

extension Trace {
  /// The value before a Resize; the same value where none is.
  mutating func beforeResize(_ value: ValueID) -> ValueID {
    let value = Walk.resolved(value, in: view)
    guard let node = node(value, ["Resize", "Upsample"]), let input = node.operand(0) else { return value }
    return Walk.resolved(input, in: view)
  }

  /// The values before a tree of convolutions of each channel and their sums, with what was covered. `kernel` becomes the sides of the
  /// farthest reaching one, its dilation counted, and `depth` how many stand in a row.
  func convolutionsOfEach(_ value: ValueID, _ channels: Dimension, _ kernel: inout [Int], _ depth: inout Int) -> (Trace, Set<ValueID>)? {
    var trace = self
    var pending = [(Walk.resolved(value, in: view), 0)]
    var sources: Set<ValueID> = []
    for _ in 0..<Walk.longest {
      guard let (value, row) = pending.popLast() else { return (trace, sources) }
      if let (node, input, extents) = trace.convolution(value), extents[1] == 1, Dimension(node.int("group", default: 1)) == channels {
        let sides = extents.suffix(2).compactMap(\.known)
        guard (node.ints("strides") ?? []).allSatisfy({ $0 == 1 }), sides.count == 2 else { return nil }
        let dilations = node.ints("dilations") ?? [1, 1]
        let reach = zip(sides, dilations).map { ($0 - 1) * $1 + 1 }
        if (reach.max() ?? 0) > (kernel.max() ?? 0) { kernel = reach }
        pending.append((input, row + 1))
      } else if row > 0, let (a, b) = trace.operands(value, "Add").first, view.constant(a) == nil, view.constant(b) == nil {
        pending += [(Walk.resolved(a, in: view), row), (Walk.resolved(b, in: view), row)]
      } else {
        sources.insert(value)
        depth = max(depth, row)
      }
    }
    return nil
  }
}
