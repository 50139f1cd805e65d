/// Tensors made without a copy of their elements.
///
/// SAFETY: memory of the module is zeroed and as large as the shape asks; of foreign memory the count, the alignment and the bit patterns
/// of bools are checked, and the caller promises the rest. Lifetimes keep spans inside their closures; Swift 6.3 misses one way out, a
/// `MutableSpan` extracted from the closure's own, as it does for `Array(capacity:initializingWith:)`.
extension Tensor {
  /// A tensor whose elements `body` writes in place, in row-major order; elements that it leaves are zero (false).
  ///
  /// Throws `budgetExceeded` when there is not enough memory, and what `body` throws: write
  /// `{ (elements) throws(OnyxError) in … }` for a closure that throws, so that the typed error is kept.
  /// Complexity: O(elements).
  public init<T: TensorElement>(
    shape: Shape, of type: T.Type, initializingWith body: (inout MutableSpan<T>) throws(OnyxError) -> Void
  ) throws(OnyxError) {
    let buffer = try Buffer(byteCount: Self.byteCount(shape.elementCount, width: MemoryLayout<T>.stride))
    var span = unsafe MutableSpan(_unsafeStart: buffer.pointer.assumingMemoryBound(to: T.self), count: shape.elementCount)
    try body(&span)
    if T.elementType == .bool { buffer.normalizeBooleans() }
    self.init(elementType: T.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// A tensor whose elements a `body` that throws errors of any type writes in place; see `init(shape:of:initializingWith:)`.
  ///
  /// Throws `OnyxError.budgetExceeded` when there is not enough memory, and what `body` throws. Complexity: O(elements).
  @_disfavoredOverload
  public init<T: TensorElement>(
    shape: Shape, of type: T.Type, initializingWith body: (inout MutableSpan<T>) throws -> Void
  ) throws {
    let buffer = try Buffer(byteCount: Self.byteCount(shape.elementCount, width: MemoryLayout<T>.stride))
    var span = unsafe MutableSpan(_unsafeStart: buffer.pointer.assumingMemoryBound(to: T.self), count: shape.elementCount)
    try body(&span)
    if T.elementType == .bool { buffer.normalizeBooleans() }
    self.init(elementType: T.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// A tensor over memory that it does not copy: row-major elements that live at `elements` until `deallocator` is called.
  ///
  /// The caller promises that the memory is initialized and that nobody writes or frees it before `deallocator` runs. It runs once, on any
  /// thread, after the last tensor that shares the memory is gone; results of a run can share the memory of its inputs. It does not
  /// run when the initializer throws: the memory is still the caller's then.
  ///
  /// Throws `usage` when the number of elements is not the shape's, when the memory is not aligned for `T` and when a bool is neither
  /// 0 nor 1. Complexity: O(1), O(elements) for bools.
  @unsafe public init<T: TensorElement>(
    viewing elements: UnsafeBufferPointer<T>, shape: Shape, deallocator: @escaping @Sendable () -> Void
  ) throws(OnyxError) {
    let bytes = UnsafeRawBufferPointer(elements)
    try Self.check(elements.count, against: shape)
    guard UInt(bitPattern: bytes.baseAddress) % UInt(MemoryLayout<T>.alignment) == 0 else {
      throw .usage(
        "The memory is not aligned for \(T.elementType).",
        remedy: "Elements of that type lie at multiples of \(MemoryLayout<T>.alignment) bytes.")
    }
    if T.elementType == .bool {
      guard unsafe bytes.allSatisfy({ $0 <= 1 }) else { throw .usage("The memory holds a bool that is neither 0 nor 1.") }
    }
    let buffer = unsafe Buffer(viewing: bytes, owner: ForeignMemory(deallocator))
    self.init(elementType: T.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }
}

extension Tensor {
  /// A tensor over bytes that it does not copy, which `owner` keeps alive; or over a copy, when they are not aligned for their type or
  /// `owner` is nil. Nobody may write the bytes as long as a tensor shares them.
  ///
  /// Throws `usage` for strings, for another number of bytes than the shape has, and for a byte that is no element of a type of fewer
  /// bits; `budgetExceeded` when a copy does not fit. Complexity: O(1); O(elements) for a copy and for types of less than 8 bits.
  @unsafe package init(
    viewing bytes: UnsafeRawBufferPointer, of elementType: ElementType, shape: Shape, owner: (any AnyObject & Sendable)?
  ) throws(OnyxError) {
    guard elementType != .string else { throw .usage("Strings have no bytes to be viewed.") }
    let byteCount = try Self.byteCount(shape.elementCount, width: elementType.byteWidth)
    guard bytes.count == byteCount else {
      throw .usage("\(bytes.count) bytes were given for \(elementType)\(shape), which has \(byteCount).")
    }
    if let range = elementType.validBytes, let wrong = unsafe bytes.first(where: { !range.contains(Int8(bitPattern: $0)) }) {
      throw .usage("The byte \(wrong) is no \(elementType).")
    }
    let isAligned = UInt(bitPattern: bytes.baseAddress) % UInt(elementType.alignment) == 0
    let view = unsafe Buffer(viewing: bytes, owner: owner ?? Unowned.shared)
    let tensor = Tensor(elementType: elementType, shape: shape, storage: .bytes(view, offset: 0))
    self = owner != nil && isAligned ? tensor : try tensor.copied()
  }

  /// Stands for the owner of bytes that are copied at once.
  private final class Unowned: Sendable { static let shared = Unowned() }
}

extension ElementType {
  /// Of what address an element in memory is a multiple.
  fileprivate var alignment: Int {
    switch self {
    case .complex64, .complex128: byteWidth / 2
    default: max(byteWidth, 1)
    }
  }

  /// The bytes, as signed numbers, that are elements of a type that does not use all of them.
  fileprivate var validBytes: ClosedRange<Int8>? {
    switch self {
    case .bool: 0...1
    case .uint2: 0...3
    case .int2: -2...1
    case .uint4, .float4e2m1: 0...15
    case .int4: -8...7
    case .float6e2m3, .float6e3m2: 0...63
    default: nil
    }
  }
}

/// Memory of somebody else, given back when the last tensor over it is gone.
private final class ForeignMemory: Sendable {
  private let deallocator: @Sendable () -> Void

  init(_ deallocator: @escaping @Sendable () -> Void) { self.deallocator = deallocator }

  deinit { deallocator() }
}

extension Buffer {
  /// Makes every byte but 0 a 1: raw bytes can be written through a span of bools. For a buffer that no tensor has yet.
  fileprivate func normalizeBooleans() {
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
    for index in bytes.indices where unsafe bytes[index] > 1 { unsafe bytes[index] = 1 }
  }
}
