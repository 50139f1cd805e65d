import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Walk {
  /// A linear layer, read backwards: its weights, the number of its inputs, and the value that it reads.
  struct Layer {
    var weights: LayerWeights
    let inputs: Dimension
    let source: ValueID
  }

  /// The linear layer that gives a vector of `outputs` for each image at the cursor: MatMul, Gemm or a 1×1 convolution,
  /// fused or not, with the bias inside or as an Add after it.
  mutating func linearLayer(at cursor: Cursor, outputs: Dimension) -> Layer? {
    var cursor = cursor
    var attempt = self
    var bias: ValueID?
    if let (vector, rest) = attempt.addedVector(at: cursor, length: outputs) {
      bias = vector
      cursor = Cursor(attempt.beforeMovement(rest, length: outputs))
    }
    guard let (index, node) = view.maker(of: cursor.value), attempt.isBare(node, cursor) else { return nil }
    guard var layer = attempt.product(node, cursor.value, outputs) else { return nil }
    if let bias {
      guard layer.weights.bias == nil else { return nil }
      layer.weights = LayerWeights(value: layer.weights.value, isTransposed: layer.weights.isTransposed, bias: bias)
    }
    attempt.cover(index)
    attempt.use(layer.weights.value)
    attempt.use(layer.weights.bias)
    self = attempt
    return layer
  }

  /// Whether the cursor stands before everything that is fused behind the product.
  private func isBare(_ node: Node, _ cursor: Cursor) -> Bool {
    guard isFused(node) else { return cursor.stage == .whole }
    switch cursor.stage {
    case .whole: return FusedActivation(fusedInto: node) == FusedActivation.none && node.operand(3) == nil
    case .beforeActivation: return node.operand(3) == nil
    case .beforeAddend: return true
    }
  }

  /// Add(x, c) with a constant c of one number for each element of the vectors of `length`.
  private mutating func addedVector(at cursor: Cursor, length: Dimension) -> (constant: ValueID, rest: ValueID)? {
    guard cursor.stage == .whole, let (index, node) = view.maker(of: cursor.value), node.op == OperatorName("Add") else { return nil }
    guard let a = node.operand(0), let b = node.operand(1), let shape = view.shape(cursor.value) else { return nil }
    guard let axis = map.vectorAxis(shape, length) else { return nil }
    for (x, c) in [(a, b), (b, a)] {
      let constant = resolved(c)
      guard view.constant(constant) != nil, let extents = view.shape(constant), extents.count <= shape.count else { continue }
      // One element for each image stands on any axis.
      let position = axis - (shape.count - extents.count)
      guard length == 1 || extents.indices.contains(position) else { continue }
      guard extents.indices.allSatisfy({ extents[$0] == ($0 == position ? length : 1) }) else { continue }
      cover(index)
      return (constant, x)
    }
    return nil
  }

  private mutating func product(_ node: Node, _ output: ValueID, _ outputs: Dimension) -> Layer? {
    guard let x = node.operand(0), let w = node.operand(1), let (weights, isSwapped) = constantWeights(w), let extents = view.shape(weights)
    else {
      return nil
    }
    let bias = node.operand(2).map(resolved)
    if let bias, view.constant(bias) == nil { return nil }
    let length: Dimension
    let isTransposed: Bool
    switch node.op.name {
    case "MatMul":
      guard extents.count == 2, node.op.domain.isEmpty else { return nil }
      isTransposed = !isSwapped
    case "Gemm", "FusedGemm":
      guard extents.count == 2, node.float("alpha", default: 1) == 1, node.int("transA", default: 0) == 0 else { return nil }
      guard bias == nil || node.float("beta", default: 1) == 1 && isVector(bias, of: outputs) else { return nil }
      isTransposed = (node.int("transB", default: 0) == 0) != isSwapped
    case "Conv", "FusedConv":
      guard !isSwapped, extents.count >= 3, extents.dropFirst(2).allSatisfy({ $0 == 1 }), node.int("group", default: 1) == 1 else {
        return nil
      }
      guard (node.ints("pads") ?? []).allSatisfy({ $0 == 0 }), let shape = view.shape(x) else { return nil }
      guard map.vectorAxis(shape, extents[1]) == 1, map.vectorAxis(view.shape(output), outputs) == 1 else { return nil }
      isTransposed = false
    default: return nil
    }
    length = isTransposed ? extents[0] : extents[1]
    guard (isTransposed ? extents[1] : extents[0]) == outputs, let shape = view.shape(x), let axis = map.vectorAxis(shape, length) else {
      return nil
    }
    guard node.op.name.hasSuffix("Conv") || axis == shape.count - 1 || length == 1 && shape.last == 1 else { return nil }
    return Layer(weights: LayerWeights(value: weights, isTransposed: isTransposed, bias: bias), inputs: length, source: x)
  }

  private func isVector(_ value: ValueID?, of length: Dimension) -> Bool {
    guard let value, let shape = view.shape(value) else { return false }
    return shape == [length] || shape == [1, length]
  }

  /// The constant behind Identity and a Transpose of a matrix, and whether its axes are swapped.
  private func constantWeights(_ value: ValueID) -> (ValueID, isSwapped: Bool)? {
    let value = resolved(value)
    if view.constant(value) != nil { return (value, false) }
    guard let (_, node) = view.maker(of: value), node.op == OperatorName("Transpose"), let input = node.operand(0) else { return nil }
    guard (node.ints("perm") ?? [1, 0]) == [1, 0], view.constant(resolved(input)) != nil else { return nil }
    return (resolved(input), true)
  }

  /// A convolution along the channels at the cursor, one filter over a vector that keeps its length: Conv1d, or Conv2d with
  /// a flat kernel.
  mutating func channelConvolution(at cursor: Cursor) -> (Layer, taps: Int)? {
    guard let (index, node) = view.maker(of: cursor.value), ["Conv", "FusedConv"].contains(node.op.name), isBare(node, cursor) else {
      return nil
    }
    guard let x = node.operand(0), let shape = view.shape(x), let axis = map.vectorAxis(shape, map.channels), axis >= 2 else { return nil }
    guard map.vectorAxis(view.shape(cursor.value), map.channels) == axis else { return nil }
    guard let w = node.operand(1).map(resolved), view.constant(w) != nil, let extents = view.shape(w), extents.count == shape.count else {
      return nil
    }
    guard extents.indices.allSatisfy({ $0 == axis || extents[$0] == 1 }), let taps = extents[axis].known, taps % 2 == 1 else { return nil }
    guard isSame(node, taps: (2..<shape.count).map { $0 == axis ? taps : 1 }), node.int("group", default: 1) == 1 else { return nil }
    let bias = node.operand(2).map(resolved)
    if let bias, view.constant(bias) == nil { return nil }
    cover(index)
    use(w)
    use(bias)
    return (Layer(weights: LayerWeights(value: w, isTransposed: false, bias: bias), inputs: map.channels, source: x), taps)
  }

  /// Whether a convolution with these odd taps keeps the sides: stride 1, no dilation, half the taps as padding.
  func isSame(_ node: Node, taps: [Int]) -> Bool {
    guard (node.ints("strides") ?? []).allSatisfy({ $0 == 1 }) else { return false }
    guard taps.allSatisfy({ $0 == 1 }) || (node.ints("dilations") ?? []).allSatisfy({ $0 == 1 }) else { return false }
    switch node.text("auto_pad", default: "NOTSET") {
    case "SAME_UPPER", "SAME_LOWER": return true
    case "VALID": return taps.allSatisfy { $0 == 1 }
    default:
      let half = taps.map { $0 / 2 }
      return (node.ints("pads") ?? Array(repeating: 0, count: taps.count * 2)) == half + half
    }
  }
}
