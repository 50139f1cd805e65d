/// Tensors of one type and shape, one behind the other in memory: what a Loop or Scan collects over its iterations.
///
/// SAFETY: the buffer belongs to the stack alone until `tensor()` gives it away, and rows are written behind one another, each into
/// bytes that were checked to be there.
@safe package struct TensorStack {
  private let type: ElementType
  private let row: Shape
  private var buffer: Buffer?
  private var strings: [String] = []
  private var rowByteCount = 0
  private var stringByteCount = 0
  /// Rows so far.
  package private(set) var count = 0

  /// Memory for more than this is taken as rows come, whatever a model says of their number.
  private static let firstByteCount = 1 << 20

  /// A stack of rows like `first`; `capacity` is the number of rows to come where it is known.
  package init(like first: Tensor, capacity: Int?) throws(OnyxError) {
    try self.init(first.elementType, row: first.shape, capacity: capacity)
  }

  /// As `init(like:capacity:)`, for rows of this type and shape.
  package init(_ type: ElementType, row: Shape, capacity: Int?) throws(OnyxError) {
    self.type = type
    self.row = row
    guard type != .string else { return }
    rowByteCount = try Tensor.byteCount(row.elementCount, width: type.byteWidth)
    let rows = max(1, min(capacity ?? 1, Self.firstByteCount / max(1, rowByteCount)))
    buffer = try Buffer(uninitializedByteCount: Tensor.byteCount(rows, width: rowByteCount))
  }

  /// Bytes that the stack holds; strings count with their UTF-8.
  package var byteCount: Int { buffer?.byteCount ?? stringByteCount }

  /// Puts a copy behind the others. Throws `invalidModel` for another type or shape and `budgetExceeded` when memory ends.
  /// Complexity: O(elements), amortised.
  package mutating func append(_ tensor: Tensor) throws(OnyxError) {
    guard tensor.elementType == type, tensor.shape == row else {
      throw .invalid(
        "An iteration gave \(tensor.typeDescription), an earlier one \(type)\(row).",
        remedy: "The results that a loop collects must have one shape."
      )
    }
    if type == .string {
      count += 1
      strings += try tensor.strings()
      stringByteCount += tensor.heldByteCount
      return
    }
    let target = try unsafe nextRow()
    unsafe tensor.withBytes { bytes in
      if let start = bytes.baseAddress { unsafe target.copyMemory(from: start, byteCount: rowByteCount) }
    }
  }

  /// Puts a copy of the row at `bytes` behind the others; not for strings. Returns whether the stack took memory for it.
  @unsafe package mutating func append(copying bytes: UnsafeRawPointer) throws(OnyxError) -> Bool {
    let before = byteCount
    try unsafe nextRow().copyMemory(from: bytes, byteCount: rowByteCount)
    return byteCount != before
  }

  /// Memory for one more row.
  @unsafe private mutating func nextRow() throws(OnyxError) -> UnsafeMutableRawPointer {
    count += 1
    let needed = try Tensor.byteCount(count, width: rowByteCount)
    if let buffer, buffer.byteCount < needed { try grow(buffer, to: needed) }
    guard let buffer else { throw .bug("A stack has no memory.") }
    return unsafe buffer.pointer + (needed - rowByteCount)
  }

  private mutating func grow(_ old: Buffer, to needed: Int) throws(OnyxError) {
    let (doubled, overflow) = needed.multipliedReportingOverflow(by: 2)
    let larger = try Buffer(uninitializedByteCount: overflow ? needed : doubled)
    unsafe larger.pointer.copyMemory(from: old.pointer, byteCount: needed - rowByteCount)
    buffer = larger
  }

  /// All rows as one tensor of shape [count] + row; the stack is empty after it.
  package consuming func tensor() throws(OnyxError) -> Tensor {
    let shape = try Shape([count] + row.dimensions)
    guard let buffer else { return Tensor(elementType: type, shape: shape, storage: .strings(strings)) }
    return Tensor(elementType: type, shape: shape, storage: .bytes(buffer, offset: 0))
  }
}

extension Tensor {
  /// Element `index` along the first axis: a tensor of one rank less over the same memory. Throws `bug` outside the axis.
  package func row(_ index: Int) throws(OnyxError) -> Tensor {
    guard shape.rank > 0, index >= 0, index < shape[0] else { throw .bug("A row outside a tensor was asked for.") }
    let row = try Shape(Array(shape.dimensions.dropFirst()))
    switch storage {
    case .strings(let strings):
      let first = index * row.elementCount
      return Tensor(elementType: elementType, shape: row, storage: .strings(Array(strings[first..<first + row.elementCount])))
    case .bytes(let buffer, let offset):
      return Tensor(
        elementType: elementType, shape: row, storage: .bytes(buffer, offset: offset + index * row.elementCount * elementType.byteWidth))
    }
  }
}
