import OnyxTensor

/// Position of a value in its graph's `values`. Valid only with the graph it came from.
package struct ValueID: Sendable, Hashable, Comparable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (left: ValueID, right: ValueID) -> Bool { left.index < right.index }
}

/// Domain and name of an operator. The domain of the ONNX standard is "" ("ai.onnx" is read as "").
package struct OperatorName: Sendable, Hashable, CustomStringConvertible {
  package let domain: String
  package let name: String
  package init(_ name: String, domain: String = "") {
    self.domain = domain == "ai.onnx" ? "" : domain
    self.name = name
  }
  package var description: String { domain.isEmpty ? name : "\(domain).\(name)" }
}

/// A named edge of the graph: produced by one node, or an input, an initializer, or captured from the enclosing graph.
package struct Edge: Sendable {
  package var name: String
  /// nil when the model does not say it and no rule has inferred it yet.
  package var type: ValueType?

  package init(name: String, type: ValueType? = nil) {
    self.name = name
    self.type = type
  }
}

/// One application of an operator.
package struct Node: Sendable {
  package var name: String
  package var op: OperatorName
  /// The operator set version whose rules the attributes and inputs follow; the loader turns every node into
  /// the newest version that the catalog knows.
  package var opset: Int
  /// nil is an omitted optional input ("" in the file). No trailing nil.
  package var inputs: [ValueID?]
  /// nil is an output that nobody named. No trailing nil.
  package var outputs: [ValueID?]
  package var attributes: [String: Attribute]
  /// metadata_props of the NodeProto: exporters keep module names here.
  package var metadata: [String: String]

  package init(
    name: String = "", op: OperatorName, opset: Int, inputs: [ValueID?], outputs: [ValueID?], attributes: [String: Attribute] = [:],
    metadata: [String: String] = [:]
  ) {
    self.name = name
    self.op = op
    self.opset = opset
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
    self.metadata = metadata
  }

  /// "layer1/conv (Conv)", for messages.
  package var label: String { name.isEmpty ? "(\(op))" : "\(name) (\(op))" }
}

/// A value of the enclosing graph that a body (of If, Loop, Scan) reads.
package struct Capture: Sendable {
  /// In the enclosing graph.
  package let outer: ValueID
  /// In the body.
  package let inner: ValueID
  package init(outer: ValueID, inner: ValueID) {
    self.outer = outer
    self.inner = inner
  }
}

/// Nodes and values. Value semantics: rewriting makes a new graph.
///
/// Invariants (checked by `validate()`): every id is inside `values`; every value has at most one source (input,
/// initializer that is no input, capture, or node output); every value read has one; the nodes have no cycle.
/// Nodes can stand in any order.
package struct Graph: Sendable {
  /// Bodies (of If, Loop, Scan) inside one another beyond this depth are refused.
  package static let deepestBody = 64

  package var name: String
  package var values: [Edge] = []
  package var nodes: [Node] = []
  package var inputs: [ValueID] = []
  package var outputs: [ValueID] = []
  /// Constant tensors. An input that stands here too has this as its default.
  package var initializers: [ValueID: Tensor] = [:]
  package var captures: [Capture] = []
  package var metadata: [String: String] = [:]
  /// Quantization parameters of values: value → (SCALE_TENSOR, ZERO_POINT_TENSOR, …) → value name.
  package var quantization: [ValueID: [String: String]] = [:]

  package init(name: String = "") { self.name = name }

  package subscript(id: ValueID) -> Edge {
    get { values[id.index] }
    set { values[id.index] = newValue }
  }

  package mutating func addValue(_ name: String, type: ValueType? = nil) -> ValueID {
    values.append(Edge(name: name, type: type))
    return ValueID(values.count - 1)
  }

  /// Inputs that the caller must give: those without a default.
  package var requiredInputs: [ValueID] { inputs.filter { initializers[$0] == nil } }
}
