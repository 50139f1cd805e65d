import OnyxTensor

/// Builds graphs in code. What is given no name is named by its operator and its place.
package struct GraphBuilder {
  package private(set) var graph: Graph
  /// The version written into every node.
  package let opset: Int

  package init(_ name: String = "", opset: Int) {
    graph = Graph(name: name)
    self.opset = opset
  }

  package mutating func input(_ name: String, _ type: ElementType, _ shape: [Dimension]?) -> ValueID {
    let id = graph.addValue(name, type: .tensor(type, shape: shape))
    graph.inputs.append(id)
    return id
  }

  package mutating func constant(_ tensor: Tensor, name: String? = nil) -> ValueID {
    let id = graph.addValue(name ?? "constant_\(graph.values.count)", type: .tensor(tensor.elementType, tensor.shape))
    graph.initializers[id] = tensor
    return id
  }

  /// A node with one output.
  package mutating func node(_ op: String, _ inputs: ValueID?..., attributes: [String: Attribute] = [:], name: String? = nil) -> ValueID {
    nodes(op, inputs, outputs: 1, attributes: attributes, name: name)[0]
  }

  /// A node with several outputs.
  package mutating func nodes(
    _ op: String, _ inputs: [ValueID?], outputs: Int, attributes: [String: Attribute] = [:], domain: String = "", name: String? = nil
  ) -> [ValueID] {
    let label = name ?? "\(op)_\(graph.nodes.count)"
    let results = (0..<outputs).map { graph.addValue(outputs == 1 ? "\(label)_output" : "\(label)_output_\($0)") }
    graph.nodes.append(
      Node(name: label, op: OperatorName(op, domain: domain), opset: opset, inputs: inputs, outputs: results, attributes: attributes))
    return results
  }

  /// Marks values as the graph's outputs.
  package mutating func output(_ ids: ValueID...) { graph.outputs += ids }
}
