import OnyxTensor

/// A window of a buffer, usually of a mapped file. Keeps the buffer alive; reads are checked.
package struct ByteSlice: Sendable {
  package let buffer: Buffer
  package let offset: Int
  package let count: Int

  package init(_ buffer: Buffer) {
    self.buffer = buffer
    offset = 0
    count = buffer.byteCount
  }

  /// A copy of the bytes of `words`. Throws `budgetExceeded` when there is no memory for it.
  package init<T: BitwiseCopyable>(copying words: [T]) throws(OnyxError) {
    let buffer = try Buffer(uninitializedByteCount: words.count * MemoryLayout<T>.stride)
    unsafe words.withUnsafeBytes { source in
      // SAFETY: the buffer was made with the size of the array.
      if let start = source.baseAddress { unsafe buffer.pointer.copyMemory(from: start, byteCount: source.count) }
    }
    self.init(buffer)
  }

  /// The same bytes in memory of their own. Throws `budgetExceeded` when there is none.
  package func copied() throws(OnyxError) -> ByteSlice {
    let copy = try Buffer(uninitializedByteCount: count)
    unsafe withBytes { bytes in
      // SAFETY: the buffer was made with the size of the slice.
      if let start = bytes.baseAddress { unsafe copy.pointer.copyMemory(from: start, byteCount: bytes.count) }
    }
    return ByteSlice(copy)
  }

  private init(buffer: Buffer, offset: Int, count: Int) {
    self.buffer = buffer
    self.offset = offset
    self.count = count
  }

  /// The part from `offset` on; nil when it leaves the slice.
  package func slice(offset: Int, count: Int) -> ByteSlice? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
    return ByteSlice(buffer: buffer, offset: self.offset + offset, count: count)
  }

  /// The first `count` bytes, fewer when there are fewer.
  package func prefix(_ count: Int) -> [UInt8] {
    unsafe withBytes { bytes in unsafe Array(bytes.prefix(Swift.max(0, count))) }
  }

  /// The bytes, not aligned for any type.
  func withBytes<R, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> R) throws(Failure) -> R {
    try unsafe buffer.withUnalignedBytes { (bytes) throws(Failure) in
      // SAFETY: every slice is made inside its buffer.
      try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
    }
  }

  /// Whether the first byte lies at a multiple of `alignment` in memory.
  func isAligned(to alignment: Int) -> Bool {
    unsafe withBytes { bytes in UInt(bitPattern: bytes.baseAddress) % UInt(Swift.max(alignment, 1)) == 0 }
  }
}
