import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A walk from a value back to what it is made from, remembering the nodes it went through. A value: an attempt that fails
/// drops its copy.
struct Walk {
  let view: any GraphView
  let map: FeatureMap
  private(set) var nodes: Set<Int> = []
  private(set) var weights: [ValueID] = []

  init(_ view: any GraphView, _ map: FeatureMap) {
    self.view = view
    self.map = map
  }

  mutating func cover(_ index: Int) { nodes.insert(index) }
  mutating func cover(_ indices: Set<Int>) { nodes.formUnion(indices) }
  mutating func use(_ value: ValueID?) { if let value, !weights.contains(value) { weights.append(value) } }

  mutating func join(_ other: Walk) {
    nodes.formUnion(other.nodes)
    for weight in other.weights { use(weight) }
  }

  /// Steps in a row; longer chains are no attention block.
  static let longest = 24

  /// Operators that leave every element where it is in row-major order, or could.
  static let movements: Set<String> = ["Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand"]

  /// The value before what only changes the shape of a vector of `length` for each image.
  mutating func beforeMovement(_ value: ValueID, length: Dimension) -> ValueID {
    let map = map
    return skip(value) { map.vectorAxis($0, length) != nil }
  }

  /// The value before what only changes the shape of a map over pixels.
  mutating func beforeMovement(ofPixels value: ValueID) -> ValueID {
    let map = map
    return skip(value) { map.isPixelMap($0) }
  }

  private mutating func skip(_ value: ValueID, while isForm: ([Dimension]?) -> Bool) -> ValueID {
    var value = value
    for _ in 0..<Self.longest {
      if isForm(view.shape(value)), let (source, passed) = view.beforeCountedGather(value) {
        cover(passed)
        value = source
      }
      guard isForm(view.shape(value)), let (index, node) = view.maker(of: value), node.op.domain.isEmpty else { break }
      guard Self.movements.contains(node.op.name), let input = node.operand(0), isForm(view.shape(input)) else { break }
      if node.op.name == "Transpose", !keepsOrder(node, view.shape(input)) { break }
      cover(index)
      value = input
    }
    return value
  }

  /// Whether a Transpose moves only axes of one element past others.
  private func keepsOrder(_ node: Node, _ shape: [Dimension]?) -> Bool {
    guard let shape else { return false }
    let permutation = node.ints("perm") ?? shape.indices.reversed()
    let moved = permutation.filter { shape.indices.contains($0) && shape[$0] != 1 }
    return moved == moved.sorted()
  }

  /// The value before Identity, Dropout: the same elements in the same shape.
  func resolved(_ value: ValueID) -> ValueID { Self.resolved(value, in: view) }

  static func resolved(_ value: ValueID, in view: any GraphView) -> ValueID {
    var value = value
    for _ in 0..<longest {
      guard let (_, node) = view.maker(of: value), node.op.domain.isEmpty, ["Identity", "Dropout"].contains(node.op.name) else { break }
      guard let input = node.operand(0) else { break }
      value = input
    }
    return value
  }
}
