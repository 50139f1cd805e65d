import OnyxGraph
import OnyxTensor

extension Model {
  /// One application of an operator.
  public struct Node: Sendable, Hashable {
    /// Empty where the file names none.
    public let name: String
    /// "Conv".
    public let op: String
    /// "ai.onnx" for the standard.
    public let domain: String
    /// The version of the domain whose rules the node follows.
    public let opset: Int
    /// Names of the tensors that it reads and makes; empty for one left out.
    public let inputs, outputs: [String]
    /// Names of the attributes, sorted.
    public let attributes: [String]
  }

  /// A constant tensor of the graph: a weight, or the default of an input.
  public struct Initializer: Sendable, Hashable {
    /// The name by which nodes read it.
    public let name: String
    /// Of its elements.
    public let elementType: ElementType
    /// Of the tensor.
    public let shape: Shape
  }

  /// An operator that the file itself defines by nodes.
  public struct Function: Sendable, Hashable {
    /// The name of the operator.
    public let name: String
    /// Its domain.
    public let domain: String
    /// Names of the formal inputs and outputs.
    public let inputs, outputs: [String]
    /// Operators of its nodes in the order of the file; those outside the standard with their domain: "com.example.Mystery".
    public let operators: [String]
  }

  /// The nodes in the order of the file, those of functions in place of their calls, in today's forms of the standard.
  public var nodes: [Node] {
    let graph = source.graph
    func names(_ values: [ValueID?]) -> [String] { values.map { $0.map { graph[$0].name } ?? "" } }
    return graph.nodes.map { node in
      Node(
        name: node.name, op: node.op.name, domain: node.op.domain.isEmpty ? "ai.onnx" : node.op.domain, opset: node.opset,
        inputs: names(node.inputs), outputs: names(node.outputs), attributes: node.attributes.keys.sorted())
    }
  }

  /// The constant tensors of the graph, in the order of the file.
  public var initializers: [Initializer] {
    source.graph.initializers.sorted { $0.key < $1.key }.map {
      Initializer(name: source.graph[$0.key].name, elementType: $0.value.elementType, shape: $0.value.shape)
    }
  }

  /// The functions that the file brings along.
  public var functions: [Function] {
    source.functions.map {
      Function(name: $0.name, domain: $0.domain, inputs: $0.inputs, outputs: $0.outputs, operators: $0.operators.map(\.description))
    }
  }
}
