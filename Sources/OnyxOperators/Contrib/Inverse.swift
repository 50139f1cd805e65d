import OnyxGraph
import OnyxTensor

/// The inverses of square matrices in batches of any rank. ONNX Runtime: com.microsoft.Inverse (1).
///
/// Computed in `Double` by Gauss–Jordan elimination with partial pivoting and rounded once. A singular matrix gives infinities or NaN.
package struct Inverse: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Inverse", domain: "com.microsoft", versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": [.float16, .float32, .float64]]), Inverse())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    guard let shape = x.shape else { return [x.resized(nil)] }
    guard shape.count >= 2 else { throw .invalid("The input has rank \(shape.count); Inverse needs matrices.") }
    try requireEqual(shape[shape.count - 2], shape[shape.count - 1], "The matrices are not square")
    return [x.resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    if x.elementCount == 0 { return [x] }
    let order = x.shape[x.shape.rank - 1]
    let size = order * order
    let values = try x.doubles()
    var y: [Double] = []
    y.reserveCapacity(values.count)
    for start in stride(from: 0, to: values.count, by: size) {
      y += Self.inverse(Array(values[start..<start + size]), order)
    }
    return [try Tensor(floating: y, as: x.elementType, shape: x.shape)]
  }

  /// Turns [A | 1] into [1 | A⁻¹]. `matrix` is row-major.
  private static func inverse(_ matrix: [Double], _ order: Int) -> [Double] {
    var a = matrix
    var result = [Double](repeating: 0, count: order * order)
    for row in 0..<order { result[row * order + row] = 1 }
    for column in 0..<order {
      var pivot = column
      for row in column..<order where a[row * order + column].magnitude > a[pivot * order + column].magnitude { pivot = row }
      let factor = 1 / a[pivot * order + column]
      for k in 0..<order {
        if pivot != column {
          a.swapAt(column * order + k, pivot * order + k)
          result.swapAt(column * order + k, pivot * order + k)
        }
        a[column * order + k] *= factor
        result[column * order + k] *= factor
      }
      for row in 0..<order where row != column {
        let multiple = a[row * order + column]
        for k in 0..<order {
          a[row * order + k] -= multiple * a[column * order + k]
          result[row * order + k] -= multiple * result[column * order + k]
        }
      }
    }
    return result
  }

  /// 2 · n³ for each matrix of n rows.
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard let shape = inputs.first??.shape, let n = shape.last else { return nil }
    return try? shape.product() * n * 2
  }
}
