import OnyxGraph
import OnyxTensor

/// The determinants of square matrices in batches of any rank. ONNX: Det (11, 22).
///
/// Computed in `Double` by LU decomposition with partial pivoting and rounded once. A matrix without rows has the determinant 1.
package struct Det: TensorOperator {
  static let definition = OperatorDefinition(
    Signature("Det", versions: [11, 22], inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats]),
    Det())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    guard let shape = x.shape else { return [x.resized(nil)] }
    guard shape.count >= 2 else { throw .invalid("The input has rank \(shape.count); Det needs matrices.") }
    try requireEqual(shape[shape.count - 2], shape[shape.count - 1], "The matrices are not square")
    return [x.resized(Array(shape.dropLast(2)))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let order = x.shape[x.shape.rank - 1]
    let size = order * order
    let values = try x.doubles()
    var y = try shape.filled(with: 1.0)
    if order > 0 {
      for matrix in y.indices { y[matrix] = try Self.determinant(Array(values[matrix * size..<(matrix + 1) * size]), order) }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  /// The product of the pivots, with the sign of the row exchanges. `matrix` is row-major.
  private static func determinant(_ matrix: [Double], _ order: Int) throws(OnyxError) -> Double {
    var a = matrix
    var result = 1.0
    var pace = WorkPace(every: 1 << 16)
    for column in 0..<order {
      var pivot = column
      for row in column..<order where isLarger(a[row * order + column], a[pivot * order + column]) { pivot = row }
      if pivot != column {
        for k in column..<order { a.swapAt(column * order + k, pivot * order + k) }
        result = -result
      }
      let divisor = a[column * order + column]
      result *= divisor
      // All elements below are 0 too.
      if divisor == 0 { continue }
      for row in column + 1..<order {
        try pace.check(after: order)
        let factor = a[row * order + column] / divisor
        for k in column + 1..<order { a[row * order + k] -= factor * a[column * order + k] }
      }
    }
    return result
  }

  /// NaN is larger than every number, so that it becomes a pivot and reaches the result.
  private static func isLarger(_ a: Double, _ b: Double) -> Bool { !b.isNaN && (a.isNaN || a.magnitude > b.magnitude) }

  /// (n − 1) · n · (2n − 1) / 6 for each matrix of n rows.
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard let n = inputs.first??.shape?.last, let count = outputs.first??.shape else { return nil }
    return try? count.product() * ((n - 1) * n * (n * 2 - 1)).dividedDown(by: 6)
  }
}
