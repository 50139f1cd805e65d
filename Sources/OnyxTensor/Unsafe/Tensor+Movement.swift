/// Moving elements without looking at them: one generic loop per element width, and one for strings.
extension Tensor {
  /// A tensor whose element `i` is element `indices[i]` of this one.
  ///
  /// Throws `internalBug` for an index outside the tensor: operators check their indices first.
  /// Complexity: O(result elements).
  package func gathering(_ indices: [Int], shape: Shape) throws(OnyxError) -> Tensor {
    let bound = elementCount
    guard indices.count == shape.elementCount, indices.allSatisfy({ $0 >= 0 && $0 < bound }) else {
      throw .bug("An element index is outside its tensor, or the shape is not that of the indices.")
    }
    if case .strings(let strings) = storage { return try Tensor(indices.map { strings[$0] }, shape: shape) }
    let buffer = try Buffer(uninitializedByteCount: try Self.byteCount(indices.count, width: elementType.byteWidth))
    switch elementType.byteWidth {
    case 1: move(UInt8.self, indices, to: buffer)
    case 2: move(UInt16.self, indices, to: buffer)
    case 4: move(UInt32.self, indices, to: buffer)
    case 8: move(UInt64.self, indices, to: buffer)
    default: move(Complex128.self, indices, to: buffer)
    }
    return Tensor(elementType: elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// The elements of all tensors end to end, as a tensor of rank 1: `gathering` over it moves elements of several tensors.
  ///
  /// Throws when the element types differ. Complexity: O(elements).
  package static func joined(_ sources: [Tensor]) throws(OnyxError) -> Tensor {
    guard let first = sources.first else { throw .bug("No tensors were given to join.") }
    guard sources.allSatisfy({ $0.elementType == first.elementType }) else {
      throw .invalid("Tensors of different element types were given: \(sources.map { "\($0.elementType)" }.joined(separator: ", ")).")
    }
    var count = 0
    for source in sources {
      let (sum, overflow) = count.addingReportingOverflow(source.elementCount)
      guard !overflow else { throw .budget("The joined tensors do not fit in memory.") }
      count = sum
    }
    let shape = try Shape([count])
    if first.elementType == .string {
      var strings: [String] = []
      for source in sources { strings += try source.strings() }
      return try Tensor(strings, shape: shape)
    }
    let buffer = try Buffer(uninitializedByteCount: try byteCount(count, width: first.elementType.byteWidth))
    var offset = 0
    for source in sources {
      unsafe source.withBytes { bytes in
        // SAFETY: the offsets add up to the buffer's size.
        if let start = bytes.baseAddress { unsafe (buffer.pointer + offset).copyMemory(from: start, byteCount: bytes.count) }
        offset += bytes.count
      }
    }
    return Tensor(elementType: first.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// SAFETY: every index is below the element count, checked by the caller; `buffer` holds `indices.count` words.
  private func move<Word: BitwiseCopyable>(_ type: Word.Type, _ indices: [Int], to buffer: Buffer) {
    unsafe withBytes { bytes in
      let source = unsafe bytes.bindMemory(to: type)
      let target = unsafe buffer.pointer.bindMemory(to: type, capacity: indices.count)
      for (position, index) in indices.enumerated() { unsafe target[position] = source[index] }
    }
  }
}
