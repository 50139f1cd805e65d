/// Typed views. SAFETY: `storage.bytes` holds `elementCount * byteWidth` bytes from `offset` on, aligned for the element
/// type (checked where tensors over foreign memory are made), and every `TensorElement` is `BitwiseCopyable`.
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

  package static func byteCount(_ elements: Int, width: Int) throws(OnyxError) -> Int {
    let (bytes, overflow) = elements.multipliedReportingOverflow(by: width)
    guard !overflow else { throw .budget("\(elements) elements of \(width) bytes do not fit in memory.") }
    return bytes
  }

  /// The elements, for the duration of `body`. Throws `usage` when `T` is not the element type.
  public func withElements<T: TensorElement, R>(of type: T.Type, _ body: (Span<T>) -> R) throws(OnyxError) -> R {
    guard case .bytes(let buffer, let offset) = storage, elementType == T.elementType else {
      throw .usage("A tensor of \(elementType) was read as \(T.elementType).")
    }
    let result = unsafe body(Span(_unsafeStart: (buffer.pointer + offset).assumingMemoryBound(to: T.self), count: elementCount))
    withExtendedLifetime(buffer) {}
    return result
  }

  /// A copy of the elements. Throws `usage` when `T` is not the element type.
  public func elements<T: TensorElement>(as type: T.Type) throws(OnyxError) -> [T] {
    guard case .bytes = storage, elementType == T.elementType else {
      throw .usage("A tensor of \(elementType) was read as \(T.elementType).")
    }
    return unsafe withUnalignedBytes { bytes in
      unsafe [T](unsafeUninitializedCapacity: elementCount) { target, count in
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
        count = elementCount
      }
    }
  }

  /// The elements of a string tensor. Throws `usage` for any other.
  public func strings() throws(OnyxError) -> [String] {
    guard case .strings(let strings) = storage else { throw .usage("A tensor of \(elementType) was read as string.") }
    return strings
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
