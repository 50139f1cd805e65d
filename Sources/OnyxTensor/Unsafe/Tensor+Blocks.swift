/// Moving whole blocks along an axis.
extension Tensor {
  /// `count` elements along an axis from `start` on. A slice along the first axis is the same memory.
  ///
  /// Throws `internalBug` for a range outside the axis. Complexity: O(result elements), along the first axis O(1).
  package func slice(axis: Int, from start: Int, count: Int) throws(OnyxError) -> Tensor {
    guard shape.indices.contains(axis), start >= 0, count >= 0, start <= shape[axis] - count else {
      throw .bug("A slice outside a tensor was asked for.")
    }
    var dimensions = shape.dimensions
    dimensions[axis] = count
    let result = try Shape(dimensions)
    // Beside an extent of 0 the others may be of any size.
    if result.elementCount == 0 { return try .zeros(elementType, shape: result) }
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    switch storage {
    case .strings(let strings):
      let parts = (0..<outer).map { strings[($0 * shape[axis] + start) * inner..<($0 * shape[axis] + start + count) * inner] }
      return try Tensor(Array(parts.joined()), shape: result)
    case .bytes(let buffer, let offset):
      let width = inner * elementType.byteWidth
      if outer == 1 { return Tensor(elementType: elementType, shape: result, storage: .bytes(buffer, offset: offset + start * width)) }
      let target = try Buffer(uninitializedByteCount: result.elementCount * elementType.byteWidth)
      unsafe withBytes { bytes in
        guard let source = bytes.baseAddress else { return }
        for index in 0..<outer {
          // SAFETY: the range was checked to lie inside the axis.
          unsafe (target.pointer + index * count * width).copyMemory(
            from: source + (index * shape[axis] + start) * width, byteCount: count * width)
        }
      }
      return Tensor(elementType: elementType, shape: result, storage: .bytes(target, offset: 0))
    }
  }

  /// Tensors of one element type behind one another along an axis.
  ///
  /// Throws `invalidModel` when their types, ranks or other extents differ and `budgetExceeded` when the result does not fit or the work
  /// has to end.
  /// Complexity: O(result elements).
  package static func concatenated(_ tensors: [Tensor], axis: Int) throws(OnyxError) -> Tensor {
    guard let first = tensors.first, first.shape.indices.contains(axis) else { throw .bug("No tensors were given to concatenate.") }
    var dimensions = first.shape.dimensions
    for tensor in tensors.dropFirst() {
      var other = tensor.shape.dimensions
      guard tensor.elementType == first.elementType, other.count == dimensions.count else { throw differing(first, tensor) }
      let (sum, overflow) = dimensions[axis].addingReportingOverflow(other[axis])
      guard !overflow else { throw .budget("The joined tensors do not fit in memory.") }
      dimensions[axis] = sum
      other[axis] = sum
      guard other == dimensions else { throw differing(first, tensor) }
    }
    let shape = try Shape(dimensions)
    if shape.elementCount == 0 { return try .zeros(first.elementType, shape: shape) }
    let outer = shape[..<axis].reduce(1, *)
    let rows = tensors.map { $0.shape[axis...].reduce(1, *) }
    if first.elementType == .string {
      var strings: [String] = []
      for index in 0..<outer {
        for (tensor, row) in zip(tensors, rows) { strings += try tensor.strings()[index * row..<(index + 1) * row] }
      }
      return try Tensor(strings, shape: shape)
    }
    let width = first.elementType.byteWidth
    let buffer = try Buffer(uninitializedByteCount: byteCount(shape.elementCount, width: width))
    let total = rows.reduce(0, +) * width
    var offset = 0
    for (tensor, row) in zip(tensors, rows) {
      unsafe tensor.withBytes { bytes in
        guard let source = bytes.baseAddress, row > 0 else { return }
        let part = 1 << 22
        for index in 0..<outer {
          // SAFETY: the rows of all tensors add up to a row of the result, of which the buffer holds `outer`.
          let (from, to) = unsafe (source + index * row * width, buffer.pointer + index * total + offset)
          for start in stride(from: 0, to: row * width, by: part) {
            if row * width > part, WorkLimits.isOver { return }
            unsafe (to + start).copyMemory(from: from + start, byteCount: min(part, row * width - start))
          }
        }
      }
      offset += row * width
    }
    if buffer.byteCount > 1 << 22 { try WorkLimits.check() }
    return Tensor(elementType: first.elementType, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  private static func differing(_ first: Tensor, _ other: Tensor) -> OnyxError {
    .invalid("Tensors \(first.typeDescription) and \(other.typeDescription) cannot be joined along an axis.")
  }
}
