import OnyxGraph
import OnyxOperators
import OnyxProto
import OnyxTensor

/// Writes a graph back as an ONNX file. Values get unique names over all bodies; tensors are written as raw data.
package enum ModelWriter {
  /// Throws `unsupported` when the nodes of one domain follow rules that no single operator set version has.
  package static func write(_ model: ModelGraph) throws(OnyxError) -> [UInt8] {
    var message = ModelMessage()
    // Before version 4 an initializer had to be an input too.
    message.irVersion = Int64(max(model.irVersion, 4))
    message.producerName = model.producerName
    message.producerVersion = model.producerVersion
    message.domain = model.domain
    message.modelVersion = Int64(model.modelVersion)
    message.documentation = model.documentation
    message.metadata = model.metadata.pairs
    message.opsets = try opsets(of: model)
    let names = ValueNames()
    message.graph = try GraphWriter(model.graph, names, captured: [:]).message()
    return message.encoded()
  }

  /// One version for each domain: the newest that a node has and that deprecates no operator of a node, provided that no node's operator
  /// changed between its version and that one.
  private static func opsets(of model: ModelGraph) throws(OnyxError) -> [OpsetMessage] {
    var nodes: [Node] = []
    var pending = [model.graph]
    while let graph = pending.popLast() {
      nodes += graph.nodes
      for node in graph.nodes { pending += node.bodies }
    }
    var newest: [String: Int] = [:]
    for node in nodes { newest[node.op.domain] = max(newest[node.op.domain] ?? 1, node.opset) }
    let used = Set(nodes.map(\.op))
    for standard in StandardOperators.all where used.contains(standard.op) {
      guard let deprecation = standard.deprecation, let version = newest[standard.op.domain] else { continue }
      newest[standard.op.domain] = min(version, deprecation - 1)
    }
    for node in nodes {
      guard let version = newest[node.op.domain], node.opset != version else { continue }
      let signature = Catalog.definition(of: node.op)?.signature
      guard let signature, signature.version(for: node.opset) == signature.version(for: version) else {
        throw OnyxError.unsupported("The graph mixes the operator set versions \(node.opset) and \(version), which one file cannot say.")
          .at(
            node: node.label)
      }
    }
    let all = model.opsets.merging(newest, uniquingKeysWith: { $1 })
    return all.sorted { $0.key < $1.key }.map { OpsetMessage(domain: $0.key, version: Int64($0.value)) }
  }
}

/// The names that are taken in the whole file: a body may not hide a name of the graph around it.
private final class ValueNames {
  private var taken: Set<String> = []

  func unique(_ wish: String) -> String {
    let base = wish.isEmpty ? "value" : wish
    var name = base
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(base)#\(number)"
      number += 1
    }
    return name
  }
}

/// Turns one graph or body into its message.
private struct GraphWriter {
  private let graph: Graph
  private let names: ValueNames
  private var name: [String]

  /// `captured` holds the names that the enclosing graphs gave to what this body captures.
  init(_ graph: Graph, _ names: ValueNames, captured: [ValueID: String]) {
    self.graph = graph
    self.names = names
    name = Array(repeating: "", count: graph.values.count)
    // The graph's own interface keeps its names before anything else takes them.
    for id in graph.inputs + graph.outputs where name[id.index].isEmpty && captured[id] == nil {
      name[id.index] = names.unique(graph[id].name)
    }
    for (id, outer) in captured { name[id.index] = outer }
    for index in graph.values.indices where name[index].isEmpty { name[index] = names.unique(graph.values[index].name) }
  }

  func message() throws(OnyxError) -> GraphMessage {
    var message = GraphMessage()
    message.name = graph.name
    message.metadata = graph.metadata.pairs
    message.inputs = graph.inputs.map(info)
    message.outputs = graph.outputs.map(info)
    let listed = Set(graph.inputs + graph.outputs + graph.captures.map(\.inner) + graph.initializers.keys)
    message.valueInfos = graph.values.indices.map { ValueID($0) }.filter { graph[$0].type != nil && !listed.contains($0) }.map(info)
    for (id, tensor) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      message.initializers.append(try TensorMessage(tensor, name: name[id.index]))
    }
    message.annotations = graph.quantization.sorted { $0.key < $1.key }.map {
      AnnotationMessage(name: name[$0.key.index], parameters: $0.value.pairs)
    }
    for node in graph.nodes { message.nodes.append(try self.node(node)) }
    return message
  }

  private func info(_ id: ValueID) -> ValueInfoMessage {
    ValueInfoMessage(name: name[id.index], type: graph[id].type.map { TypeMessage($0) } ?? .none)
  }

  private func node(_ node: Node) throws(OnyxError) -> NodeMessage {
    var message = NodeMessage()
    message.name = node.name
    message.op = node.op.name
    message.domain = node.op.domain
    message.inputs = node.inputs.map { $0.map { name[$0.index] } ?? "" }
    message.outputs = node.outputs.map { $0.map { name[$0.index] } ?? "" }
    message.metadata = node.metadata.pairs
    for (key, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      message.attributes.append(AttributeMessage(name: key, content: try content(attribute)))
    }
    return message
  }

  private func content(_ attribute: Attribute) throws(OnyxError) -> AttributeMessage.Content {
    switch attribute {
    case .float(let value): return .float(value)
    case .int(let value): return .int(value)
    case .string(let value): return .string(value)
    case .floats(let values): return .floats(values)
    case .ints(let values): return .ints(values)
    case .strings(let values): return .strings(values)
    case .tensor(let tensor): return .tensor(try TensorMessage(tensor, name: ""))
    case .tensors(let tensors): return .tensors(try tensors.map { (tensor) throws(OnyxError) in try TensorMessage(tensor, name: "") })
    case .sparseTensor(let tensor): return .sparseTensor(try sparse(tensor))
    case .sparseTensors(let tensors): return .sparseTensors(try tensors.map { (tensor) throws(OnyxError) in try sparse(tensor) })
    case .graph(let body): return .graph(try self.body(body))
    case .graphs(let bodies): return .graphs(try bodies.map { (body) throws(OnyxError) in try self.body(body) })
    case .type(let type): return .type(TypeMessage(type))
    case .types(let types): return .types(types.map { TypeMessage($0) })
    }
  }

  private func body(_ body: Graph) throws(OnyxError) -> GraphMessage {
    var captured: [ValueID: String] = [:]
    for capture in body.captures { captured[capture.inner] = name[capture.outer.index] }
    return try GraphWriter(body, names, captured: captured).message()
  }

  private func sparse(_ tensor: SparseTensor) throws(OnyxError) -> SparseTensorMessage {
    SparseTensorMessage(
      values: try TensorMessage(tensor.values, name: ""), indices: try TensorMessage(tensor.indices, name: ""),
      dimensions: tensor.shape.map { Int64($0) })
  }
}

extension TypeMessage {
  fileprivate init(_ type: ValueType) {
    switch type {
    case .tensor(let element, let shape): self = .tensor(element.rawValue, shape: Self.dimensions(shape))
    case .sparseTensor(let element, let shape): self = .sparseTensor(element.rawValue, shape: Self.dimensions(shape))
    case .sequence(let element): self = .sequence(TypeMessage(element))
    case .optional(let element): self = .optional(TypeMessage(element))
    case .map(let key, let value): self = .map(key: key.rawValue, value: TypeMessage(value))
    }
  }

  private static func dimensions(_ shape: [Dimension]?) -> [DimensionMessage]? {
    shape?.map { dimension in dimension.known.map { .value(Int64($0)) } ?? .parameter(dimension.description) }
  }
}

extension [String: String] {
  /// Sorted by key, so that equal models give equal files.
  fileprivate var pairs: [StringPair] { sorted { $0.key < $1.key }.map { StringPair($0.key, $0.value) } }
}
