/// TensorProto: a tensor as a file stores it. `tensor(in:)` makes a `Tensor` of it.
package struct TensorMessage: Sendable {
  package var name = ""
  package var dimensions: [Int64] = []
  /// A number of TensorProto.DataType.
  package var dataType: Int32 = 0
  package var content: Content = .none
  /// Whether this is one part of a tensor that is stored in several messages.
  package var isSegment = false

  /// Where the elements are: one of the fields of TensorProto.
  package enum Content: Sendable {
    case none
    /// `raw_data`, in place.
    case raw(ByteSlice)
    case floats([Float])
    case doubles([Double])
    case int32s([Int32])
    case int64s([Int64])
    case uint64s([UInt64])
    case strings([[UInt8]])
    /// The entries of `external_data`.
    case external([StringPair])

    /// The name of the field, for messages.
    var field: String {
      switch self {
      case .none: "(no data)"
      case .raw: "raw_data"
      case .floats: "float_data"
      case .doubles: "double_data"
      case .int32s: "int32_data"
      case .int64s: "int64_data"
      case .uint64s: "uint64_data"
      case .strings: "string_data"
      case .external: "external_data"
      }
    }
  }

  package init() {}
}

/// SparseTensorProto. The name of `values` is the name of the whole.
package struct SparseTensorMessage: Sendable {
  package var values: TensorMessage
  package var indices: TensorMessage
  package var dimensions: [Int64]

  package init(values: TensorMessage, indices: TensorMessage, dimensions: [Int64]) {
    self.values = values
    self.indices = indices
    self.dimensions = dimensions
  }
}
