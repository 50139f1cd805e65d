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

  /// A value of this kind of which no extents are known.
  package init(_ kind: ValueKind) {
    switch kind {
    case .tensor(let type): self = .tensor(type, shape: nil)
    case .sequence(let element): self = .sequence(ValueType(element))
    case .optional(let content): self = .optional(ValueType(content))
    case .map(let key, let value): self = .map(key: key, value: ValueType(value))
    }
  }

  /// The type without extents; of a sparse tensor that of a dense one.
  package var kind: ValueKind {
    switch self {
    case .tensor(let type, _), .sparseTensor(let type, _): .tensor(type)
    case .sequence(let element): .sequence(element.kind)
    case .optional(let element): .optional(element.kind)
    case .map(let key, let value): .map(key: key, value: value.kind)
    }
  }

  /// What both types allow for: the kind of both, and the extents in which they agree. nil when the kinds differ.
  ///
  /// `unknown` names a dimension that the two have different extents for; without a name for it, not even the rank is known then.
  package func joined(_ other: ValueType, unknown: (_ axis: Int) -> Dimension? = { _ in Dimension?.none }) -> ValueType? {
    switch (self, other) {
    case (.tensor(let type, let a), .tensor(let otherType, let b)):
      guard type == otherType else { return nil }
      guard let a, let b, a.count == b.count else { return .tensor(type, shape: nil) }
      var shape: [Dimension] = []
      for (axis, (left, right)) in zip(a, b).enumerated() {
        guard let extent: Dimension = left == right ? left : unknown(axis) else { return .tensor(type, shape: nil) }
        shape.append(extent)
      }
      return .tensor(type, shape: shape)
    case (.sequence(let a), .sequence(let b)):
      guard let element = a.joined(b) else { return nil }
      return .sequence(element)
    case (.optional(let a), .optional(let b)):
      guard let content = a.joined(b) else { return nil }
      return .optional(content)
    default: return kind == other.kind ? self : nil
    }
  }

  /// The same with every dimension of the tensors inside mapped; a tensor with a dimension that maps to nil has no known rank.
  package func mappingShapes(_ map: (Dimension) -> Dimension?) -> ValueType {
    replacingShapes { shape in
      let dimensions = shape.compactMap(map)
      return dimensions.count == shape.count ? dimensions : nil
    }
  }

  /// The same with every known shape of the tensors inside replaced; nil leaves no known rank.
  package func replacingShapes(_ map: ([Dimension]) -> [Dimension]?) -> ValueType {
    switch self {
    case .tensor(let type, let shape): .tensor(type, shape: shape.flatMap(map))
    case .sparseTensor(let type, let shape): .sparseTensor(type, shape: shape.flatMap(map))
    case .sequence(let element): .sequence(element.replacingShapes(map))
    case .optional(let content): .optional(content.replacingShapes(map))
    case .map(let key, let value): .map(key: key, value: value.replacingShapes(map))
    }
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
