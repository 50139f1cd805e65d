import OnyxGraph
import OnyxOperators
import OnyxTensor

/// An edit of a graph as a value: proven first, applied after.
///
/// New values have ids after the last one of the graph that the patch was made for, and are valid for it only.
package struct Patch: Sendable {
  package private(set) var values: [Edge] = []
  /// New nodes, each after those that it reads from.
  package private(set) var nodes: [Node] = []
  package private(set) var constants: [ValueID: Tensor] = [:]
  /// Values of the graph that from now on are others: `old` keeps its name when it must, its readers read `new`.
  package private(set) var shunts: [(old: ValueID, new: ValueID)] = []
  /// Nodes of the graph that go away.
  package private(set) var removed: Set<Int> = []
  /// Nodes that stood in a body before, and bytes of constants that did: they are no more than they were.
  package private(set) var moved = (nodes: 0, byteCount: 0)
  /// The number of values before the patch.
  let base: Int
  /// Position of the new nodes: that of the node the rewrite started from.
  let position: Int
  private let rootName: String
  private let metadata: [String: String]

  package init(for site: Site) {
    base = site.workspace.shell.values.count
    position = site.workspace.positions[site.index]
    rootName = site.node.name.isEmpty ? site.node.outputs.lazy.compactMap { $0 }.first.map(site.workspace.name) ?? "" : site.node.name
    metadata = site.node.metadata
  }

  /// Existing values that the new nodes read.
  package var taps: Set<ValueID> { Set(nodes.flatMap { $0.reads }.filter { !isNew($0) }) }

  func isNew(_ value: ValueID) -> Bool { value.index >= base }

  /// A node with one output, of the newest version of its operator. It has name and metadata of `model`, a node that it
  /// replaces; by default those of the root.
  package mutating func node(
    _ op: OperatorName, _ inputs: [ValueID?], _ attributes: [String: Attribute] = [:], like model: Node? = nil
  ) -> ValueID {
    let output = newValue(rootName)
    let opset = Catalog.definition(of: op)?.signature.versions.last ?? Catalog.newestOpset
    nodes.append(
      Node(
        name: model?.name ?? rootName, op: op, opset: opset, inputs: inputs, outputs: [output], attributes: attributes,
        metadata: model?.metadata ?? metadata))
    return output
  }

  /// A node with an output wherever `outputs` says so, the others omitted; otherwise as `node`.
  package mutating func nodes(
    _ op: OperatorName, _ inputs: [ValueID?], outputs isGiven: [Bool], _ attributes: [String: Attribute], like model: Node
  ) -> [ValueID?] {
    let outputs = isGiven.map { $0 ? newValue(rootName) : nil }
    let opset = Catalog.definition(of: op)?.signature.versions.last ?? Catalog.newestOpset
    nodes.append(
      Node(
        name: model.name, op: op, opset: opset, inputs: inputs, outputs: Array(outputs.prefix((isGiven.lastIndex(of: true) ?? -1) + 1)),
        attributes: attributes, metadata: model.metadata))
    return outputs
  }

  package mutating func node(_ op: String, _ inputs: [ValueID?], _ attributes: [String: Attribute] = [:]) -> ValueID {
    node(OperatorName(op), inputs, attributes)
  }

  package mutating func constant(_ tensor: Tensor) -> ValueID {
    let id = newValue("\(rootName)/constant")
    values[id.index - base].type = .tensor(tensor.elementType, tensor.shape)
    constants[id] = tensor
    return id
  }

  /// A node with other inputs, attributes and as many outputs as `outputs` has names; nil for one that is left out.
  package mutating func copy(
    _ node: Node, name: String? = nil, inputs: [ValueID?], outputs: [String?], attributes: [String: Attribute]
  ) -> [ValueID?] {
    let results = outputs.map { $0.map { newValue($0) } }
    var copy = node
    copy.name = name ?? node.name
    (copy.inputs, copy.outputs, copy.attributes) = (inputs, results, attributes)
    nodes.append(copy)
    return results
  }

  /// A node of a body as one of this graph: it reads what `place` says of the values of the body. Returns its outputs.
  package mutating func moveOut(_ node: Node, of body: Graph, _ place: (ValueID) -> ValueID) -> [ValueID?] {
    moved.nodes += 1
    return copy(
      node, name: [rootName, node.name].filter { !$0.isEmpty }.joined(separator: "/"), inputs: node.inputs.map { $0.map(place) },
      outputs: node.outputs.map { $0.map { body[$0].name } }, attributes: node.attributes.mapValues { $0.capturing(place) })
  }

  /// A constant of a body as one of this graph.
  package mutating func moveOut(_ tensor: Tensor) -> ValueID {
    moved.byteCount += tensor.heldByteCount
    return constant(tensor)
  }

  package mutating func shunt(_ old: ValueID, to new: ValueID) { shunts.append((old, new)) }
  package mutating func remove(_ nodes: Set<Int>) { removed.formUnion(nodes) }

  private mutating func newValue(_ name: String) -> ValueID {
    values.append(Edge(name: name))
    return ValueID(base + values.count - 1)
  }
}

extension Patch: ExpressionTarget {
  package mutating func addNode(_ op: OperatorName, _ inputs: [ValueID?], _ attributes: [String: Attribute]) -> ValueID {
    node(op, inputs, attributes)
  }
  package mutating func addConstant(_ tensor: Tensor) -> ValueID { constant(tensor) }
}
