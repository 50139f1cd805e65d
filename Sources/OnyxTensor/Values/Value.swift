/// What a value is, without extents: ONNX's TypeProto but for shapes.
public indirect enum ValueKind: Sendable, Hashable {
  /// A tensor of elements of this type.
  case tensor(ElementType)
  /// Values of one kind in an order.
  case sequence(ValueKind)
  /// A value of this kind, or none.
  case optional(ValueKind)
  /// Values by keys, which are int64 or strings.
  case map(key: ElementType, value: ValueKind)
}

/// What a run takes and gives: a tensor, or one of ONNX's other kinds of values.
///
/// Empty sequences and optionals know what they would hold.
public enum Value: Sendable {
  /// A tensor.
  case tensor(Tensor)
  /// Values of one kind in an order.
  case sequence(of: ValueKind, [Value])
  /// A value of this kind, or none.
  indirect case optional(of: ValueKind, Value?)
  /// Values by keys.
  case map(MapValue)
}

extension Value {
  /// What the value is.
  public var kind: ValueKind {
    switch self {
    case .tensor(let tensor): .tensor(tensor.elementType)
    case .sequence(let element, _): .sequence(element)
    case .optional(let element, _): .optional(element)
    case .map(let map): .map(key: map.keys.elementType, value: .tensor(map.values.elementType))
    }
  }

  /// The tensor. Throws `usage` for a value of another kind.
  public func tensor() throws(OnyxError) -> Tensor {
    guard case .tensor(let tensor) = self else { throw .usage("A value of kind \(kind) was read as a tensor.") }
    return tensor
  }

  /// The values of a sequence. Throws `usage` for a value of another kind.
  public func sequence() throws(OnyxError) -> [Value] {
    guard case .sequence(_, let values) = self else { throw .usage("A value of kind \(kind) was read as a sequence.") }
    return values
  }

  /// A sequence of tensors, which have this element type. Throws `usage` for a tensor of another type.
  public static func tensors(_ tensors: [Tensor], of type: ElementType) throws(OnyxError) -> Value {
    for tensor in tensors where tensor.elementType != type {
      throw .usage("A tensor of \(tensor.elementType) was put into a sequence of \(type).")
    }
    return .sequence(of: .tensor(type), tensors.map { .tensor($0) })
  }

  /// Bytes of the elements of all tensors inside. Complexity: O(tensors).
  public var byteCount: Int {
    switch self {
    case .tensor(let tensor): tensor.byteCount
    case .sequence(_, let values): values.reduce(0) { $0 &+ $1.byteCount }
    case .optional(_, let value): value?.byteCount ?? 0
    case .map(let map): map.keys.byteCount &+ map.values.byteCount
    }
  }

  /// What the value takes of memory, for budgets: each tensor with its strings' places, and each value of a sequence with its own.
  /// Complexity: O(tensors), for strings O(elements).
  package var heldByteCount: Int {
    switch self {
    case .tensor(let tensor): tensor.heldByteCount
    case .sequence(_, let values): values.reduce(values.count * MemoryLayout<Value>.stride) { $0 &+ $1.heldByteCount }
    case .optional(_, let value): value?.heldByteCount ?? 0
    case .map(let map): map.keys.heldByteCount &+ map.values.heldByteCount
    }
  }
}

extension Value {
  /// Every tensor inside with a name: "y" of a tensor and of what an optional holds, "y[0]" of an element of a sequence, "y.keys" and
  /// "y.values" of a map.
  public func tensors(named name: String) -> [(name: String, tensor: Tensor)] {
    switch self {
    case .tensor(let tensor): [(name, tensor)]
    case .sequence(_, let values): values.enumerated().flatMap { $1.tensors(named: "\(name)[\($0)]") }
    case .optional(_, let value): value?.tensors(named: name) ?? []
    case .map(let map): [("\(name).keys", map.keys), ("\(name).values", map.values)]
    }
  }
}

extension ValueKind: LosslessStringConvertible {
  /// The kind that `description` writes so; nil for any other text, and for kinds within kinds more than 8 deep.
  public init?(_ description: String) {
    guard description.utf8.count(where: { $0 == UInt8(ascii: "(") }) <= 8 else { return nil }
    func inner(_ name: String) -> Substring? {
      description.hasPrefix(name + "(") && description.hasSuffix(")") ? description.dropFirst(name.count + 1).dropLast() : nil
    }
    if let type = ElementType.allCases.first(where: { $0.description == description }) {
      self = .tensor(type)
    } else if let element = inner("seq").flatMap({ ValueKind(String($0)) }) {
      self = .sequence(element)
    } else if let content = inner("optional").flatMap({ ValueKind(String($0)) }) {
      self = .optional(content)
    } else if let parts = inner("map")?.split(separator: ",", maxSplits: 1), parts.count == 2,
      case .tensor(let key)? = ValueKind(String(parts[0])), let value = ValueKind(String(parts[1]))
    {
      self = .map(key: key, value: value)
    } else {
      return nil
    }
  }

  /// "float32", "seq(int64)", "optional(seq(float32))", "map(string,float32)".
  public var description: String {
    switch self {
    case .tensor(let type): "\(type)"
    case .sequence(let element): "seq(\(element))"
    case .optional(let element): "optional(\(element))"
    case .map(let key, let value): "map(\(key),\(value))"
    }
  }
}

extension Value: CustomStringConvertible {
  /// "float32[2,3]"; "seq(float32) of 4"; "optional(int64): none".
  public var description: String {
    switch self {
    case .tensor(let tensor): tensor.typeDescription
    case .sequence(_, let values): "\(kind) of \(values.count)"
    case .optional(_, let value): "\(kind): " + (value?.description ?? "none")
    case .map(let map): "\(kind) of \(map.keys.elementCount)"
    }
  }
}
