import OnyxGraph
import OnyxTensor

/// Name, element type and shape of an input or output of a graph.
public struct TensorSpecification: Sendable, Hashable, CustomStringConvertible {
  /// One extent of a shape.
  public enum Extent: Sendable, Hashable, CustomStringConvertible {
    /// A size that the model fixes.
    case fixed(Int)
    /// Any size; equal names are equal sizes. An extent that follows from others is an expression: "floor((h-1)/2)+1".
    case symbolic(String)

    /// The size where it is known, else the text of the dimension.
    package init(_ dimension: Dimension) { self = dimension.known.map { .fixed($0) } ?? .symbolic(dimension.description) }

    /// "224", "batch".
    public var description: String {
      switch self {
      case .fixed(let size): "\(size)"
      case .symbolic(let name): name
      }
    }
  }

  /// The name by which a run takes or returns the tensor.
  public let name: String
  /// What the value is; nil when the model does not say it.
  public let kind: ValueKind?
  /// nil when the rank is unknown.
  public let shape: [Extent]?
  /// Whether the model has a default for this input.
  public let isOptional: Bool

  /// Name and declared type of a value.
  package init(_ value: Edge, isOptional: Bool = false) { self.init(value.name, value.type, isOptional: isOptional) }

  /// `type` is nil for a value of which nothing is known.
  package init(_ name: String, _ type: ValueType?, isOptional: Bool = false) {
    self.name = name
    kind = type?.kind
    shape = type?.shape?.map { Extent($0) }
    self.isOptional = isOptional
  }

  private init(_ name: String, _ kind: ValueKind, _ shape: [Extent]?, isOptional: Bool) {
    self.name = name
    self.kind = kind
    self.shape = shape
    self.isOptional = isOptional
  }

  /// The same of another element type.
  package func with(_ type: ElementType) -> TensorSpecification {
    TensorSpecification(name, .tensor(type), shape, isOptional: isOptional)
  }

  /// nil for a value that is no tensor or whose type the model does not say.
  public var elementType: ElementType? { if case .tensor(let type)? = kind { type } else { nil } }

  /// "x: float32[batch,3,224,224]", "boxes: seq(float32)".
  public var description: String {
    if let kind, elementType == nil { return "\(name): \(kind)" }
    return "\(name): \(elementType?.description ?? "unknown")\(Self.text(shape))"
  }

  /// "[batch,3,224,224]"; "[?]" for an unknown rank.
  static func text(_ shape: [Extent]?) -> String { shape.map { "[" + $0.map(\.description).joined(separator: ",") + "]" } ?? "[?]" }
}

/// A number, or the name of a dynamic dimension.
extension TensorSpecification.Extent: Codable {
  /// Reads a number or a name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let size = try? container.decode(Int.self) { self = .fixed(size) } else { self = .symbolic(try container.decode(String.self)) }
  }

  /// Writes a number or a name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .fixed(let size): try container.encode(size)
    case .symbolic(let name): try container.encode(name)
    }
  }
}

/// `{"name","type","shape"}` with null for what is not known, and `"optional": true` for an input with a default.
extension TensorSpecification: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, shape
    case kind = "type"
    case isOptional = "optional"
  }

  /// Reads the form that `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    shape = try container.decodeIfPresent([Extent].self, forKey: .shape)
    isOptional = try container.decodeIfPresent(Bool.self, forKey: .isOptional) ?? false
    let type = try container.decodeIfPresent(String.self, forKey: .kind)
    kind = type.flatMap { ValueKind($0) }
    if let type, kind == nil {
      throw DecodingError.dataCorruptedError(forKey: .kind, in: container, debugDescription: "There is no type '\(type)'.")
    }
  }

  /// Writes `{"name","type","shape"}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(kind?.description, forKey: .kind)
    try container.encode(shape, forKey: .shape)
    if isOptional { try container.encode(true, forKey: .isOptional) }
  }
}
