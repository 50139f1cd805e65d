/// GraphProto.
package struct GraphMessage: Sendable {
  package var name = ""
  package var nodes: [NodeMessage] = []
  package var initializers: [TensorMessage] = []
  package var sparseInitializers: [SparseTensorMessage] = []
  package var inputs: [ValueInfoMessage] = []
  package var outputs: [ValueInfoMessage] = []
  package var valueInfos: [ValueInfoMessage] = []
  package var annotations: [AnnotationMessage] = []
  package var metadata: [StringPair] = []

  package init() {}
}

/// NodeProto.
package struct NodeMessage: Sendable {
  package var name = ""
  package var op = ""
  package var domain = ""
  package var overload = ""
  /// "" is an input or output that is not there.
  package var inputs: [String] = []
  package var outputs: [String] = []
  package var attributes: [AttributeMessage] = []
  package var metadata: [StringPair] = []

  package init() {}
}

/// AttributeProto.
package struct AttributeMessage: Sendable {
  package var name: String
  /// `ref_attr_name`: the attribute of the enclosing function's call that gives the value; "" when `content` is it.
  package var reference: String
  package var content: Content

  package indirect enum Content: Sendable {
    /// Only together with a reference.
    case none
    case float(Float)
    case int(Int64)
    case string([UInt8])
    case tensor(TensorMessage)
    case sparseTensor(SparseTensorMessage)
    case graph(GraphMessage)
    case type(TypeMessage)
    case floats([Float])
    case ints([Int64])
    case strings([[UInt8]])
    case tensors([TensorMessage])
    case sparseTensors([SparseTensorMessage])
    case graphs([GraphMessage])
    case types([TypeMessage])
  }

  package init(name: String, reference: String = "", content: Content) {
    self.name = name
    self.reference = reference
    self.content = content
  }

  /// The bodies of an attribute of kind graph or graphs.
  package var graphs: [GraphMessage] {
    switch content {
    case .graph(let graph): [graph]
    case .graphs(let graphs): graphs
    default: []
    }
  }
}

/// ValueInfoProto.
package struct ValueInfoMessage: Sendable {
  package var name: String
  package var type: TypeMessage

  package init(name: String, type: TypeMessage) {
    self.name = name
    self.type = type
  }
}

/// TensorAnnotation: the names of the values that hold a value's quantization parameters.
package struct AnnotationMessage: Sendable {
  package var name: String
  package var parameters: [StringPair]

  package init(name: String, parameters: [StringPair]) {
    self.name = name
    self.parameters = parameters
  }
}

/// TypeProto. Element types are the numbers of TensorProto.DataType.
package indirect enum TypeMessage: Sendable, Hashable {
  case none
  case tensor(Int32, shape: [DimensionMessage]?)
  case sparseTensor(Int32, shape: [DimensionMessage]?)
  case sequence(TypeMessage)
  case optional(TypeMessage)
  case map(key: Int32, value: TypeMessage)
  case opaque(domain: String, name: String)
}

/// One dimension of a TensorShapeProto.
package enum DimensionMessage: Sendable, Hashable {
  case unknown
  case value(Int64)
  case parameter(String)
}
