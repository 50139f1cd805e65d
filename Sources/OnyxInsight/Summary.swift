import OnyxTensor

/// What a model consists of: every node with its output shape, parameters and multiply–accumulates, then modules and attention
/// blocks.
///
/// Shapes have the sizes that were given and are symbolic else; MACs, bytes and the peak of the activations are for dynamic dimensions
/// bound to `dimensions`.
public struct Summary: Sendable, Hashable {
  /// A number, or the name of a dynamic dimension.
  public typealias Extent = TensorSpecification.Extent

  /// One application of an operator.
  public struct Node: Sendable, Hashable {
    /// Empty where the file names none.
    public let name: String
    /// "Conv", in today's form of the standard.
    public let op: String
    /// "ai.onnx" for the standard.
    public let domain: String
    /// Names of the tensors that it reads and makes; empty for one left out.
    public let inputs, outputs: [String]
    /// Of the first output; nil when not even its rank is known.
    public let shape: [Extent]?
    /// Multiply–accumulates of one run; 0 for operators that only move or compare, and where shapes are not known.
    public let macs: Int
    /// Elements of the floating initializers that no earlier node reads.
    public let params: Int
    /// Of all outputs; 0 where shapes are not known.
    public let bytes: Int
    /// The innermost module of the exporter's program around the node, and the attention block that it belongs to.
    public let module, block: String?
  }

  /// A module of the program that the model was exported from, with what stands in it and in the modules inside it.
  public struct Module: Sendable, Hashable, Codable {
    /// "layer1.0.se".
    public let name: String
    /// "Bottleneck"; empty where the exporter does not say it.
    public let type: String
    /// 1 for the modules of the network itself.
    public let depth: Int
    /// How many nodes stand in it.
    public internal(set) var nodes = 0
    /// Sums over the nodes.
    public internal(set) var params = 0, macs = 0, bytes = 0
  }

  /// Sums over the whole model.
  public struct Totals: Sendable, Hashable {
    /// How many there are.
    public let nodes: Int
    /// How many stand in bodies (of If, Loop, Scan) beside those.
    public let bodyNodes: Int
    /// Elements of floating initializers that nodes read, in bodies too.
    public let params: Int
    /// Multiply–accumulates of one run.
    public let macs: Int
    /// Bytes of all initializers.
    public let weightsBytes: Int
    /// Bytes that one run needs beside weights and inputs; nil when the model cannot be planned.
    public let peakActivationBytes: Int?
  }

  /// The version of the format.
  public let irVersion: Int
  /// Versions of the operator sets by domain, "ai.onnx" for the standard.
  public let opsets: [String: Int]
  /// Name and version of the exporter: "pytorch 2.15.0".
  public let producer: String
  /// Inputs that must be given, and outputs, in the model's order.
  public let inputs, outputs: [TensorSpecification]
  /// In an order in which they can run.
  public let nodes: [Node]
  /// Sums over the model.
  public let totals: Totals
  /// Outer modules before inner ones.
  public let modules: [Module]
  /// In the order of the nodes.
  public let attention: [AttentionBlock]
  /// Dynamic dimensions of the inputs, and the sizes used for MACs and bytes.
  public let dimensions: [String: Int]
  /// Why nothing could be counted for those sizes; nil when it could.
  public let uncounted: String?
  /// Operators that Onyx lacks: of what comes behind them no shapes are known, and the model cannot be run.
  public let unsupported: [Coverage.Operator]
}

/// The document that `onyx summary --json` prints.
extension Summary: Codable {
  private enum CodingKeys: String, CodingKey {
    case opsets, producer, inputs, outputs, nodes, totals, modules, attention, dimensions, uncounted, unsupported
    case irVersion = "ir_version"
  }

  /// Writes all keys, with null for what is not known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(irVersion, forKey: .irVersion)
    try container.encode(opsets, forKey: .opsets)
    try container.encode(producer, forKey: .producer)
    try container.encode(inputs, forKey: .inputs)
    try container.encode(outputs, forKey: .outputs)
    try container.encode(nodes, forKey: .nodes)
    try container.encode(totals, forKey: .totals)
    try container.encode(modules, forKey: .modules)
    try container.encode(attention, forKey: .attention)
    try container.encode(dimensions, forKey: .dimensions)
    try container.encode(uncounted, forKey: .uncounted)
    try container.encode(unsupported, forKey: .unsupported)
  }
}

/// One node of the document, with null for what is not known.
extension Summary.Node: Codable {
  private enum CodingKeys: String, CodingKey { case name, op, domain, inputs, outputs, shape, macs, params, bytes, module, block }

  /// Writes all keys.
  public func encode(to encoder: any Encoder) throws {
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

/// The sums of the document.
extension Summary.Totals: Codable {
  private enum CodingKeys: String, CodingKey {
    case nodes, params, macs
    case bodyNodes = "body_nodes"
    case weightsBytes = "weights_bytes"
    case peakActivationBytes = "peak_activation_bytes"
  }

  /// Writes all keys; the peak is null when the model cannot be planned.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(nodes, forKey: .nodes)
    try container.encode(bodyNodes, forKey: .bodyNodes)
    try container.encode(params, forKey: .params)
    try container.encode(macs, forKey: .macs)
    try container.encode(weightsBytes, forKey: .weightsBytes)
    try container.encode(peakActivationBytes, forKey: .peakActivationBytes)
  }
}
