/// Tensors from and to the bytes that protocols and files carry.
///
/// SAFETY: spans of bytes are read inside closures only, their sizes are checked against shapes, and targets were made with those sizes.
extension Tensor {
  /// A tensor with a copy of `bytes`: the elements of `elementType` in row-major order, in this machine's byte order and of any alignment;
  /// types of less than 8 bits take one byte each.
  ///
  /// Throws `usage` for strings, for another number of bytes than the shape has, and for a byte that is no element of its type;
  /// `budgetExceeded` when there is not enough memory. Complexity: O(elements).
  @unsafe public init(copying bytes: UnsafeRawBufferPointer, of elementType: ElementType, shape: Shape) throws(OnyxError) {
    try unsafe self.init(viewing: bytes, of: elementType, shape: shape, owner: nil)
  }

  /// The bytes of the elements in row-major order, without a copy, for the duration of `body`; none for strings. What the pointer leads to
  /// must not be used after it. Complexity: O(1) besides `body`.
  @unsafe public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try unsafe withBytes(body)
  }

  /// The tensors one behind the other along their first axis: rows of several callers as one batch.
  ///
  /// Throws `usage` without tensors, for tensors without axes, and for types or further extents that differ; `budgetExceeded` when there is
  /// not enough memory. Complexity: O(elements of all).
  public init(joining tensors: [Tensor]) throws(OnyxError) {
    guard let first = tensors.first, first.shape.rank > 0 else {
      throw .usage("There are no rows to be joined.", remedy: "Give one tensor at least, each with one axis at least.")
    }
    var count = 0
    for tensor in tensors {
      guard tensor.elementType == first.elementType, tensor.shape.rank > 0,
        tensor.shape.dimensions.dropFirst() == first.shape.dimensions.dropFirst()
      else {
        throw .usage("\(first.typeDescription) and \(tensor.typeDescription) cannot be joined: they differ behind the first axis.")
      }
      let (sum, overflow) = count.addingReportingOverflow(tensor.shape[0])
      guard !overflow else { throw .budget("The rows of \(tensors.count) tensors do not fit in memory.") }
      count = sum
    }
    let shape = try Shape([count] + first.shape.dimensions.dropFirst())
    if first.elementType == .string {
      var strings: [String] = []
      for tensor in tensors { strings += try tensor.strings() }
      try self.init(strings, shape: shape)
      return
    }
    let buffer = try Buffer(uninitializedByteCount: Self.byteCount(shape.elementCount, width: first.elementType.byteWidth))
    var offset = 0
    for tensor in tensors {
      offset += unsafe tensor.withBytes { bytes in
        if let start = bytes.baseAddress { unsafe (buffer.pointer + offset).copyMemory(from: start, byteCount: bytes.count) }
        return bytes.count
      }
    }
    self.init(elementType: first.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }
}
