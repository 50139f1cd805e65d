extension Tensor {
  /// A tensor of rank 1 with a copy of the elements; `float32[3]` for `[1, 2, 3] as [Float]`. Complexity: O(elements).
  public init<T: TensorElement>(_ elements: [T]) throws(OnyxError) { try self.init(elements, shape: try Shape([elements.count])) }

  /// A tensor of rank 1 of strings.
  public init(_ strings: [String]) throws(OnyxError) { try self.init(strings, shape: try Shape([strings.count])) }

  /// A tensor of rank 0 that holds a string.
  public init(scalar: String) throws(OnyxError) { try self.init([scalar], shape: .scalar) }

  /// An int64 tensor of rank 1, the usual form of shapes, axes and token numbers. Complexity: O(elements).
  public init(_ values: [Int]) throws(OnyxError) { try self.init(values.map(Int64.init), shape: try Shape([values.count])) }

  /// A tensor of rank 2 from its rows; without rows the shape is [0,0].
  ///
  /// Throws `usage` when the rows have different lengths. Complexity: O(elements).
  public init<T: TensorElement>(_ rows: [[T]]) throws(OnyxError) { try self.init(NestedElements(rows)) }

  /// A tensor of rank 3 from nested arrays, outermost axis first; without elements the missing extents are 0.
  ///
  /// Throws `usage` when arrays of one depth have different lengths. Complexity: O(elements).
  public init<T: TensorElement>(_ planes: [[[T]]]) throws(OnyxError) {
    try self.init(NestedElements(planes.map { (plane) throws(OnyxError) in try NestedElements(plane) }, rank: 3))
  }

  /// A tensor of rank 4 from nested arrays, outermost axis first: a batch of pictures as [N][C][H][W]. Without elements the missing
  /// extents are 0.
  ///
  /// Throws `usage` when arrays of one depth have different lengths. Complexity: O(elements).
  public init<T: TensorElement>(_ batch: [[[[T]]]]) throws(OnyxError) {
    let parts = try batch.map { (volume) throws(OnyxError) in
      try NestedElements(volume.map { (plane) throws(OnyxError) in try NestedElements(plane) }, rank: 3)
    }
    try self.init(NestedElements(parts, rank: 4))
  }

  private init<T>(_ nested: NestedElements<T>) throws(OnyxError) { try self.init(nested.elements, shape: try Shape(nested.dimensions)) }

  /// A tensor whose elements are all 0, false or the empty string. Throws `budgetExceeded` when there is not enough memory.
  /// Complexity: O(elements).
  public static func zeros(_ type: ElementType, shape: Shape) throws(OnyxError) -> Tensor {
    // Strings take memory for each element, though they have no width.
    let width = type == .string ? MemoryLayout<String>.stride : type.byteWidth
    let byteCount = try byteCount(shape.elementCount, width: width)
    guard type == .string else {
      return Tensor(elementType: type, shape: shape, storage: .bytes(try Buffer(byteCount: byteCount), offset: 0))
    }
    guard byteCount <= Buffer.largestByteCount else { throw .budget("\(shape.elementCount) strings do not fit in memory.") }
    return try Tensor([String](repeating: "", count: shape.elementCount), shape: shape)
  }

  /// A tensor whose elements all equal `value`. Throws `budgetExceeded` when there is not enough memory. Complexity: O(elements).
  public static func filled<T: TensorElement>(with value: T, shape: Shape) throws(OnyxError) -> Tensor {
    try Tensor(shape: shape, of: T.self) { (elements) throws(OnyxError) in
      for index in elements.indices { elements[index] = value }
    }
  }
}

/// The elements of nested arrays end to end, and the extents of the arrays.
private struct NestedElements<T: TensorElement> {
  var elements: [T] = []
  let dimensions: [Int]

  init(_ rows: [[T]]) throws(OnyxError) {
    dimensions = [rows.count, rows.first?.count ?? 0]
    for (index, row) in rows.enumerated() {
      guard row.count == dimensions[1] else {
        throw .usage("The nested array is ragged: a row of \(dimensions[1]) elements stands beside row \(index) of \(row.count).")
      }
      elements += row
    }
  }

  /// Parts of equal extents behind each other; `rank` counts the new axis.
  init(_ parts: [NestedElements], rank: Int) throws(OnyxError) {
    let inner = parts.first?.dimensions ?? [Int](repeating: 0, count: rank - 1)
    dimensions = [parts.count] + inner
    for (index, part) in parts.enumerated() {
      guard part.dimensions == inner else {
        throw .usage("The nested array is ragged: a part of extents \(inner) stands beside part \(index) of \(part.dimensions).")
      }
      elements += part.elements
    }
  }
}
