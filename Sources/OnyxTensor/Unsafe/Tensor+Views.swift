/// Typed views. SAFETY: `storage.bytes` holds `elementCount * byteWidth` bytes from `offset` on, aligned for the element
/// type (checked where tensors over foreign memory are made), and every `TensorElement` is `BitwiseCopyable`; a view checks that `T`
/// stores the element type, and only types of the module can say what they store (`ElementStorage`).
/// `Bool` is the one type with invalid bit patterns; loaders normalise its bytes to 0 and 1 before a tensor is made.
extension Tensor {
  /// A zero-filled tensor whose elements `fill` writes.
  package init<T: TensorElement>(of type: T.Type, shape: Shape, fill: (inout MutableSpan<T>) -> Void) throws(OnyxError) {
    let buffer = try Buffer(byteCount: Self.byteCount(shape.elementCount, width: MemoryLayout<T>.stride))
    var span = unsafe MutableSpan(_unsafeStart: buffer.pointer.assumingMemoryBound(to: T.self), count: shape.elementCount)
    fill(&span)
    self.init(elementType: T.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// A tensor with a copy of as many elements as the shape has.
  init<T: TensorElement>(copying elements: [T], shape: Shape) throws(OnyxError) {
    let buffer = try Buffer(uninitializedByteCount: Self.byteCount(shape.elementCount, width: MemoryLayout<T>.stride))
    unsafe elements.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { unsafe buffer.pointer.copyMemory(from: start, byteCount: min(bytes.count, buffer.byteCount)) }
    }
    self.init(elementType: T.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// The size of so many elements of `width` bytes. Throws `budgetExceeded` when it does not fit an `Int`.
  package static func byteCount(_ elements: Int, width: Int) throws(OnyxError) -> Int {
    let (bytes, overflow) = elements.multipliedReportingOverflow(by: width)
    guard !overflow else { throw .budget("\(elements) elements of \(width) bytes do not fit in memory.") }
    return bytes
  }

  /// The elements in row-major order, without a copy, for the duration of `body`; returns what `body` returns.
  ///
  /// Throws `usage` when `T` is not the element type, and what `body` throws: write `{ (elements) throws(OnyxError) in … }` for a
  /// closure that throws, so that the typed error is kept. Complexity: O(1) besides `body`.
  public func withElements<T: TensorElement, R>(
    of type: T.Type, _ body: (Span<T>) throws(OnyxError) -> R
  ) throws(OnyxError) -> R {
    guard case .bytes(let buffer, let offset) = storage, elementType == T.elementType else { throw readAs(T.elementType) }
    defer { withExtendedLifetime(buffer) {} }
    return try unsafe body(Span(_unsafeStart: (buffer.pointer + offset).assumingMemoryBound(to: T.self), count: elementCount))
  }

  /// The elements in row-major order, without a copy, for the duration of a `body` that throws errors of any type.
  ///
  /// Throws `OnyxError.usage` when `T` is not the element type, and what `body` throws. Complexity: O(1) besides `body`.
  @_disfavoredOverload
  public func withElements<T: TensorElement, R>(of type: T.Type, _ body: (Span<T>) throws -> R) throws -> R {
    guard case .bytes(let buffer, let offset) = storage, elementType == T.elementType else { throw readAs(T.elementType) }
    defer { withExtendedLifetime(buffer) {} }
    return try unsafe body(Span(_unsafeStart: (buffer.pointer + offset).assumingMemoryBound(to: T.self), count: elementCount))
  }

  /// The error for a tensor that is read as elements of another type.
  func readAs(_ type: ElementType) -> OnyxError {
    .usage("A tensor of \(elementType) was read as \(type).")
  }

  /// A copy of the elements in row-major order. Throws `usage` when `T` is not the element type. Complexity: O(elements).
  public func elements<T: TensorElement>(as type: T.Type) throws(OnyxError) -> [T] {
    guard case .bytes = storage, elementType == T.elementType else { throw readAs(T.elementType) }
    return unsafe withUnalignedBytes { bytes in
      unsafe [T](unsafeUninitializedCapacity: elementCount) { target, count in
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
        count = elementCount
      }
    }
  }

  /// The elements of a string tensor in row-major order. Throws `usage` for any other type. Complexity: O(1).
  public func strings() throws(OnyxError) -> [String] {
    guard case .strings(let strings) = storage else { throw readAs(.string) }
    return strings
  }

  /// One element, counted in row-major order; of a deferred copy only that element is read. `T` must be the element type and `position`
  /// below the element count.
  func unalignedElement<T: TensorElement>(at position: Int, as type: T.Type) -> T {
    precondition(elementType == T.elementType && position >= 0 && position < elementCount)
    return unsafe withUnalignedBytes { bytes in
      // SAFETY: the position is that of an element, and `T` has its width.
      unsafe bytes.loadUnaligned(fromByteOffset: position * MemoryLayout<T>.stride, as: type)
    }
  }

  /// Whether the elements of two tensors of numbers have the same bytes.
  func hasEqualBytes(to other: Tensor) -> Bool {
    unsafe withUnalignedBytes { left in unsafe other.withUnalignedBytes { right in unsafe left.elementsEqual(right) } }
  }

  /// The bytes of the elements in memory order; empty for strings.
  package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    switch storage {
    case .strings:
      return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0))
    case .bytes(let buffer, let offset):
      let result = try unsafe body(UnsafeRawBufferPointer(start: buffer.pointer + offset, count: elementCount * elementType.byteWidth))
      withExtendedLifetime(buffer) {}
      return result
    }
  }

  /// The bytes of the elements where the file has them: as `withBytes`, but not always aligned for the element type.
  /// For packing and copying: a constant read only so is never copied as a whole.
  package func withUnalignedBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    guard case .bytes(let buffer, let offset) = storage else { return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return try unsafe buffer.withUnalignedBytes { (bytes) throws(E) in
      try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + elementCount * elementType.byteWidth]))
    }
  }
}

extension Tensor {
  /// Lets go of the pages of a mapped file that hold the elements; they come back when they are read.
  package func releasePages() {
    guard case .bytes(let buffer, let offset) = storage else { return }
    buffer.releasePages(offset: offset, byteCount: elementCount * elementType.byteWidth)
  }

  /// The same elements, in memory of its own where they would be read from a mapped file: for whoever cannot tell when that is cut short.
  package func detachedFromFile() throws(OnyxError) -> Tensor {
    if case .bytes(let buffer, _) = storage, buffer.isOfFile { try copied() } else { self }
  }

  /// The same elements in memory of its own.
  package func copied() throws(OnyxError) -> Tensor {
    guard case .bytes = storage else { return self }
    let buffer = try Buffer(uninitializedByteCount: elementCount * elementType.byteWidth)
    unsafe withBytes { bytes in
      // SAFETY: the buffer was made with the byte count of this tensor.
      if let start = bytes.baseAddress { unsafe buffer.pointer.copyMemory(from: start, byteCount: bytes.count) }
    }
    return Tensor(elementType: elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }
}
