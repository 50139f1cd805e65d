import OnyxTensor

/// The type of a value of a graph, as ONNX's TypeProto says it.
package indirect enum ValueType: Sendable, Hashable {
  /// `shape` is nil when not even the rank is known.
  case tensor(ElementType, shape: [Dimension]?)
  case sparseTensor(ElementType, shape: [Dimension]?)
  case sequence(ValueType)
  case optional(ValueType)
  case map(key: ElementType, value: ValueType)

  package static func tensor(_ type: ElementType, _ shape: Shape) -> ValueType {
    .tensor(type, shape: shape.map { Dimension($0) })
  }

  /// The element type of a tensor; nil for everything else.
  package var elementType: ElementType? {
    switch self {
    case .tensor(let type, _), .sparseTensor(let type, _): type
    default: nil
    }
  }

  /// The dimensions of a tensor of known rank; nil for everything else.
  package var shape: [Dimension]? {
    switch self {
    case .tensor(_, let shape), .sparseTensor(_, let shape): shape
    default: nil
    }
  }

  /// The shape of a tensor whose dimensions are all known and not negative.
  package var knownShape: Shape? {
    guard let dimensions = shape else { return nil }
    var known: [Int] = []
    for dimension in dimensions {
      guard let value = dimension.known else { return nil }
      known.append(value)
    }
    return try? Shape(known)
  }
}

extension ValueType: CustomStringConvertible {
  /// "float32[batch,3,224,224]", "seq(int64[?])".
  package var description: String {
    switch self {
    case .tensor(let type, let shape): "\(type)" + Self.text(shape)
    case .sparseTensor(let type, let shape): "sparse(\(type)\(Self.text(shape)))"
    case .sequence(let element): "seq(\(element))"
    case .optional(let element): "optional(\(element))"
    case .map(let key, let value): "map(\(key),\(value))"
    }
  }

  private static func text(_ shape: [Dimension]?) -> String {
    guard let shape else { return "[?]" }
    return "[" + shape.map(\.description).joined(separator: ",") + "]"
  }
}
