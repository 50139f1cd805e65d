import OnyxGraph
import OnyxTensor

extension Attribute {
  /// Whether both hold the same value, bit for bit. Kinds that are costly to compare (large tensors, bodies, types)
  /// count as different.
  package func isIdentical(to other: Attribute) -> Bool {
    switch (self, other) {
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.int(let a), .int(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.floats(let a), .floats(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
    case (.ints(let a), .ints(let b)): a == b
    case (.strings(let a), .strings(let b)): a == b
    case (.tensor(let a), .tensor(let b)): ConstantKey(a).map { $0 == ConstantKey(b) } ?? false
    default: false
    }
  }
}

extension Node {
  /// What decides the results, for finding equal nodes: operator, inputs and attributes as text; of bodies only how many nodes they
  /// hold, by which nested ones differ.
  var fingerprint: String {
    let inputs = inputs.map { $0.map { "\($0.index)" } ?? "_" }.joined(separator: ",")
    let attributes = attributes.sorted { $0.key < $1.key }.map { key, value in
      "\(key)=\(value.text)" + value.graphs.map { "[\($0.totalNodeCount)]" }.joined()
    }.joined(separator: ",")
    return "\(op)(\(inputs)){\(attributes)}"
  }
}

extension Graph {
  /// Nodes, those of bodies inside included. Recursion is bounded by `Graph.deepestBody`.
  fileprivate var totalNodeCount: Int { nodes.reduce(nodes.count) { $0 + $1.bodies.reduce(0) { $0 + $1.totalNodeCount } } }
}
