import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Queries, keys or values as an operand of a product, and the way back to what they are made from.
struct TokenOperand {
  /// What the product reads.
  let value: ValueID
  /// What the layer reads that makes it; without a layer the value before what only moves, scales or normalises it.
  let source: ValueID
  /// The linear layer; nil where there is none.
  let layer: TokenLayer?
  /// From the layer, or the source, to the operand.
  let steps: [OperandStep]
  /// From an earlier arrangement of the tokens to the source: windows, shifts, slices.
  let arrangement: [OperandStep]
  /// Axes of the operand; nil where a shape is not known.
  let layout: AxisLayout?
  /// Whether it is the same in every run.
  let isConstant: Bool

  /// Steps of one way; longer ones lead out of the block.
  private static let longest = 24
  private static let longestArrangement = 96

  /// `passesJoins` looks for the arrangement behind sums too, up the stream of the tokens.
  init(_ value: ValueID, passesJoins: Bool = false, in view: some GraphView) {
    self.value = value
    isConstant = view.isFixed(value)
    var seen: Set<ValueID> = []
    if !isConstant, let (layer, steps) = Self.layered(value, Self.longest, &seen, in: view) {
      (self.layer, self.steps, source) = (layer, steps, Walk.resolved(layer.source, in: view))
    } else {
      layer = nil
      steps = Self.moved(value, in: view)
      source = steps.first?.input ?? value
    }
    var budget = Self.longestArrangement
    arrangement = layer.map { Self.arranged($0.source, passesJoins, &budget, in: view) } ?? []
    layout = Self.layout(arrangement, layer, steps, source, in: view)
  }

  /// The layer behind a value, and the way from it. The first way that has one is taken.
  private static func layered(
    _ value: ValueID, _ depth: Int, _ seen: inout Set<ValueID>, in view: some GraphView
  ) -> (TokenLayer, [OperandStep])? {
    guard depth > 0, seen.insert(value).inserted else { return nil }
    if let layer = TokenLayer(value, in: view) { return (layer, []) }
    guard let index = view.producer(of: value), let node = view.node(index) else { return nil }
    let isMixing = ["Conv", "FusedConv"].contains(node.op.name)
    for input in isMixing ? Array(node.inputs.compactMap { $0 }.prefix(1)) : OperandStep.carried(by: node, in: view) {
      guard let (layer, steps) = layered(input, depth - 1, &seen, in: view) else { continue }
      return (layer, steps + [OperandStep(index: index, node: node, input: input, output: value)])
    }
    return nil
  }

  /// The way back through what moves, scales by a constant or normalises.
  private static func moved(_ value: ValueID, in view: some GraphView) -> [OperandStep] {
    var steps: [OperandStep] = []
    var current = value
    while steps.count < longest, let index = view.producer(of: current), let node = view.node(index) {
      let carried = OperandStep.carried(by: node, in: view)
      guard carried.count == 1, node.op.name != "Concat", node.op.name != "Softmax", node.op.name != "Where" else { break }
      // A split may cut parts of several meanings from one value.
      steps.append(OperandStep(index: index, node: node, input: carried[0], output: current))
      current = carried[0]
    }
    return steps.reversed()
  }

  /// The way from where the tokens stood before they were put into windows, shifted or cut.
  private static func arranged(_ value: ValueID, _ passesJoins: Bool, _ budget: inout Int, in view: some GraphView) -> [OperandStep] {
    var steps: [OperandStep] = []
    var current = value
    while budget > 0, let index = view.producer(of: current), let node = view.node(index), node.op.domain.isEmpty {
      budget -= 1
      let inputs = OperandStep.carried(by: node, in: view)
      guard var input = inputs.first else { break }
      switch node.op.name {
      case "Concat":
        guard let whole = rolled(inputs, in: view) else { return steps.reversed() }
        input = whole
      case "Add":
        guard passesJoins else { return steps.reversed() }
        if inputs.count == 2 {
          // The stream is where tokens were arranged; the other term ends at a layer.
          let ways = inputs.map { arranged($0, true, &budget, in: view) }
          let longer = ways[0].count >= ways[1].count ? 0 : 1
          let step = OperandStep(index: index, node: node, input: inputs[longer], output: current)
          return ways[longer] + [step] + steps.reversed()
        }
      case "Mul", "Div": guard inputs.count == 1 else { return steps.reversed() }
      case "LayerNormalization", "RMSNormalization", "BatchNormalization": break
      default:
        guard Walk.movements.contains(node.op.name) || ["Cast", "Slice", "Split", "Gather", "Pad"].contains(node.op.name) else {
          return steps.reversed()
        }
      }
      steps.append(OperandStep(index: index, node: node, input: input, output: current))
      current = input
    }
    return steps.reversed()
  }

  /// The value that all of these are slices of: joined in another order it is rolled.
  private static func rolled(_ parts: [ValueID], in view: some GraphView) -> ValueID? {
    let wholes = parts.map { part in view.maker(of: part).flatMap { $0.node.op.name == "Slice" ? $0.node.operand(0) : nil } }
    guard parts.count == 2, let whole = wholes[0], wholes[1] == whole else { return nil }
    return whole
  }

  private static func layout(
    _ arrangement: [OperandStep], _ layer: TokenLayer?, _ steps: [OperandStep], _ source: ValueID, in view: some GraphView
  ) -> AxisLayout? {
    let origin = arrangement.first?.input ?? source
    guard let shape = view.shape(origin) else { return nil }
    var layout: AxisLayout? = AxisLayout(shape)
    for step in arrangement { layout = layout?.after(step, in: view) }
    // Where the way cannot be followed the source is the beginning.
    if layout == nil { layout = view.shape(layer?.source ?? source).map { AxisLayout($0) } }
    if let layer, let output = view.shape(layer.output) {
      layout = layout?.through(layer, output)
    } else {
      layout?.setChannels(shape.count - 1, shape[shape.count - 1])
    }
    for step in steps { layout = layout?.after(step, in: view) }
    return layout
  }
}

extension AxisLayout {
  /// Of what a layer makes of this value.
  fileprivate func through(_ layer: TokenLayer, _ shape: [Dimension]) -> AxisLayout? {
    guard layer.kept.count == shape.count, layer.kept.allSatisfy({ $0.map(axes.indices.contains) ?? true }) else { return nil }
    var layout = AxisLayout(shape)
    layout.replace(
      shape.indices.map { index in
        guard let source = layer.kept[index] else {
          return shape[index] == 1 ? [] : [Part(label: -1 - index, role: .channel, size: shape[index], stride: 1)]
        }
        return AxisLayout.resized(axes[source], shape[index])
      })
    return layout
  }
}

extension TokenOperand {
  /// Features that the layer reads; without a layer those of the source's last axis.
  func channels(in view: some GraphView) -> Dimension? {
    guard let shape = view.shape(layer?.source ?? source) else { return nil }
    guard let layer else { return shape.last }
    return shape.indices.contains(layer.inputAxis) ? shape[layer.inputAxis] : nil
  }

  /// Values from the layer on; none of learned queries.
  var passed: [ValueID] { isConstant ? [] : steps.map(\.output) + (layer.map { [$0.output] } ?? []) + [value] }

  /// Nodes from the layer on.
  var nodes: Set<Int> { Set(steps.map(\.index)).union(layer.map { [$0.index] } ?? []) }

  /// Whether a constant of one number is multiplied in.
  func isScaled(in view: some GraphView) -> Bool {
    steps.contains { step in
      guard ["Mul", "Div"].contains(step.node.op.name) else { return false }
      return step.node.inputs.contains { $0 != step.input && $0.flatMap { view.inferred($0)?.type.knownShape?.elementCount } == 1 }
    }
  }

  /// Whether each vector is divided by its length.
  func isNormalised(in view: some GraphView) -> Bool {
    steps.contains { step in
      if step.node.op.name == "LpNormalization" { return true }
      guard step.node.op.name == "Div", let divisor = step.node.operand(1), divisor != step.input else { return false }
      return view.reaches(divisor, limit: 12) { $0.op.name == "ReduceL2" || $0.op.name == "ReduceSumSquare" }
    }
  }

  /// Whether earlier keys or values stand before these.
  func isCached(in view: some GraphView) -> Bool {
    steps.contains { step in
      guard step.node.op.name == "Concat" else { return false }
      return step.node.inputs.contains { input in
        guard let input, input != step.input, view.constant(input) == nil else { return false }
        return view.isGiven(input)
      }
    }
  }

  /// Whether rotary positions were multiplied in.
  func isRotated(in view: some GraphView) -> Bool {
    steps.contains { step in
      step.node.op.name == "RotaryEmbedding"
        || step.node.op.name == "Add"
          && step.node.inputs.contains { other in
            guard let other, other != step.input, let (_, node) = view.maker(of: other), node.op.name == "Mul" else { return false }
            return node.inputs.contains { $0.map { view.reaches($0, limit: 12) { $0.op.name == "Neg" } } ?? false }
          }
    }
  }

  /// Whether places were pooled or strided over behind the layer.
  var isPooled: Bool { steps.contains { $0.node.isPooling } }

  /// Whether a shift stands before the windows.
  var isShifted: Bool { arrangement.contains { $0.node.op.name == "Concat" } }

  /// An activation or softmax behind the layer, for features of keys and queries without a softmax over their product.
  func feature(in view: some GraphView) -> OperandStep? {
    steps.last { ["Relu", "Elu", "Softmax", "Exp", "Softplus", "Sigmoid", "Gelu"].contains($0.node.op.name) }
  }
}

extension Node {
  /// Whether it draws numbers.
  fileprivate var isRandom: Bool { op.name.hasPrefix("Random") || ["Bernoulli", "Multinomial"].contains(op.name) }

  /// Whether it reads several places for each that it makes, and makes fewer.
  var isPooling: Bool {
    switch op.name {
    case "AveragePool", "MaxPool", "Conv", "FusedConv": (ints("strides") ?? []).contains { $0 > 1 }
    case "GlobalAveragePool", "ReduceMean": op.name == "GlobalAveragePool"
    default: false
    }
  }
}

extension GraphView {
  /// Whether a way back of at most `limit` values meets a node that is wanted.
  func reaches(_ value: ValueID, limit: Int, _ isWanted: (Node) -> Bool) -> Bool {
    var pending = [value]
    var seen: Set<ValueID> = []
    var next = 0
    while next < pending.count, seen.count < limit {
      let value = pending[next]
      next += 1
      guard seen.insert(value).inserted, let node = producer(of: value).flatMap({ node($0) }) else { continue }
      if isWanted(node) { return true }
      // Other inputs say which numbers are taken, and where they stand.
      let isTaken = OperandStep.unary.contains(node.op.name) || ["GatherElements", "GatherND"].contains(node.op.name)
      pending += node.inputs.prefix(isTaken ? 1 : node.inputs.count).compactMap { $0 }
    }
    return false
  }

  /// Whether a value is the same in every run: a constant, or made of constants alone by a few nodes.
  func isFixed(_ value: ValueID) -> Bool {
    var pending = [value]
    var seen: Set<ValueID> = []
    while let next = pending.popLast() {
      guard constant(next) == nil, seen.insert(next).inserted else { continue }
      guard seen.count <= 32, let node = producer(of: next).flatMap({ node($0) }), node.bodies.isEmpty, !node.isRandom else {
        return false
      }
      pending += node.inputs.compactMap { $0 }
    }
    return true
  }

  /// Whether a value is an input of the graph, moved at most.
  func isGiven(_ value: ValueID) -> Bool {
    var value = value
    for _ in 0..<8 {
      guard let index = producer(of: value) else { return constant(value) == nil }
      guard let node = node(index), Walk.movements.contains(node.op.name) || ["Cast", "Slice", "Gather", "Concat"].contains(node.op.name),
        let input = node.operand(0)
      else { return false }
      value = input
    }
    return false
  }
}
