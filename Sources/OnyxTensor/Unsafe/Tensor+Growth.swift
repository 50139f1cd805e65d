#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Joining small tensors, and making one longer in its own memory.
///
/// SAFETY: memory is written only behind the elements of a tensor whose buffer was found to be held by nobody else, or in a buffer of
/// the function's own; what is written was counted to fit the buffer.
extension Tensor {
  /// Bytes of a result up to which tensors are joined whoever holds them.
  private static let smallJoin = 1 << 16
  /// Bytes up to which a tensor that grows by little gets memory for more than it has.
  private static let largestGrowth = 1 << 22

  /// As `concatenated`, for a small result and for a tensor that grows: when nobody but `tensors` holds the first one, and its elements
  /// come first in the result, the others are written behind them in its memory; new memory has half as much to spare then.
  ///
  /// nil for a result that is large and no growth, for strings and for tensors that cannot be joined; `tensors` are as they were then.
  /// Complexity: O(result elements); O(elements of the others), amortised, for growth.
  package static func joinedSmall(_ tensors: inout [Tensor?], axis: Int) -> Tensor? {
    guard let joint = Joint(tensors, axis: axis), case .bytes(var buffer, let offset)? = tensors[0]?.storage else { return nil }
    // Only `buffer` holds the memory while it is asked.
    tensors[0] = nil
    let isAlone = isKnownUniquelyReferenced(&buffer) && buffer.isGrowable && joint.outer == 1
    if isAlone, joint.byteCount <= buffer.byteCount - offset {
      unsafe append(tensors, to: buffer.pointer + (offset + joint.firstByteCount))
      return Tensor(elementType: joint.elementType, shape: joint.shape, storage: .bytes(buffer, offset: offset))
    }
    tensors[0] = Tensor(elementType: joint.elementType, shape: joint.firstShape, storage: .bytes(buffer, offset: offset))
    let grows = isAlone && joint.byteCount <= largestGrowth && joint.byteCount - joint.firstByteCount <= joint.byteCount / 8
    guard grows || joint.byteCount <= smallJoin else { return nil }
    let capacity = isAlone ? joint.byteCount + joint.byteCount / 2 : joint.byteCount
    guard let target = try? Buffer(uninitializedByteCount: capacity) else { return nil }
    unsafe copy(tensors, joint, to: target.pointer)
    return Tensor(elementType: joint.elementType, shape: joint.shape, storage: .bytes(target, offset: 0))
  }

  /// What tensors make together along an axis.
  private struct Joint {
    let elementType: ElementType
    let shape: Shape
    /// Rows of the result: the extents before the axis.
    let outer: Int
    let byteCount: Int
    let firstShape: Shape
    let firstByteCount: Int

    /// nil for strings, for a result without elements and for what cannot be joined.
    init?(_ tensors: [Tensor?], axis given: Int) {
      guard case let first?? = tensors.first, first.elementType != .string else { return nil }
      let rank = first.shape.rank
      guard given >= -rank, given < rank else { return nil }
      let axis = given < 0 ? given + rank : given
      var extent = 0
      for index in tensors.indices {
        guard let other = tensors[index], other.elementType == first.elementType, other.shape.rank == rank else { return nil }
        for position in 0..<rank where position != axis && other.shape[position] != first.shape[position] { return nil }
        let (sum, overflow) = extent.addingReportingOverflow(other.shape[axis])
        guard !overflow else { return nil }
        extent = sum
      }
      var dimensions = first.shape.dimensions
      dimensions[axis] = extent
      guard let shape = try? Shape(dimensions), shape.elementCount > 0,
        let byteCount = try? Tensor.byteCount(shape.elementCount, width: first.elementType.byteWidth)
      else { return nil }
      var outer = 1
      for position in 0..<axis { outer *= dimensions[position] }
      self.elementType = first.elementType
      self.shape = shape
      self.outer = outer
      self.byteCount = byteCount
      firstShape = first.shape
      firstByteCount = first.byteCount
    }
  }

  /// Writes all tensors but the first, one behind the other.
  @unsafe private static func append(_ tensors: [Tensor?], to start: UnsafeMutableRawPointer) {
    var target = unsafe start
    for index in tensors.indices.dropFirst() {
      guard let tensor = tensors[index] else { continue }
      unsafe tensor.withBytes { bytes in
        if let source = bytes.baseAddress { unsafe memcpy(target, source, bytes.count) }
        unsafe target += bytes.count
      }
    }
  }

  /// Writes the rows of all tensors in turn.
  @unsafe private static func copy(_ tensors: [Tensor?], _ joint: Joint, to target: UnsafeMutableRawPointer) {
    let stride = joint.byteCount / joint.outer
    var offset = 0
    for index in tensors.indices {
      guard let tensor = tensors[index] else { continue }
      let row = tensor.byteCount / joint.outer
      unsafe tensor.withBytes { bytes in
        guard let source = bytes.baseAddress, row > 0 else { return }
        for position in 0..<joint.outer { unsafe memcpy(target + (position * stride + offset), source + position * row, row) }
      }
      offset += row
    }
  }
}
