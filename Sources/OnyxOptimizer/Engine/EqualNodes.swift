import OnyxGraph

/// Nodes by what they have in common: operator, first inputs and plain attributes. Equal nodes stand together; few others do.
///
/// A node that has changed since it was inserted stands at its old place, too: who asks compares nodes.
struct EqualNodes: Sendable {
  private var indices: [Int: [Int]] = [:]

  /// Inputs that count. Nodes with more may stand together though they differ behind.
  private static let inputs = 4

  /// Inserts a node that was added or whose inputs have changed. Those of the start come in topological order.
  mutating func insert(_ index: Int, _ node: Node) {
    guard node.inputs.contains(where: { $0 != nil }), node.bodies.isEmpty else { return }
    indices[Self.hash(node), default: []].append(index)
  }

  /// The places of nodes that may be equal to this one, itself included.
  func candidates(for node: Node) -> [Int] { indices[Self.hash(node)] ?? [] }

  private static func hash(_ node: Node) -> Int {
    var hasher = Hasher()
    hasher.combine(node.op)
    hasher.combine(node.inputs.count)
    for input in node.inputs.prefix(inputs) { hasher.combine(input) }
    // In no order: a dictionary has none.
    var attributes = 0
    for (name, attribute) in node.attributes {
      var own = Hasher()
      own.combine(name)
      switch attribute {
      case .int(let value): own.combine(value)
      case .float(let value): own.combine(value.bitPattern)
      case .ints(let values): own.combine(values)
      case .floats(let values): for value in values { own.combine(value.bitPattern) }
      case .string(let bytes): own.combine(bytes)
      default: break
      }
      attributes ^= own.finalize()
    }
    hasher.combine(attributes)
    return hasher.finalize()
  }
}
