import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A search back from a value through layers, activations and movement, for blocks whose parts come in no fixed order.
struct Trace {
  let view: any GraphView
  private(set) var nodes: Set<Int> = []
  private(set) var weights: [ValueID] = []
  /// Further operators that one kind's blocks have between their parts; they too read data from their first input only.
  private let further: Set<String>

  init(_ view: any GraphView, through further: Set<String> = []) {
    self.view = view
    self.further = further
  }

  /// Nodes that one search may go through: blocks are small.
  static let limit = 64

  /// Operators that read data from their first input only; the others give shapes, indices or bounds.
  private static let unary = Walk.movements.union(FusedActivation.operators).union([
    "Cast", "Split", "Slice", "Gather", "Softmax", "BatchNormalization", "LayerNormalization", "InstanceNormalization",
    "GroupNormalization", "Sqrt", "Reciprocal", "Pow", "ReduceMean", "Mish", "Softplus",
  ])
  /// Operators that join values.
  private static let joining: Set<String> = ["Add", "Sub", "Mul", "Div", "Concat"]
  /// Layers: weights must be constants.
  private static let layers: Set<String> = ["Conv", "Gemm", "MatMul", "FusedConv", "FusedGemm"]

  /// Whether every way back from `value` ends where `isEnd` says so. What the ways go through is remembered; a constant ends
  /// a way without counting. `isEnd` gives the nodes behind the end that belong to the block.
  mutating func ends(from value: ValueID, isEnd: (ValueID) -> Set<Int>?) -> Bool {
    var attempt = self
    var pending = [value]
    var seen: Set<ValueID> = []
    var hasEnd = false
    while let next = pending.popLast() {
      guard seen.insert(next).inserted else { continue }
      if let behind = isEnd(next) {
        attempt.nodes.formUnion(behind)
        hasEnd = true
        continue
      }
      if view.constant(next) != nil {
        attempt.use(next)
        continue
      }
      guard let index = view.producer(of: next), let node = view.node(index), attempt.nodes.count < Self.limit else { return false }
      guard let sources = attempt.sources(of: node) else { return false }
      attempt.nodes.insert(index)
      pending += sources
    }
    if hasEnd { self = attempt }
    return hasEnd
  }

  mutating func cover(_ indices: Set<Int>) { nodes.formUnion(indices) }
  mutating func use(_ value: ValueID) {
    guard let tensor = view.constant(value), tensor.elementType.isFloating, tensor.elementCount > 1, !weights.contains(value) else {
      return
    }
    weights.append(value)
  }

  /// The values that a node reads its data from; nil for an operator that is no part of an attention block.
  private mutating func sources(of node: Node) -> [ValueID]? {
    let inputs = node.inputs.compactMap { $0 }
    if Self.layers.contains(node.op.name) {
      guard let x = inputs.first, inputs.count > 1 else { return nil }
      guard node.inputs.dropFirst().prefix(2).allSatisfy({ $0.map { view.constant(Walk.resolved($0, in: view)) != nil } ?? true }) else {
        return nil
      }
      for weight in node.inputs.dropFirst().prefix(2) { if let weight { use(Walk.resolved(weight, in: view)) } }
      return [x] + (node.operand(3).map { [$0] } ?? [])
    }
    guard node.op.domain.isEmpty else { return nil }
    if Self.joining.contains(node.op.name) { return inputs }
    guard Self.unary.contains(node.op.name) || further.contains(node.op.name), let x = inputs.first else { return nil }
    for parameter in inputs.dropFirst() { use(parameter) }
    return [x]
  }

  /// The value before movement of any kind: Reshape, Transpose, Slice, Split and the like.
  mutating func beforeMovement(_ value: ValueID, through more: Set<String> = []) -> ValueID {
    var value = value
    for _ in 0..<Walk.longest {
      if let (source, passed) = view.beforeCountedGather(value) {
        nodes.formUnion(passed)
        value = source
      }
      guard let index = view.producer(of: value), let node = view.node(index), node.op.domain.isEmpty, let input = node.operand(0) else {
        break
      }
      guard Walk.movements.contains(node.op.name) || more.contains(node.op.name) else { break }
      nodes.insert(index)
      value = input
    }
    return value
  }
}
