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
  /// What decides the results, for finding equal nodes: operator, inputs and attributes as text.
  var fingerprint: String {
    let inputs = inputs.map { $0.map { "\($0.index)" } ?? "_" }.joined(separator: ",")
    let attributes = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",")
    return "\(op)(\(inputs)){\(attributes)}"
  }
}
