/// A dense, row-major array of elements of one ONNX type. Immutable after creation.
public struct Tensor: Sendable {
  package enum Storage: Sendable {
    /// Elements from `offset` on, aligned for their type.
    case bytes(Buffer, offset: Int)
    case strings([String])
  }

  /// The ONNX type of all elements.
  public let elementType: ElementType
  /// The extents, outermost first.
  public let shape: Shape
  package let storage: Storage

  package init(elementType: ElementType, shape: Shape, storage: Storage) {
    self.elementType = elementType
    self.shape = shape
    self.storage = storage
  }

  /// A tensor with a copy of the elements, which are in row-major order. Throws `usage` when their number is not the shape's.
  public init<T: TensorElement>(_ elements: [T], shape: Shape) throws(OnyxError) {
    try Self.check(elements.count, against: shape)
    try self.init(copying: elements, shape: shape)
  }

  /// A tensor of strings. Throws `usage` when their number is not the shape's.
  public init(_ strings: [String], shape: Shape) throws(OnyxError) {
    try Self.check(strings.count, against: shape)
    self.init(elementType: .string, shape: shape, storage: .strings(strings))
  }

  /// A tensor of rank 0 that holds one element.
  public init<T: TensorElement>(scalar: T) throws(OnyxError) { try self.init([scalar], shape: .scalar) }

  /// Throws `usage` when `count` is not the number of elements of `shape`.
  static func check(_ count: Int, against shape: Shape) throws(OnyxError) {
    guard count == shape.elementCount else {
      throw .usage("\(count) elements were given for the shape \(shape), which has \(shape.elementCount).")
    }
  }

  /// The number of elements: the product of the extents.
  public var elementCount: Int { shape.elementCount }

  /// Size of the elements in memory, in bytes; strings count as their UTF-8 bytes. Complexity: O(1), for strings O(elements).
  public var byteCount: Int {
    switch storage {
    case .bytes: elementCount * elementType.byteWidth
    case .strings(let strings): strings.reduce(0) { $0 + $1.utf8.count }
    }
  }

  /// What the elements take of memory, for budgets: strings count with their places in the array, and floats that nobody asked for since
  /// `widened` or `scaled` not at all. Complexity: as `byteCount`.
  package var heldByteCount: Int {
    switch storage {
    case .strings: byteCount + elementCount * MemoryLayout<String>.stride
    case .bytes(let buffer, _): buffer.isComputed ? 0 : byteCount
    }
  }

  /// The same elements in row-major order under another shape; nothing is copied. Throws `invalidModel` when the shapes have different
  /// element counts. Complexity: O(1).
  public func reshaped(to shape: Shape) throws(OnyxError) -> Tensor {
    guard shape.elementCount == elementCount else {
      throw .invalid("A tensor of shape \(self.shape) cannot be reshaped to \(shape): the element counts differ.")
    }
    return Tensor(elementType: elementType, shape: shape, storage: storage)
  }
}
