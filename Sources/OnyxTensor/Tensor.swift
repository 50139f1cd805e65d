/// A dense, row-major array of elements of one ONNX type. Immutable after creation.
public struct Tensor: Sendable {
  package enum Storage: Sendable {
    /// Elements from `offset` on, aligned for their type.
    case bytes(Buffer, offset: Int)
    case strings([String])
  }

  public let elementType: ElementType
  public let shape: Shape
  package let storage: Storage

  package init(elementType: ElementType, shape: Shape, storage: Storage) {
    self.elementType = elementType
    self.shape = shape
    self.storage = storage
  }

  /// A tensor of the given elements in row-major order. Throws `usage` when their number is not the shape's.
  public init<T: TensorElement>(_ elements: [T], shape: Shape) throws(OnyxError) {
    try Self.check(elements.count, against: shape)
    try self.init(copying: elements, shape: shape)
  }

  /// A tensor of strings. Throws `usage` when their number is not the shape's.
  public init(_ strings: [String], shape: Shape) throws(OnyxError) {
    try Self.check(strings.count, against: shape)
    self.init(elementType: .string, shape: shape, storage: .strings(strings))
  }

  /// A tensor of rank 0.
  public init<T: TensorElement>(scalar: T) throws(OnyxError) { try self.init([scalar], shape: .scalar) }

  private static func check(_ count: Int, against shape: Shape) throws(OnyxError) {
    guard count == shape.elementCount else {
      throw .usage("\(count) elements were given for the shape \(shape), which has \(shape.elementCount).")
    }
  }

  public var elementCount: Int { shape.elementCount }

  /// Size of the elements in memory; strings count as their UTF-8 bytes.
  public var byteCount: Int {
    switch storage {
    case .bytes: elementCount * elementType.byteWidth
    case .strings(let strings): strings.reduce(0) { $0 + $1.utf8.count }
    }
  }

  /// The same elements under another shape of the same element count; nothing is copied.
  public func reshaped(to shape: Shape) throws(OnyxError) -> Tensor {
    guard shape.elementCount == elementCount else {
      throw .invalid("A tensor of shape \(self.shape) cannot be reshaped to \(shape): the element counts differ.")
    }
    return Tensor(elementType: elementType, shape: shape, storage: storage)
  }

  /// "float32[1,8,4]".
  public var typeDescription: String { "\(elementType)\(shape)" }
}
