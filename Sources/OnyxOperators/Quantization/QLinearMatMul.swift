import OnyxGraph
import OnyxTensor

/// The product of two quantized matrices, quantized again. ONNX: QLinearMatMul (10, 21).
///
/// Sums are exact; they are scaled in float32 by (a_scale · b_scale) / y_scale and rounded to nearest even.
package struct QLinearMatMul: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "QLinearMatMul", versions: [10, 21],
      inputs: [
        .required("a", "T1"), .required("a_scale", "TS"), .required("a_zero_point", "T1"), .required("b", "T2"),
        .required("b_scale", "TS"), .required("b_zero_point", "T2"), .required("y_scale", "TS"), .required("y_zero_point", "T3"),
      ],
      outputs: [.required("y", "T3")],
      types: ["TS": [.float32, .float16, .bfloat16], "T1": .bytesAndFloats8, "T2": .bytesAndFloats8, "T3": .bytesAndFloats8]),
    QLinearMatMul())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try matrixProductShape(context, 0, 3)
    for (matrix, scale, side) in [(try context.shape(0), 1, MatrixSide.rows), (try context.shape(3), 4, .columns), (shape, 6, .rows)] {
      guard let matrix else { continue }
      for index in [scale, scale + 1] { if let parameters = try context.shape(index) { try side.check(parameters, matrix: matrix) } }
    }
    return [try context.tensor(7).resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    let (a, b, zeroPoint) = (try context.input(0), try context.input(3), try context.input(7))
    let layout = try MatrixProductLayout(a.shape, b.shape)
    let sums = try layout.multiply(
      MatrixSide.rows.shifted(a, zeroPoint: context.input(2)), MatrixSide.columns.shifted(b, zeroPoint: context.input(5)),
      into: shape.filled(with: 0))
    let matrices = try Shape(layout.batch.dimensions + [layout.rows, layout.columns])
    var left = try MatrixSide.rows.reader(context.input(1), matrix: matrices)
    var right = try MatrixSide.columns.reader(context.input(4), matrix: matrices)
    var own = try MatrixSide.rows.reader(context.input(6), matrix: matrices)
    var points = try MatrixSide.rows.reader(zeroPoint, matrix: matrices)
    var (columnScales, ownScales, done): ([Double], [Double], Int) = ([], [], 0)
    let y = try quantized(as: zeroPoint.elementType, shape: shape) { (quotients, zeroPoints) throws(OnyxError) in
      columnScales.fit(quotients.count)
      ownScales.fit(quotients.count)
      try left.read(into: &quotients)
      try right.read(into: &columnScales)
      try own.read(into: &ownScales)
      try points.read(into: &zeroPoints)
      for index in quotients.indices {
        let factor = Float(quotients[index]) * Float(columnScales[index]) / Float(ownScales[index])
        quotients[index] = Double(Float(sums[done + index]) * factor)
      }
      done += quotients.count
    }
    return [y]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    matrixProducts(left: inputs.first ?? nil, result: outputs.first ?? nil)
  }
}
