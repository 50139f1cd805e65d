import Onyx
import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What a model consists of: every node with its output shape, parameters and multiply–accumulates.
///
/// Shapes are symbolic; MACs, bytes and the peak of the activations are for dynamic dimensions bound to `dimensions`,
/// 1 where nothing is given.
package struct Summary: Encodable, Sendable {
  package struct Port: Encodable, Sendable {
    package let name: String
    package let type: String?
    package let shape: [Extent]?

    enum CodingKeys: String, CodingKey { case name, type, shape }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(type, forKey: .type)
      try container.encode(shape, forKey: .shape)
    }
  }

  /// A number, or the name of a dynamic dimension.
  package enum Extent: Encodable, Sendable, CustomStringConvertible {
    case fixed(Int)
    case symbolic(String)

    init(_ dimension: Dimension) { self = dimension.known.map { .fixed($0) } ?? .symbolic(dimension.description) }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .fixed(let size): try container.encode(size)
      case .symbolic(let name): try container.encode(name)
      }
    }

    package var description: String {
      switch self {
      case .fixed(let size): "\(size)"
      case .symbolic(let name): name
      }
    }
  }

  package struct Row: Encodable, Sendable {
    package let name: String
    package let op: String
    package let domain: String
    package let inputs: [String]
    package let outputs: [String]
    /// Of the first output.
    package let shape: [Extent]?
    package let macs: Int
    /// Elements of the initializers that no earlier node reads.
    package let params: Int
    /// Of all outputs.
    package let bytes: Int
    /// The innermost module around the node, and the attention block that it belongs to.
    package let module, block: String?

    enum CodingKeys: String, CodingKey { case name, op, domain, inputs, outputs, shape, macs, params, bytes, module, block }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(op, forKey: .op)
      try container.encode(domain, forKey: .domain)
      try container.encode(inputs, forKey: .inputs)
      try container.encode(outputs, forKey: .outputs)
      try container.encode(shape, forKey: .shape)
      try container.encode(macs, forKey: .macs)
      try container.encode(params, forKey: .params)
      try container.encode(bytes, forKey: .bytes)
      try container.encode(module, forKey: .module)
      try container.encode(block, forKey: .block)
    }
  }

  package struct Totals: Encodable, Sendable {
    package let nodes: Int
    package let params: Int
    package let macs: Int
    package let weightsBytes: Int
    /// nil when the model cannot be planned.
    package let peakActivationBytes: Int?

    enum CodingKeys: String, CodingKey {
      case nodes, params, macs
      case weightsBytes = "weights_bytes"
      case peakActivationBytes = "peak_activation_bytes"
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(nodes, forKey: .nodes)
      try container.encode(params, forKey: .params)
      try container.encode(macs, forKey: .macs)
      try container.encode(weightsBytes, forKey: .weightsBytes)
      try container.encode(peakActivationBytes, forKey: .peakActivationBytes)
    }
  }

  package let irVersion: Int
  package let opsets: [String: Int]
  package let producer: String
  package let inputs: [Port]
  package let outputs: [Port]
  package let nodes: [Row]
  package let totals: Totals
  /// Modules of the program that the model was exported from, outer ones before inner ones.
  package let modules: [ModuleRow]
  package let attention: [AttentionRow]
  /// Symbols of the input shapes and the sizes used for MACs and bytes.
  package let dimensions: [String: Int]
  /// Why nothing could be counted for those sizes; nil when it could.
  let uncounted: String?
  /// What the report was made from, for those that draw it.
  let graph: Graph
  let inference: GraphInference
  let structure: GraphStructure

  enum CodingKeys: String, CodingKey {
    case opsets, producer, inputs, outputs, nodes, totals, modules, attention, dimensions
    case irVersion = "ir_version"
  }

  /// Throws when an operator is unknown or a rule fails. `dimensions` names sizes for symbols of the input shapes. A size that
  /// was not given and does not suit the model leaves MACs and bytes at 0.
  package init(_ session: Session, dimensions: [String: Int] = [:]) throws(OnyxError) {
    let model = session.model
    let graph = model.graph
    let symbols = graph.inputs.flatMap { graph[$0].type?.shape ?? [] }.flatMap(\.symbols)
    let sizes = Dictionary(symbols.map { ($0, dimensions[$0] ?? 1) }, uniquingKeysWith: { first, _ in first })
    let symbolic = try GraphInference(graph)
    let counted = try Self.counted(graph, sizes, isAssumed: sizes.keys.contains { dimensions[$0] == nil })
    let concrete = counted.inference
    uncounted = counted.reason

    irVersion = model.irVersion
    opsets = Dictionary(model.opsets.map { ($0.key.isEmpty ? "ai.onnx" : $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    producer = model.producerVersion.isEmpty ? model.producerName : "\(model.producerName) \(model.producerVersion)"
    inputs = graph.inputs.filter { graph.initializers[$0] == nil }.map { Self.port($0, graph, symbolic) }
    outputs = graph.outputs.map { Self.port($0, graph, symbolic) }
    self.dimensions = sizes
    let structure = GraphStructure(InferredGraph(graph, symbolic))
    (self.graph, inference, self.structure) = (graph, symbolic, structure)
    var fresh: Set<ValueID> = []
    let rows = symbolic.order.map { Self.row($0, graph, structure, symbolic, concrete, &fresh) }
    nodes = rows
    modules = Self.moduleRows(structure.modules, rows, order: symbolic.order)
    attention = Self.attentionRows(structure, rows, graph, symbolic)
    totals = Totals(
      nodes: nodes.count, params: nodes.reduce(0) { $0 &+ $1.params }, macs: nodes.reduce(0) { $0 &+ $1.macs },
      weightsBytes: graph.initializers.values.reduce(0) { $0 &+ $1.byteCount },
      peakActivationBytes: try? session.activationByteCount(dimensions: sizes))
  }

  /// The place in `nodes` of each node of the graph.
  var rowOfNode: [Int: Int] { Dictionary(zip(inference.order, nodes.indices), uniquingKeysWith: { first, _ in first }) }

  /// The inference for concrete sizes, or why there is none for sizes that were only assumed.
  private static func counted(
    _ graph: Graph, _ sizes: [String: Int], isAssumed: Bool
  ) throws(OnyxError) -> (inference: GraphInference?, reason: String?) {
    do throws(OnyxError) {
      return (try GraphInference(graph, inputs: try bound(graph, sizes)), nil)
    } catch {
      guard isAssumed else { throw error }
      return (nil, error.reason)
    }
  }

  private static func bound(_ graph: Graph, _ sizes: [String: Int]) throws(OnyxError) -> [ValueID: Inferred] {
    var bound: [ValueID: Inferred] = [:]
    for id in graph.inputs where graph.initializers[id] == nil {
      guard case .tensor(let element, let shape?) = graph[id].type else { continue }
      var dimensions: [Dimension] = []
      for dimension in shape { dimensions.append(try dimension.substituting(sizes)) }
      bound[id] = Inferred(.tensor(element, shape: dimensions))
    }
    return bound
  }

  private static func port(_ id: ValueID, _ graph: Graph, _ inference: GraphInference) -> Port {
    let type = inference[id]?.type ?? graph[id].type
    return Port(name: graph[id].name, type: type?.elementType?.description, shape: type?.shape?.map(Extent.init))
  }

  private static func row(
    _ index: Int, _ graph: Graph, _ structure: GraphStructure, _ symbolic: GraphInference, _ concrete: GraphInference?,
    _ counted: inout Set<ValueID>
  ) -> Row {
    let node = graph.nodes[index]
    func type(_ value: ValueID) -> ValueType? { concrete?[value]?.type }
    let fresh = node.reads.filter { graph.initializers[$0] != nil && counted.insert($0).inserted }
    return Row(
      name: node.name, op: node.op.name, domain: node.op.domain.isEmpty ? "ai.onnx" : node.op.domain,
      inputs: node.inputs.map { $0.map { graph[$0].name } ?? "" },
      outputs: node.outputs.map { $0.map { graph[$0].name } ?? "" },
      shape: node.outputs.first?.flatMap { symbolic[$0]?.shape?.map(Extent.init) },
      macs: symbolic.operators[index].multiplyAccumulates(of: node, type: type),
      params: fresh.reduce(0) { $0 &+ (graph.initializers[$1]?.parameterCount ?? 0) },
      bytes: node.outputs.reduce(0) { $0 &+ ($1.flatMap(type)?.byteCount ?? 0) },
      module: structure.modules.ofNode[index].map { structure.modules.modules[$0].name },
      block: structure.blockOfNode[index].map { structure.blockNames[$0] })
  }
}
