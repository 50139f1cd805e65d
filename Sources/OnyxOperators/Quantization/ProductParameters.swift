import OnyxGraph
import OnyxTensor

/// Input `index`, when given, has one element.
func checkOneElement(_ context: InferenceContext, _ index: Int) throws(OnyxError) {
  guard let shape = context.optional(index)?.shape else { return }
  guard shape.allSatisfy({ $0.known == nil || $0 == 1 }) else { throw .invalid("Input \(index) of shape \(shape) must be a scalar.") }
}

/// Input `index`, when given, has one element, or one for each filter.
func checkPerFilter(_ context: InferenceContext, _ index: Int, filters: Dimension) throws(OnyxError) {
  guard let shape = context.optional(index)?.shape else { return }
  let fits = shape.count <= 1 && shape.allSatisfy { $0.known == nil || $0 == 1 || filters.known == nil || $0 == filters }
  guard fits else {
    throw .invalid("Input \(index) of shape \(shape) must be a scalar or have one element for each of \(filters) filters.")
  }
}

/// The elements less their zero point: one for all, or one for each index of the first axis.
func shifted(_ tensor: Tensor, zeroPoint: Tensor?) throws(OnyxError) -> [Int64] {
  var values = try tensor.integers()
  guard let zeroPoints = try zeroPoint?.integers(), let first = zeroPoints.first else { return values }
  let rowLength = max(1, tensor.shape.isEmpty ? 1 : tensor.shape[1...].reduce(1, *))
  for index in values.indices { values[index] -= zeroPoints.count == 1 ? first : zeroPoints[index / rowLength] }
  return values
}

/// How the quantization parameters of a matrix spread: over the rows of a left factor, over the columns of a right one.
enum MatrixSide {
  case rows, columns

  /// The parameters' shape, of a matrix of the same rank: a vector [M] becomes [M, 1] for rows.
  private func aligned(_ parameters: [Dimension]) -> [Dimension] { self == .rows && parameters.count == 1 ? parameters + [1] : parameters }

  /// Throws unless parameters of this shape are one for all or one for each row or column of `matrix`.
  func check(_ parameters: [Dimension], matrix: [Dimension]) throws(OnyxError) {
    if parameters.allSatisfy({ $0 == 1 || $0.known == nil }) { return }
    let shape = aligned(parameters)
    let shared = shape.count - (self == .rows ? 1 : 2)
    let fits =
      matrix.count >= 2 && (shared < 0 || shape[shared] == 1 || shape[shared].known == nil) && canBroadcast(shape, to: matrix)
    guard fits else {
      throw .invalid("Quantization parameters of shape \(parameters) do not fit the \(self) of a matrix of shape \(matrix).")
    }
  }

  /// Reads for each element of the matrix its element of the parameters. Throws `invalidModel` when they do not fit.
  func reader(_ parameters: Tensor, matrix: Shape) throws(OnyxError) -> ElementReader {
    let shape = parameters.shape
    if shape.elementCount == 1 { return ElementReader(try parameters.reshaped(to: .scalar), in: matrix) }
    let aligned = try Shape(self == .rows && shape.rank == 1 ? shape.dimensions + [1] : shape.dimensions)
    try aligned.checkBroadcast(to: matrix)
    return ElementReader(try parameters.reshaped(to: aligned), in: matrix)
  }

  /// The elements less their zero points, exact.
  func shifted(_ matrix: Tensor, zeroPoint: Tensor?) throws(OnyxError) -> [Double] {
    var values = try matrix.doubles()
    guard let zeroPoint else { return values }
    var points = try reader(zeroPoint, matrix: matrix.shape)
    var piece: [Double] = []
    for start in stride(from: 0, to: values.count, by: Tensor.pieceLength) {
      piece.fit(min(Tensor.pieceLength, values.count - start))
      try points.read(into: &piece)
      for index in piece.indices { values[start + index] -= piece[index] }
    }
    return values
  }
}
