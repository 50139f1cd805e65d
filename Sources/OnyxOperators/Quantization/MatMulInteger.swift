import OnyxGraph
import OnyxTensor

/// (A − a_zero_point) · (B − b_zero_point) in int32 that wraps. ONNX: MatMulInteger (10).
package struct MatMulInteger: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MatMulInteger", versions: [10],
      inputs: [.required("A", "T1"), .required("B", "T2"), .optional("a_zero_point", "T1"), .optional("b_zero_point", "T2")],
      outputs: [.required("Y", "T3")], types: ["T1": .bytes, "T2": .bytes, "T3": [.int32]]), MatMulInteger())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    for (index, side) in [(0, MatrixSide.rows), (1, .columns)] {
      if let shape = try context.shape(index), let zeroPoint = context.optional(index + 2)?.shape {
        try side.check(zeroPoint, matrix: shape)
      }
    }
    return [Inferred(.int32, try matrixProductShape(context, 0, 1))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (a, b) = (try context.input(0), try context.input(1))
    let shape = try context.shape()
    let y = try MatrixProductLayout(a.shape, b.shape).multiply(
      MatrixSide.rows.shifted(a, zeroPoint: context.optional(2)), MatrixSide.columns.shifted(b, zeroPoint: context.optional(3)),
      into: shape.filled(with: 0))
    return [try Tensor(integral: y.map { Int64($0) }, as: .int32, shape: shape)]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    matrixProducts(left: inputs.first ?? nil, result: outputs.first ?? nil)
  }
}
