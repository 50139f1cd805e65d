import OnyxTensor

extension Graph {
  /// The graph as text, one node a line in topological order (file order when there is none): for tests and debugging.
  package var text: String {
    func name(_ id: ValueID?) -> String { id.map { self[$0].name } ?? "_" }
    func typed(_ id: ValueID) -> String { self[id].name + (self[id].type.map { ": \($0)" } ?? "") }
    var lines = ["graph \(self.name)(\(inputs.map(typed).joined(separator: ", "))) -> (\(outputs.map(typed).joined(separator: ", ")))"]
    for (id, tensor) in initializers.sorted(by: { $0.key < $1.key }) { lines.append("  const \(self[id].name): \(tensor.typeDescription)") }
    for index in (try? topologicalOrder()) ?? Array(nodes.indices) {
      let node = nodes[index]
      let attributes = node.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
      let suffix = attributes.isEmpty ? "" : " {" + attributes.joined(separator: ", ") + "}"
      lines.append(
        "  \(node.outputs.map(name).joined(separator: ", ")) = \(node.op)(\(node.inputs.map(name).joined(separator: ", ")))\(suffix)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Attribute {
  /// A short form for dumps.
  package var text: String {
    switch self {
    case .float(let value): "\(value)"
    case .int(let value): "\(value)"
    case .string(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .floats(let values): "\(values)"
    case .ints(let values): "\(values)"
    case .strings(let values): "\(values.map { String(decoding: $0, as: UTF8.self) })"
    case .tensor(let tensor): tensor.typeDescription
    case .graph(let graph): "graph \(graph.name)"
    default: kind
    }
  }
}
