import Onyx

/// The names that the Open Inference Protocol has for element types.
extension ElementType {
  /// By the protocol's name: "FP32". nil for a name that it does not have.
  package init?(datatype: some StringProtocol) {
    switch datatype {
    case "FP32": self = .float32
    case "INT64": self = .int64
    case "INT32": self = .int32
    case "UINT8": self = .uint8
    case "INT8": self = .int8
    case "BOOL": self = .bool
    case "FP16": self = .float16
    case "BF16": self = .bfloat16
    case "FP64": self = .float64
    case "UINT16": self = .uint16
    case "UINT32": self = .uint32
    case "UINT64": self = .uint64
    case "INT16": self = .int16
    case "BYTES": self = .string
    default: return nil
    }
  }

  /// The protocol's name; nil for types that it does not have, as those of 8 and fewer bits for weights.
  package var datatype: String? {
    switch self {
    case .float32: "FP32"
    case .int64: "INT64"
    case .int32: "INT32"
    case .uint8: "UINT8"
    case .int8: "INT8"
    case .bool: "BOOL"
    case .float16: "FP16"
    case .bfloat16: "BF16"
    case .float64: "FP64"
    case .uint16: "UINT16"
    case .uint32: "UINT32"
    case .uint64: "UINT64"
    case .int16: "INT16"
    case .string: "BYTES"
    default: nil
    }
  }
}
