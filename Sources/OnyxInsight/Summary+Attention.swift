import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Summary {
  /// An attention block, found by its structure in the graph.
  public struct AttentionBlock: Sendable, Hashable {
    /// A name of the table in docs/attention.md: "SE", "CBAM", "self-attention"; more can be added.
    public let kind: String
    /// Unique in the model: the label, "layer1.0.se", or kind and number, "SE 1".
    public let name: String
    /// Path of the module that is the block, where the exporter tells it.
    public let label: String?
    /// Class of that module: "timm.layers.squeeze_excite.SEModule".
    public let moduleClass: String?
    /// Names of the tensors that the block reads: the feature map, or the branches, or query, key and value.
    public let inputs: [String]
    /// Name of the tensor that it makes.
    public let output: String
    /// Of the first input, for the sizes that costs are counted for; nil when those do not tell it.
    public let shape: [Int]?
    /// Channels of the feature map.
    public let channels: Extent?
    /// Units of the hidden layer.
    public let hidden: Int?
    /// Channels for each unit of the hidden layer.
    public let reduction: Double?
    /// Taps of the convolution along the channels, [k], or sides of the one over the map, [h, w].
    public let kernel: [Int]?
    /// Heads of query attention.
    public let heads: Int?
    /// What else is known of attention of queries over keys; nil for other kinds.
    public let query: QueryAttention?
    /// Over what the map is pooled: "avg", "max", "both" or "softmax".
    public let pooling: String?
    /// What makes the gates or, without gates, the maps: "sigmoid", "hardSigmoid", "softmax", …; "none" for a sum of layers.
    public let activation: String?
    /// Names of the tensors with gates: a number for each channel, for SK for each branch and channel, for coordinate attention for
    /// each channel and row or column.
    public let gates: [String]
    /// Names of the tensors with a map over the pixels, or with the weights of query attention.
    public let maps: [String]
    /// Names of the nodes, in an order in which they can run; what one without a name makes.
    public let nodes: [String]
    /// Elements of the weights and biases.
    public let params: Int
    /// Multiply–accumulates of one run; 0 where the shapes are not known.
    public let macs: Int
    /// Bytes of all tensors that the nodes make; 0 where the shapes are not known.
    public let bytes: Int

    /// The first of `inputs`.
    public var input: String? { inputs.first }
    /// The first of `gates`.
    public var gate: String? { gates.first }
    /// The first of `maps`.
    public var map: String? { maps.first }

    /// `macs` is the sum over the nodes of the block.
    init(
      _ match: AttentionMatch, name: String, label: ModuleTree.Module?, _ view: InferredGraph, _ concrete: GraphInference?, macs: Int
    ) {
      let graph = view.graph
      func fetchable(_ values: [ValueID]) -> [String] { values.map { graph[$0].name }.filter { !$0.isEmpty } }
      kind = match.kind.rawValue
      self.name = name
      self.label = label?.name
      moduleClass = label?.moduleClass
      inputs = match.inputs.map { graph[$0].name }
      output = graph[match.output].name
      shape = match.inputs.first.flatMap { concrete?[$0]?.type.knownShape?.dimensions }
      channels = match.channels.map { Extent($0) }
      hidden = match.hidden?.known
      reduction = match.reduction
      kernel = match.kernel.isEmpty ? nil : match.kernel
      heads = match.heads?.known
      query = match.query.map { QueryAttention($0, graph) }
      pooling = match.pooling
      activation = match.activation(in: view)
      gates = fetchable(match.gates)
      maps = fetchable(match.maps)
      nodes = view.inference.order.filter(match.nodes.contains).map { graph.title(ofNode: $0) }
      params = match.parameterCount(view.inference)
      self.macs = macs
      bytes = match.nodes.reduce(0) { sum, node in
        graph.nodes[node].outputs.reduce(sum) { $0 &+ ($1.flatMap { concrete?[$0]?.type.byteCount } ?? 0) }
      }
    }
  }
}

/// `{"kind","name","label","class","input","inputs",…}`, null for what a block does not have.
extension Summary.AttentionBlock: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, name, label, inputs, output, shape, channels, hidden, reduction, kernel, heads, pooling, activation, gates, maps
    case nodes, params, macs, bytes, query
    case moduleClass = "class"
  }
  private enum DerivedKeys: String, CodingKey { case input, gate, map }

  /// Writes all keys; `input`, `gate` and `map` are the first of their lists.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    for (key, text) in [(CodingKeys.kind, kind), (.name, name), (.output, output)] { try container.encode(text, forKey: key) }
    let optional: [(CodingKeys, String?)] = [
      (.label, label), (.moduleClass, moduleClass), (.pooling, pooling), (.activation, activation),
    ]
    for (key, text) in optional { try container.encode(text, forKey: key) }
    for (key, list) in [(CodingKeys.inputs, inputs), (.gates, gates), (.maps, maps), (.nodes, nodes)] {
      try container.encode(list, forKey: key)
    }
    for (key, number) in [(CodingKeys.hidden, hidden), (.heads, heads)] { try container.encode(number, forKey: key) }
    for (key, number) in [(CodingKeys.params, params), (.macs, macs), (.bytes, bytes)] { try container.encode(number, forKey: key) }
    try container.encode(shape, forKey: .shape)
    try container.encode(channels, forKey: .channels)
    try container.encode(reduction, forKey: .reduction)
    try container.encode(query, forKey: .query)
    try container.encode(kernel, forKey: .kernel)
    var derived = encoder.container(keyedBy: DerivedKeys.self)
    try derived.encode(input, forKey: .input)
    try derived.encode(gate, forKey: .gate)
    try derived.encode(map, forKey: .map)
  }
}
