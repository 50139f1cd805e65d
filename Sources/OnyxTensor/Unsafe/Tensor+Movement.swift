/// Moving elements without looking at them: one generic loop per element width, and one for strings.
extension Tensor {
  /// A tensor whose element `i` is element `indices[i]` of this one.
  ///
  /// Throws `internalBug` for an index outside the tensor: operators check their indices first.
  /// Complexity: O(result elements).
  package func gathering(_ indices: [Int], shape: Shape) throws(OnyxError) -> Tensor {
    guard indices.count == shape.elementCount else { throw Self.wrongIndices }
    let piece = 1 << 16
    return try gathering(shape: shape) { (take) throws(OnyxError) in
      if indices.count <= piece { return try take(indices) }
      for start in stride(from: 0, to: indices.count, by: piece) { try take(Array(indices[start..<min(start + piece, indices.count)])) }
    }
  }

  /// As `gathering(_:shape:)`; `walk` gives the indices of the result's elements piece by piece, so that they need not all be held at once.
  /// The index -1 stands for the one element of `fill`, which has this tensor's element type.
  package func gathering(
    shape: Shape, fill: Tensor? = nil, _ walk: (_ take: ([Int]) throws(OnyxError) -> Void) throws(OnyxError) -> Void
  ) throws(OnyxError) -> Tensor {
    let (bound, least, count) = (elementCount, fill == nil ? 0 : -1, shape.elementCount)
    guard fill.map({ $0.elementType == elementType && $0.elementCount == 1 }) ?? true else { throw Self.wrongIndices }
    if case .strings(let strings) = storage {
      let blank = try fill?.strings().first ?? ""
      var result: [String] = []
      try walk { (indices) throws(OnyxError) in
        guard indices.allSatisfy({ $0 >= least && $0 < bound }) else { throw Self.wrongIndices }
        result += indices.map { $0 < 0 ? blank : strings[$0] }
      }
      return try Tensor(result, shape: shape)
    }
    let buffer = try Buffer(uninitializedByteCount: try Self.byteCount(count, width: elementType.byteWidth))
    var done = 0
    var pace = WorkPace(every: 1 << 16)
    try walk { (indices) throws(OnyxError) in
      try pace.check(after: indices.count)
      guard indices.count <= count - done, indices.allSatisfy({ $0 >= least && $0 < bound }) else { throw Self.wrongIndices }
      switch elementType.byteWidth {
      case 1: move(UInt8.self, indices, fill, to: buffer, at: done)
      case 2: move(UInt16.self, indices, fill, to: buffer, at: done)
      case 4: move(UInt32.self, indices, fill, to: buffer, at: done)
      case 8: move(UInt64.self, indices, fill, to: buffer, at: done)
      default: move(Complex128.self, indices, fill, to: buffer, at: done)
      }
      done += indices.count
    }
    guard done == count else { throw Self.wrongIndices }
    return Tensor(elementType: elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  private static var wrongIndices: OnyxError {
    .bug("An element index is outside its tensor, or the shape is not that of the indices.")
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

  /// SAFETY: every index is below the element count, and not negative without `fill`, checked by the caller; `buffer` holds the words from
  /// `start` on.
  private func move<Word: BitwiseCopyable>(_ type: Word.Type, _ indices: [Int], _ fill: Tensor?, to buffer: Buffer, at start: Int) {
    unsafe withBytes { bytes in
      let source = unsafe bytes.bindMemory(to: type)
      let target = unsafe buffer.pointer.assumingMemoryBound(to: type) + start
      guard let fill else {
        for (position, index) in indices.enumerated() { unsafe target[position] = source[index] }
        return
      }
      unsafe fill.withBytes { blank in
        let blank = unsafe blank.bindMemory(to: type)
        for (position, index) in indices.enumerated() { unsafe target[position] = index < 0 ? blank[0] : source[index] }
      }
    }
  }
}
