import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A graph that is rebuilt node by node, with what is known of each value so far. An operator's translation reads the current node's
/// inputs and attributes and emits the nodes that stand for it.
struct Translation {
  private var graph: Graph
  private let uses: Uses
  private let original: [Node]
  /// The nodes of the graph as it was, in an order in which they can run.
  let order: [Int]
  /// What derivatives may still make, here and in every other graph of the model.
  private let budget: ExpansionBudget
  /// Bodies around the graph.
  let depth: Int
  /// The place of each node in `order`; made when it is first asked for, and so are the names.
  private var places: [Int]?
  private var names: [String: ValueID]?
  private var freshCount = 0
  private var nodes: [Node] = []
  private var known: [Inferred?]
  private var prefix = ""
  /// The node that is translated.
  private(set) var node: Node
  /// Its attributes; one that is left unread is an error.
  var attributes: AttributeReader

  /// `captured` is what is known of the values of the enclosing graph that the graph reads, by their ids in the graph.
  init(_ graph: Graph, captured: [ValueID: Inferred], depth: Int, budget: ExpansionBudget) throws(OnyxError) {
    self.graph = graph
    self.depth = depth
    self.budget = budget
    uses = Uses(graph)
    original = graph.nodes
    order = try graph.topologicalOrder()
    known = graph.values.map { $0.type.map { Inferred($0) } }
    let isInput = Set(graph.inputs)
    for (id, tensor) in graph.initializers where !isInput.contains(id) { known[id.index] = Inferred(constant: tensor) }
    for (id, inferred) in captured { known[id.index] = inferred }
    node = Node(op: OperatorName(""), opset: 1, inputs: [], outputs: [])
    attributes = AttributeReader(node)
  }

  mutating func begin(_ node: Node) {
    self.node = node
    attributes = AttributeReader(node)
    let result = node.outputs.compactMap { $0 }.first.map { graph[$0].name } ?? ""
    prefix = node.name.isEmpty ? (result.isEmpty ? "\(node.op.name)_\(nodes.count)" : result) : node.name
  }

  /// Keeps a node as it is. A rule that it breaks is found when the graph is planned.
  mutating func pass(_ node: Node) {
    nodes.append(node)
    try? infer(node)
  }

  consuming func finish() -> Graph {
    graph.nodes = nodes
    return graph
  }

  private mutating func infer(_ node: Node) throws(OnyxError) {
    let inputs = node.inputs.map { $0.flatMap { known[$0.index] } }
    try Catalog.definition(of: node.op)?.signature.check(
      inputs: inputs.map { $0?.type }, isPresent: node.inputs.map { $0 != nil }, outputCount: node.outputs.count)
    let op = try Catalog.make(node)
    guard zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }) else { return }
    let symbols = node.outputs.lazy.compactMap { $0 }.first.map { graph[$0].name } ?? "unk"
    guard let captured = InferenceContext.captured(by: node, { known[$0.index] }) else { return }
    let results = try op.infer(
      InferenceContext(inputs: inputs, outputCount: node.outputs.count, symbolPrefix: symbols, captured: captured, depth: depth))
    for (output, result) in zip(node.outputs, results) { if let output { known[output.index] = result } }
  }
}

/// The current node.
extension Translation {
  func input(_ index: Int) throws(OnyxError) -> ValueID { try node.input(index) }

  func optional(_ index: Int) -> ValueID? { node.inputs.indices.contains(index) ? node.inputs[index] : nil }

  /// The name of output `index`, when a node, a body or the caller reads it.
  func asked(_ index: Int) -> ValueID? {
    guard node.outputs.indices.contains(index), let id = node.outputs[index] else { return nil }
    return uses.isOutput(id) || !uses.readers(of: id).isEmpty ? id : nil
  }

  /// The attributes of these names, as they are.
  mutating func taken(_ names: String...) -> [String: Attribute] {
    var result: [String: Attribute] = [:]
    for name in names { result[name] = attributes.optional(name) }
    return result
  }

  /// Throws `unsupported` for an input that no translation reads.
  func refuse(input index: Int, _ name: String) throws(OnyxError) {
    guard optional(index) == nil else { throw .unsupported("The input '\(name)' of \(node.op) is not supported.") }
  }

  /// Throws `unsupported` unless the attribute is 0 or absent.
  mutating func refuseFlag(_ name: String) throws(OnyxError) {
    guard try !attributes.flag(name, default: false) else { throw .unsupported("The attribute '\(name)' of \(node.op) is not supported.") }
  }
}

/// What is made for the current node. Each `role` names one value of it.
extension Translation {
  mutating func constant(_ tensor: Tensor, _ role: String) -> ValueID {
    let id = graph.addValue("\(prefix)/\(role)", type: .tensor(tensor.elementType, tensor.shape))
    graph.initializers[id] = tensor
    known.append(Inferred(constant: tensor))
    return id
  }

  /// An int64 constant of rank 1.
  mutating func constant(_ values: [Int], _ role: String) throws(OnyxError) -> ValueID {
    constant(try Tensor(values.map(Int64.init), shape: try Shape([values.count])), role)
  }

  /// A scalar of the element type of `like`; where that is not known, a float32 scalar that CastLike turns into it.
  mutating func scalar(_ value: Float, like: ValueID, _ role: String) throws(OnyxError) -> ValueID {
    guard let type = elementType(of: like) else {
      return try self.value("CastLike", [constant(try Tensor(scalar: value), role + "_float32"), like], role)
    }
    if type == .float32 { return constant(try Tensor(scalar: value), role) }
    if type.isFloating { return constant(try Tensor(floating: [Double(value)], as: type, shape: .scalar), role) }
    guard let integer = Int64(exactly: value) else { throw .invalid("\(value) is no \(type).") }
    return constant(try Tensor(integral: [integer], as: type, shape: .scalar), role)
  }

  /// A standard node with one output between others.
  mutating func value(
    _ op: String, _ inputs: [ValueID?], _ role: String, _ attributes: [String: Attribute] = [:]
  ) throws(OnyxError) -> ValueID {
    let id = intermediate(role)
    try emit(OperatorName(op), inputs, making: [id], role, attributes)
    return id
  }

  /// A standard node with several outputs between others.
  mutating func values(
    _ op: String, _ inputs: [ValueID?], count: Int, _ role: String, _ attributes: [String: Attribute] = [:]
  ) throws(OnyxError) -> [ValueID] {
    let ids = (0..<count).map { intermediate("\(role)_\($0)") }
    try emit(OperatorName(op), inputs, making: ids, role, attributes)
    return ids
  }

  /// A standard node that makes output 0 of the current node.
  @discardableResult mutating func result(
    _ op: String, _ inputs: [ValueID?], _ attributes: [String: Attribute] = [:]
  ) throws(OnyxError) -> ValueID {
    try result(0, op, inputs, attributes)
  }

  /// A standard node that makes output `index` of the current node.
  @discardableResult mutating func result(
    _ index: Int, _ op: String, _ inputs: [ValueID?], _ attributes: [String: Attribute] = [:]
  ) throws(OnyxError) -> ValueID {
    let given = node.outputs.indices.contains(index) ? node.outputs[index] : nil
    let id = given ?? intermediate("result_\(index)")
    try emit(OperatorName(op), inputs, making: [id], index == 0 ? "" : "result_\(index)", attributes)
    return id
  }

  /// A node that makes the given values. Throws what its signature and its rule throw.
  mutating func emit(
    _ op: OperatorName, _ inputs: [ValueID?], making outputs: [ValueID?], _ role: String, _ attributes: [String: Attribute] = [:]
  ) throws(OnyxError) {
    var (inputs, outputs) = (inputs, outputs)
    while let last = inputs.last, last == nil { inputs.removeLast() }
    while outputs.count > 1, let last = outputs.last, last == nil { outputs.removeLast() }
    let made = Node(
      name: role.isEmpty ? prefix : "\(prefix)/\(role)", op: op, opset: op.domain.isEmpty ? Catalog.newestOpset : 1, inputs: inputs,
      outputs: outputs,
      attributes: attributes, metadata: node.metadata)
    nodes.append(made)
    try infer(made)
  }

  /// A value without a producer yet.
  mutating func intermediate(_ role: String) -> ValueID {
    known.append(nil)
    return graph.addValue("\(prefix)/\(role)_output")
  }
}

/// The graph around the current node.
extension Translation {
  /// The value of a name in the graph as it was. Throws `invalidModel` when there is none. Complexity: O(1), the first time O(values).
  mutating func named(_ name: String) throws(OnyxError) -> ValueID {
    let names =
      self.names
      ?? Dictionary(
        graph.values.prefix(uses.producer.count).enumerated().map { ($1.name, ValueID($0)) }, uniquingKeysWith: { first, _ in first })
    self.names = names
    guard !name.isEmpty, let id = names[name] else {
      throw .invalid("The graph has no value '\(name)', which \(node.op) names.")
    }
    return id
  }

  /// The nodes of the graph as it was that `value` depends on, in an order in which they can run, without what makes the values
  /// `ends`. Complexity: O(n·log n), n these nodes and their inputs; the first time also O(nodes).
  mutating func nodes(to value: ValueID, from ends: Set<ValueID>) -> [Node] {
    var places = self.places ?? []
    if self.places == nil {
      places = Array(repeating: 0, count: order.count)
      for (place, index) in order.enumerated() { places[index] = place }
      self.places = places
    }
    var found: Set<Int> = []
    var pending = [value]
    while let next = pending.popLast() {
      guard !ends.contains(next), let index = uses.producer(of: next), found.insert(index).inserted else { continue }
      pending += original[index].reads
    }
    return found.sorted { places[$0] < places[$1] }.map { original[$0] }
  }

  /// A node of the graph once more, over other inputs; new values for its outputs. Throws `budgetExceeded` when derivatives make too
  /// many nodes.
  mutating func again(_ node: Node, _ inputs: [ValueID?]) throws(OnyxError) -> [ValueID?] {
    try budget.spend(1 + inputs.count + node.outputs.count, "derivatives")
    freshCount += 1
    let outputs = node.outputs.enumerated().map { index, id in id.map { _ in intermediate("step_\(freshCount)_\(index)") } }
    try emit(node.op, inputs, making: outputs, "step_\(freshCount)", node.attributes)
    return outputs
  }

  /// A node with one output whose name says only its number. Throws `budgetExceeded` when derivatives make too many nodes.
  mutating func fresh(
    _ op: String, domain: String = "", _ inputs: [ValueID?], _ attributes: [String: Attribute] = [:]
  ) throws(OnyxError) -> ValueID {
    try budget.spend(2 + inputs.count, "derivatives")
    freshCount += 1
    let id = intermediate("\(op)_\(freshCount)")
    try emit(OperatorName(op, domain: domain), inputs, making: [id], "\(op)_\(freshCount)", attributes)
    return id
  }
}

/// What is known of values.
extension Translation {
  func inferred(_ id: ValueID) -> Inferred? { known[id.index] }
  func shape(of id: ValueID) -> [Dimension]? { known[id.index]?.shape }
  func elementType(of id: ValueID) -> ElementType? { known[id.index]?.elementType }
  func tensor(of id: ValueID) -> Tensor? { known[id.index]?.constant }

  /// The rank of a value, which the translation cannot do without. Throws `unsupported` when it is not known.
  func rank(of id: ValueID) throws(OnyxError) -> Int {
    guard let rank = shape(of: id)?.count else {
      throw .unsupported(
        "The rank of '\(graph[id].name)' is not known, and \(node.op) depends on it.",
        remedy: "Export the model with the shapes of its inputs.")
    }
    return rank
  }

  /// The element type of a value, which the translation cannot do without. Throws `unsupported` when it is not known.
  func requiredType(of id: ValueID) throws(OnyxError) -> ElementType {
    guard let type = elementType(of: id) else {
      throw .unsupported(
        "The element type of '\(graph[id].name)' is not known, and \(node.op) depends on it.",
        remedy: "Export the model with the types of its inputs.")
    }
    return type
  }
}
