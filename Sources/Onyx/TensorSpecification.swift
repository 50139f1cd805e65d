import OnyxGraph
import OnyxTensor

/// Name, element type and shape of an input or output of a graph.
public struct TensorSpecification: Sendable, Hashable, CustomStringConvertible {
  /// One extent of a shape.
  public enum Extent: Sendable, Hashable, CustomStringConvertible {
    /// This many elements.
    case fixed(Int)
    /// Any size; equal names are equal sizes.
    case symbolic(String)

    /// The size, or the name that the model gives it.
    public var description: String {
      switch self {
      case .fixed(let size): "\(size)"
      case .symbolic(let name): name
      }
    }
  }

  /// The name by which tensors are given to and taken from a run.
  public let name: String
  /// nil for a value that is no tensor or whose type the model does not say.
  public let elementType: ElementType?
  /// nil when the rank is unknown.
  public let shape: [Extent]?
  /// Whether the model has a default for this input.
  public let isOptional: Bool

  /// What a graph says of one of its inputs or outputs.
  init(_ value: Value, isOptional: Bool = false) {
    name = value.name
    elementType = value.type?.elementType
    shape = value.type?.shape?.map { dimension in dimension.known.map { .fixed($0) } ?? .symbolic(dimension.description) }
    self.isOptional = isOptional
  }

  /// "x: float32[batch,3,224,224]".
  public var description: String {
    let extents = shape.map { "[" + $0.map(\.description).joined(separator: ",") + "]" } ?? "[?]"
    return "\(name): \(elementType?.description ?? "unknown")\(extents)"
  }
}
