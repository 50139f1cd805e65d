import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Rebuilds a graph node by node; an adapter adds constants and nodes around the node that it turns.
struct NodeEditor {
  private var graph: Graph
  private let original: Graph
  private let defaults: Set<ValueID>
  private var uses: Uses?
  private var nodes: [Node] = []
  private var following: [Node] = []
  private var prefix = ""
  private var metadata: [String: String] = [:]
  /// The version whose form the current node has.
  private(set) var opset = 0

  init(_ graph: Graph) {
    self.graph = graph
    original = graph
    defaults = Set(graph.inputs)
    nodes.reserveCapacity(graph.nodes.count)
  }

  mutating func begin(_ node: Node, opset: Int) {
    self.opset = opset
    let result = node.outputs.compactMap { $0 }.first.map { graph[$0].name } ?? ""
    prefix = node.name.isEmpty ? (result.isEmpty ? "\(node.op)_\(nodes.count)" : result) : node.name
    metadata = node.metadata
  }

  mutating func append(_ node: Node) {
    nodes.append(node)
    nodes += following
    following.removeAll()
  }

  consuming func finish() -> Graph {
    graph.nodes = nodes
    return graph
  }
}

extension NodeEditor {
  mutating func constant(_ tensor: Tensor, _ role: String) -> ValueID {
    let id = graph.addValue("\(prefix)/\(role)", type: .tensor(tensor.elementType, tensor.shape))
    graph.initializers[id] = tensor
    return id
  }

  /// An int64 constant of rank 1.
  mutating func constant(_ values: [Int64], _ role: String) throws(OnyxError) -> ValueID {
    constant(try Tensor(values, shape: try Shape([values.count])), role)
  }

  /// A scalar of the element type of `like`; where that is not known yet, a float32 scalar that CastLike turns into it.
  mutating func scalar(_ value: Float, like: ValueID, _ role: String) throws(OnyxError) -> ValueID {
    switch elementType(of: like) {
    case .float32: return constant(try Tensor(scalar: value), role)
    case let type? where type.isFloating: return constant(try Tensor(floating: [Double(value)], as: type, shape: .scalar), role)
    default: return node("CastLike", [constant(try Tensor(scalar: value), role + "_float32"), like], role)
    }
  }

  /// A node of today's form before the current one, with one output.
  mutating func node(_ op: String, _ inputs: [ValueID?], _ role: String, attributes: [String: Attribute] = [:]) -> ValueID {
    let result = intermediate(role)
    nodes.append(make(op, inputs, role, attributes, to: result))
    return result
  }

  /// A node of today's form after the current one, which makes `output`.
  mutating func nodeAfter(_ op: String, _ inputs: [ValueID?], _ role: String, attributes: [String: Attribute] = [:], making output: ValueID)
  {
    following.append(make(op, inputs, role, attributes, to: output))
  }

  /// A value between the current node and one placed around it.
  mutating func intermediate(_ role: String) -> ValueID { graph.addValue("\(prefix)/\(role)_output") }

  private func make(_ op: String, _ inputs: [ValueID?], _ role: String, _ attributes: [String: Attribute], to output: ValueID) -> Node {
    Node(
      name: "\(prefix)/\(role)", op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs, outputs: [output],
      attributes: attributes,
      metadata: metadata)
  }
}

extension NodeEditor {
  /// The dimensions of a value, as far as the model says them.
  func shape(of id: ValueID) -> [Dimension]? { graph[id].type?.shape ?? tensor(of: id)?.shape.map { Dimension($0) } }
  func rank(of id: ValueID) -> Int? { shape(of: id)?.count }
  func elementType(of id: ValueID) -> ElementType? { graph[id].type?.elementType ?? tensor(of: id)?.elementType }

  /// The constant that a value always is: an initializer that no caller can replace.
  func tensor(of id: ValueID) -> Tensor? { defaults.contains(id) ? nil : graph.initializers[id] }

  /// The constant that a value always is, as an initializer or as the output of a Constant node.
  mutating func constantTensor(of id: ValueID) -> Tensor? {
    if let tensor = tensor(of: id) { return tensor }
    guard let producer = currentUses.producer[safe: id.index] ?? nil, original.nodes[producer].op == OperatorName("Constant") else {
      return nil
    }
    switch original.nodes[producer].attributes.first?.value {
    case .tensor(let tensor): return tensor
    case .floats(let values): return try? Tensor(values, shape: try Shape([values.count]))
    case .ints(let values): return try? Tensor(values, shape: try Shape([values.count]))
    default: return nil
    }
  }

  /// Whether a node, a body or the caller reads the value.
  mutating func isRead(_ id: ValueID) -> Bool { currentUses.isOutput(id) || !currentUses.readers(of: id).isEmpty }

  private var currentUses: Uses {
    mutating get {
      if let uses { return uses }
      let made = Uses(original)
      uses = made
      return made
    }
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
