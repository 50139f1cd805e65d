import OnyxTensor

/// The value of a node's attribute: one case for each kind of AttributeProto.
package enum Attribute: Sendable {
  case float(Float)
  case int(Int64)
  /// Bytes are kept as they are; most attributes of this kind are UTF-8 text.
  case string([UInt8])
  case tensor(Tensor)
  case sparseTensor(SparseTensor)
  case graph(Graph)
  case type(ValueType)
  case floats([Float])
  case ints([Int64])
  case strings([[UInt8]])
  case tensors([Tensor])
  case sparseTensors([SparseTensor])
  case graphs([Graph])
  case types([ValueType])

  package static func text(_ text: String) -> Attribute { .string(Array(text.utf8)) }

  /// The name ONNX gives this kind, for messages.
  package var kind: String {
    switch self {
    case .float: "float"
    case .int: "int"
    case .string: "string"
    case .tensor: "tensor"
    case .sparseTensor: "sparse tensor"
    case .graph: "graph"
    case .type: "type"
    case .floats: "floats"
    case .ints: "ints"
    case .strings: "strings"
    case .tensors: "tensors"
    case .sparseTensors: "sparse tensors"
    case .graphs: "graphs"
    case .types: "types"
    }
  }

  /// The bodies held by an attribute of kind graph or graphs.
  package var graphs: [Graph] {
    switch self {
    case .graph(let graph): [graph]
    case .graphs(let graphs): graphs
    default: []
    }
  }

  /// The same with bodies that capture what `other` says of the values that they captured.
  package func capturing(_ other: (ValueID) -> ValueID) -> Attribute {
    func changed(_ body: Graph) -> Graph {
      var body = body
      body.captures = body.captures.map { Capture(outer: other($0.outer), inner: $0.inner) }
      return body
    }
    return switch self {
    case .graph(let body): .graph(changed(body))
    case .graphs(let bodies): .graphs(bodies.map(changed))
    default: self
    }
  }
}

/// ONNX SparseTensorProto: `values` of rank 1 at `indices` (int64, [n] linear or [n, rank]) of a dense `shape`.
package struct SparseTensor: Sendable {
  package let values: Tensor
  package let indices: Tensor
  package let shape: Shape

  package init(values: Tensor, indices: Tensor, shape: Shape) {
    self.values = values
    self.indices = indices
    self.shape = shape
  }
}

extension Attribute {
  /// Adds the kind and the value to a digest; false for a kind that holds more than numbers and text.
  package func add(to digest: inout ContentDigest) -> Bool {
    digest.add(kind)
    switch self {
    case .float(let value): digest.add(UInt64(value.bitPattern))
    case .int(let value): digest.add(UInt64(bitPattern: value))
    case .string(let bytes): digest.add(String(decoding: bytes, as: UTF8.self))
    case .floats(let values):
      digest.add(UInt64(values.count))
      for value in values { digest.add(UInt64(value.bitPattern)) }
    case .ints(let values):
      digest.add(UInt64(values.count))
      for value in values { digest.add(UInt64(bitPattern: value)) }
    default: return false
    }
    return true
  }
}
