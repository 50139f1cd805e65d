import OnyxGraph
import OnyxTensor

/// The product of quantized matrices over the last axis of `a`: v = (a − a_zero) · (b − b_zero) · (a_scale · b_scale) + C, and
/// with an output scale round(v / y_scale) + y_zero, saturated. Made by the optimizer only; domain `onyx`, version 1.
///
/// Sums are exact; each later step is rounded to float32. b is [K, N], or [N, K] with `trans_b`; its scale and zero point are
/// one number or N. C is one number or N.
package struct QuantizedGemm: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "QuantizedGemm", domain: "onyx", versions: [1],
      inputs: [
        .required("a", "T1"), .required("a_scale", "float32"), .required("a_zero_point", "T1"), .required("b", "T2"),
        .required("b_scale", "float32"), .required("b_zero_point", "T2"), .optional("y_scale", "float32"), .optional("y_zero_point", "T3"),
        .optional("C", "float32"),
      ],
      outputs: [.required("y", "T4")],
      types: ["T1": .bytes, "T2": .bytes, "T3": .bytes, "T4": [.int8, .uint8, .float32]]), QuantizedGemm.init)

  /// Whether b is given as [N, K].
  package let transposesB: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    transposesB = try attributes.flag("trans_b", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard context.has(6) == context.has(7) else { throw .invalid("The output needs a scale and a zero point, or neither.") }
    for index in [1, 2, 6, 7] { try checkOneElement(context, index) }
    let type = try context.optional(7) == nil ? .float32 : context.elementType(7)
    guard let a = try context.shape(0), let b = try context.shape(3) else { return [Inferred(type, nil)] }
    guard let depth = a.last, b.count == 2 else { throw .invalid("The shapes \(a) and \(b) are those of no product.") }
    let (rows, columns) = transposesB ? (b[1], b[0]) : (b[0], b[1])
    if let depth = depth.known, let rows = rows.known, depth != rows {
      throw .invalid("The matrices of shapes \(a) and \(b) cannot be multiplied.")
    }
    for index in [4, 5, 8] {
      if let shape = context.optional(index)?.shape { try checkVector(shape, of: columns, input: index) }
    }
    return [Inferred(type, a.dropLast() + [columns])]
  }

  private func checkVector(_ shape: [Dimension], of columns: Dimension, input: Int) throws(OnyxError) {
    let fits =
      shape.allSatisfy { $0.known == nil || $0 == 1 }
      || shape.count == 1 && (columns.known == nil || shape[0].known == nil || shape[0] == columns)
    guard fits else { throw .invalid("Input \(input) of shape \(shape) must have one element, or one for each of \(columns) columns.") }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    let (a, b) = (try context.input(0), try context.input(3))
    let (depth, columns) = (a.shape[a.shape.rank - 1], shape[shape.rank - 1])
    let scales = try context.input(4).elements(as: Float.self)
    let left = try shifted(a, zeroPoint: context.input(2))
    let right = try b.integers()
    let points = try context.input(5).integers()
    let aScale = try context.input(1).elements(as: Float.self)[0]
    let addend = try context.optional(8)?.elements(as: Float.self)
    var values: [Float] = try shape.filled(with: 0)
    for index in values.indices {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      var sum: Int64 = 0
      for k in 0..<depth {
        sum +=
          left[row * depth + k] * (right[transposesB ? column * depth + k : k * columns + column] - points[points.count == 1 ? 0 : column])
      }
      values[index] = Float(sum) * (aScale * scales[scales.count == 1 ? 0 : column])
      if let addend { values[index] += addend[addend.count == 1 ? 0 : column] }
    }
    guard let zeroPoint = context.optional(7) else { return [try Tensor(values, shape: shape)] }
    let (scale, point) = (try context.input(6).elements(as: Float.self)[0], try zeroPoint.doubles()[0])
    return [try quantized(as: zeroPoint.elementType, shape: shape, zeroPoint: point, quotient: { Double(values[$0] / scale) })]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    matrixProducts(left: inputs.first ?? nil, result: outputs.first ?? nil)
  }
}
