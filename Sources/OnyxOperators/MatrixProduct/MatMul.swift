import OnyxGraph
import OnyxTensor

/// Products of matrices in batches that broadcast; a vector counts as a row on the left and as a column on the right
/// (numpy.matmul). ONNX: MatMul (1, 9, 13).
package struct MatMul: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MatMul", versions: [1, 9, 13], inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("Y", "T")],
      types: ["T": .floats.union([.int32, .int64, .uint32, .uint64])]), MatMul())

  package init() {}

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [try context.tensor(0).resized(matrixProductShape(context, 0, 1))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (a, b) = (try context.input(0), try context.input(1))
    let shape = try context.shape()
    let layout = try MatrixProductLayout(a.shape, b.shape)
    // Two calls, not one by an existential: each has loops of its own.
    return [try a.elementType.isFloating ? Self.product(a, b, layout, shape, Double.self) : Self.product(a, b, layout, shape, Int64.self)]
  }

  private static func product<T: WideNumber>(
    _ a: Tensor, _ b: Tensor, _ layout: MatrixProductLayout, _ shape: Shape, _ type: T.Type
  ) throws(OnyxError) -> Tensor {
    try T.tensor(layout.multiply(T.elements(of: a), T.elements(of: b), into: shape.filled(with: T.zero)), as: a.elementType, shape: shape)
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    matrixProducts(left: inputs.first ?? nil, result: outputs.first ?? nil)
  }
}

/// The shape rule of MatMul, MatMulInteger and QLinearMatMul; nil when a rank is unknown.
func matrixProductShape(_ context: InferenceContext, _ left: Int, _ right: Int) throws(OnyxError) -> [Dimension]? {
  guard let a = try context.shape(left), let b = try context.shape(right) else { return nil }
  guard let depth = a.last, b.count >= 1 else { throw .invalid("A matrix product needs inputs of rank 1 or more.") }
  let rows = b[max(0, b.count - 2)]
  if let first = depth.known, let second = rows.known, first != second {
    throw .invalid("The matrices of shapes \(a) and \(b) cannot be multiplied: \(first) columns meet \(second) rows.")
  }
  let batch = try context.broadcast([Array(a.dropLast(2)), Array(b.dropLast(2))])
  return batch + (a.count > 1 ? [a[a.count - 2]] : []) + (b.count > 1 ? [b[b.count - 1]] : [])
}

/// Result elements times depth.
func matrixProducts(left: ValueType?, result: ValueType?) -> Dimension? {
  guard let depth = left?.shape?.last, let result = result?.shape else { return nil }
  return try? result.product() * depth
}
