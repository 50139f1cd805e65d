extension Tensor {
  /// The element at `index`, one number per axis, each counted from 0.
  ///
  /// Throws `usage` when `T` is not the element type and when the index is not that of an element. Complexity: O(rank). To read many
  /// elements use `withElements(of:_:)`.
  public func element<T: TensorElement>(at index: [Int], as type: T.Type) throws(OnyxError) -> T {
    guard elementType == T.elementType else { throw readAs(T.elementType) }
    return unalignedElement(at: try position(of: index), as: type)
  }

  /// The element at `index`, one number per axis, each counted from 0: `logits[0, 7, as: Float.self]`.
  ///
  /// nil when `T` is not the element type and when the index is not that of an element; `element(at:as:)` says which.
  /// Complexity: O(rank).
  public subscript<T: TensorElement>(index: Int..., as type: T.Type) -> T? {
    try? element(at: index, as: type)
  }

  /// The part of the tensor at `index` of its first axis, as a tensor over the same memory whose shape lacks that axis: one picture of a
  /// batch, one row of a matrix.
  ///
  /// The memory lives as long as the whole tensor or any part of it. Throws `usage` for a tensor of rank 0 and for an index outside the
  /// axis. Complexity: O(rank); strings are copied.
  public func slice(at index: Int) throws(OnyxError) -> Tensor {
    guard let extent = shape.first else { throw .usage("A tensor of rank 0 has no axis to take a slice of.") }
    guard index >= 0, index < extent else {
      throw .usage("The index \(index) is outside the first axis of \(typeDescription).", remedy: Self.validRange(extent))
    }
    let part = try Shape(Array(shape.dimensions.dropFirst()))
    let start = index * part.elementCount
    switch storage {
    case .bytes(let buffer, let offset):
      return Tensor(elementType: elementType, shape: part, storage: .bytes(buffer, offset: offset + start * elementType.byteWidth))
    case .strings(let strings):
      return Tensor(elementType: .string, shape: part, storage: .strings(Array(strings[start..<start + part.elementCount])))
    }
  }

  /// The first elements in row-major order, as a tensor of rank 1 over the same memory; `count` is at most that of all.
  package func prefix(_ count: Int) throws(OnyxError) -> Tensor {
    let part = try Shape([min(count, elementCount)])
    switch storage {
    case .bytes: return Tensor(elementType: elementType, shape: part, storage: storage)
    case .strings(let strings): return Tensor(elementType: .string, shape: part, storage: .strings(Array(strings.prefix(count))))
    }
  }

  /// The place of an element in row-major order. Throws `usage` when there is no such element.
  private func position(of index: [Int]) throws(OnyxError) -> Int {
    guard index.count == shape.rank else {
      throw .usage("The index \(index) has \(index.count) numbers, and a tensor of shape \(shape) has \(shape.rank) axes.")
    }
    var position = 0
    for (axis, place) in index.enumerated() {
      guard place >= 0, place < shape[axis] else {
        throw .usage("The index \(index) is outside the shape \(shape) in axis \(axis).", remedy: Self.validRange(shape[axis]))
      }
      position = position * shape[axis] + place
    }
    return position
  }

  private static func validRange(_ extent: Int) -> String {
    extent == 0 ? "The axis is empty." : "Valid indices are 0 … \(extent - 1)."
  }
}
