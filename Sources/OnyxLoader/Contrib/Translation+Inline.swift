import OnyxGraph
import OnyxTensor

extension Translation {
  /// Emits the nodes of a body of the current node, whose formal inputs are the given values, and gives its outputs.
  ///
  /// Throws `invalidModel` when the body takes another number of inputs. Complexity: O(nodes of the body).
  mutating func inline(_ body: Graph, _ inputs: [ValueID], _ role: String) throws(OnyxError) -> [ValueID] {
    guard inputs.count == body.inputs.count else {
      throw .invalid("The body '\(body.name)' takes \(body.inputs.count) inputs; \(node.op) gives it \(inputs.count).")
    }
    var outer: [ValueID: ValueID] = [:]
    for (formal, given) in zip(body.inputs, inputs) { outer[formal] = given }
    for capture in body.captures { outer[capture.inner] = capture.outer }
    for (id, tensor) in body.initializers.sorted(by: { $0.key < $1.key }) where outer[id] == nil {
      outer[id] = constant(tensor, "\(role)/\(body[id].name)")
    }
    for index in try body.topologicalOrder() {
      let inner = body.nodes[index]
      for case let output? in inner.outputs { outer[output] = intermediate("\(role)/\(body[output].name)") }
      try emit(
        inner.op, inner.inputs.map { $0.flatMap { outer[$0] } }, making: inner.outputs.map { $0.flatMap { outer[$0] } },
        "\(role)/\(inner.name.isEmpty ? "\(inner.op.name)_\(index)" : inner.name)",
        inner.attributes.mapValues { $0.capturing { outer[$0] ?? $0 } })
    }
    var results: [ValueID] = []
    for output in body.outputs {
      guard let id = outer[output] else { throw .invalid("The body's output '\(body[output].name)' is made by no node.") }
      results.append(id)
    }
    return results
  }
}
