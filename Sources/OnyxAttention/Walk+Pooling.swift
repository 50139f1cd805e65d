import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Walk {
  enum Pool { case mean, max }

  /// How `value` is pooled from the map over all its pixels; nil when it is not.
  mutating func pooling(_ value: ValueID) -> Pool? {
    pooling(value, over: map.spatialAxes)
  }

  /// How `value` is the mean or the maximum of the map over its axes `wanted`; several reductions in a row count as one.
  mutating func pooling(_ value: ValueID, over wanted: Set<Int>) -> Pool? {
    var attempt = self
    var value = value
    var kind: Pool?
    // The axes of the map that `value` still has and that the walk has seen reduced, innermost last.
    var reductions: [(axes: [Int]?, keeps: Bool)] = []
    for _ in 0..<4 {
      guard let (index, node) = view.maker(of: value), node.op.domain.isEmpty, let input = node.operand(0) else { return nil }
      guard let step = attempt.reduction(node), kind ?? step.kind == step.kind else { return nil }
      kind = step.kind
      attempt.cover(index)
      reductions.append((step.axes, step.keeps))
      let source = resolved(input)
      if let axes = attempt.axes(reductions, of: source) {
        guard axes == wanted else { return nil }
        self = attempt
        return kind
      }
      value = source
    }
    return nil
  }

  /// The kind of a reducing node and its axes; nil axes are all spatial ones of a map with channels at 1.
  private func reduction(_ node: Node) -> (kind: Pool, axes: [Int]?, keeps: Bool)? {
    switch node.op.name {
    case "GlobalAveragePool": return (.mean, nil, true)
    case "GlobalMaxPool": return (.max, nil, true)
    case "AveragePool", "MaxPool":
      guard let input = node.operand(0), let shape = view.shape(input), let axes = wholeAxes(node, shape) else { return nil }
      return (node.op.name == "MaxPool" ? .max : .mean, axes, true)
    case "ReduceMean", "ReduceMax":
      guard let input = node.operand(0), let rank = view.shape(input)?.count, let axes = view.ints(node, 1), !axes.isEmpty else {
        return nil
      }
      let normal = axes.map { $0 < 0 ? $0 + rank : $0 }
      return (node.op.name == "ReduceMax" ? .max : .mean, normal, node.int("keepdims", default: 1) != 0)
    default: return nil
    }
  }

  /// The axes that a pool's window spans; nil unless it spans each one or leaves it as it is.
  private func wholeAxes(_ node: Node, _ shape: [Dimension]) -> [Int]? {
    guard shape.count >= 3, let kernel = node.ints("kernel_shape"), kernel.count == shape.count - 2 else { return nil }
    guard (node.ints("dilations") ?? []).allSatisfy({ $0 == 1 }), (node.ints("pads") ?? []).allSatisfy({ $0 == 0 }) else { return nil }
    guard ["NOTSET", "VALID"].contains(node.text("auto_pad", default: "NOTSET")) else { return nil }
    let strides = node.ints("strides") ?? Array(repeating: 1, count: kernel.count)
    guard strides.count == kernel.count else { return nil }
    var axes: [Int] = []
    for (side, taps) in kernel.enumerated() {
      if shape[side + 2] == Dimension(taps) { axes.append(side + 2) } else if taps != 1 || strides[side] != 1 { return nil }
    }
    return axes
  }

  /// The axes of the map that the reductions take away together, when they begin at the map: at itself, at a transposed
  /// form of it, or with its sides flattened into one.
  private mutating func axes(_ reductions: [(axes: [Int]?, keeps: Bool)], of source: ValueID) -> Set<Int>? {
    guard let rank = view.shape(source)?.count, var positions = positions(of: source) else { return nil }
    var reduced: Set<Int> = []
    for (axes, keeps) in reductions.reversed() {
      let axes = Set(axes ?? Array(2..<max(positions.count, 2)))
      guard axes.allSatisfy(positions.indices.contains), rank >= 3 else { return nil }
      for axis in axes { reduced.formUnion(positions[axis]) }
      positions = positions.indices.compactMap { !axes.contains($0) ? positions[$0] : keeps ? [] : nil }
    }
    return reduced
  }

  /// For each axis of `source` the axes of the map that it holds; nil when `source` is not the map in another order.
  private mutating func positions(of source: ValueID) -> [Set<Int>]? {
    if source == map.value { return map.shape.indices.map { [$0] } }
    guard let (index, node) = view.maker(of: source), node.op.domain.isEmpty, let input = node.operand(0), resolved(input) == map.value
    else {
      return nil
    }
    let found: [Set<Int>]?
    switch node.op.name {
    case "Transpose":
      let permutation = node.ints("perm") ?? map.shape.indices.reversed()
      found = permutation.allSatisfy(map.shape.indices.contains) ? permutation.map { [$0] } : nil
    case "Reshape", "Flatten": found = flattened(view.shape(source))
    default: found = nil
    }
    if found != nil { cover(index) }
    return found
  }

  /// [N, C, H, W] as [N, C, H·W], or [N, H, W, C] as [N, H·W, C].
  private func flattened(_ shape: [Dimension]?) -> [Set<Int>]? {
    guard let shape, shape.count == 3, shape[0] == map.batch, let pixels = try? map.sides.product() else { return nil }
    if map.channelAxis == 1 { return shape[1] == map.channels && shape[2] == pixels ? [[0], [1], map.spatialAxes] : nil }
    return shape[1] == pixels && shape[2] == map.channels ? [[0], map.spatialAxes, [map.channelAxis]] : nil
  }
}
