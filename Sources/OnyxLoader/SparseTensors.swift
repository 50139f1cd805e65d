import OnyxGraph
import OnyxProto
import OnyxTensor

extension LoadContext {
  /// The tensors of a SparseTensorProto, their shapes and indices checked. ONNX: SparseTensorProto.
  func sparse(_ message: SparseTensorMessage) throws(OnyxError) -> SparseTensor {
    let shape = try Shape(message.dimensions.map { Int($0) })
    let values = try message.values.tensor(in: folder)
    let indices = try message.indices.tensor(in: folder)
    let sparse = SparseTensor(values: values, indices: indices, shape: shape)
    _ = try positions(of: sparse)
    return sparse
  }

  /// The same tensor with all its zeros. Throws `budgetExceeded` when the model's sparse initializers are too large.
  func dense(_ message: SparseTensorMessage) throws(OnyxError) -> Tensor {
    do throws(OnyxError) {
      let sparse = try self.sparse(message)
      try spendDenseElements(sparse.shape.elementCount)
      let zero = try sparse.values.elementType.zero()
      // Element 0 of the joined tensor is the zero, element k + 1 is value k.
      var sources = [Int](repeating: 0, count: sparse.shape.elementCount)
      for (order, position) in try positions(of: sparse).enumerated() { sources[position] = order + 1 }
      return try Tensor.joined([zero, sparse.values]).gathering(sources, shape: sparse.shape)
    } catch { throw error.about("The sparse initializer '\(message.values.name)'") }
  }

  /// Row-major positions of the values: strictly ascending and inside the shape.
  private func positions(of sparse: SparseTensor) throws(OnyxError) -> [Int] {
    let count = sparse.values.elementCount
    let rank = sparse.shape.rank
    guard sparse.values.shape.rank == 1, sparse.indices.elementType == .int64 else {
      throw .invalid("Its values must have rank 1 and its indices must be int64.")
    }
    let numbers = try sparse.indices.ints()
    let strides = sparse.shape.strides
    var result: [Int] = []
    switch sparse.indices.shape.dimensions {
    case [count]: result = numbers
    case [count, rank]:
      for entry in 0..<count {
        var position = 0
        for axis in 0..<rank {
          let index = numbers[entry * rank + axis]
          guard index >= 0, index < sparse.shape[axis] else { throw .invalid("An index of it lies outside its shape \(sparse.shape).") }
          position += index * strides[axis]
        }
        result.append(position)
      }
    default: throw .invalid("Its indices have the shape \(sparse.indices.shape); [\(count)] or [\(count),\(rank)] is needed.")
    }
    var last = -1
    for position in result {
      guard position > last, position < sparse.shape.elementCount else {
        throw .invalid("Its indices are not in ascending order or lie outside its shape \(sparse.shape).")
      }
      last = position
    }
    return result
  }
}

extension ElementType {
  /// The zero of the type, as a tensor of rank 0.
  fileprivate func zero() throws(OnyxError) -> Tensor {
    if self == .string { return try Tensor([""], shape: .scalar) }
    return Tensor(elementType: self, shape: .scalar, storage: .bytes(try Buffer(byteCount: byteWidth), offset: 0))
  }
}
