import OnyxGraph
import OnyxTensor

/// QuantizeLinear(GlobalAveragePool(DequantizeLinear(x))) for one scale and zero point each, of an x that is plain or, with `blocked`,
/// in channel blocks. Made by the optimizer only; domain `onyx`, version 1.
///
/// The sum is exact; the mean sum · (x_scale / count) and its quotient by y_scale are rounded to float32.
package struct QuantizedMean: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "QuantizedMean", domain: "onyx", versions: [1],
      inputs: [
        .required("x", "T1"), .required("x_scale", "float32"), .required("x_zero_point", "T1"), .required("y_scale", "float32"),
        .required("y_zero_point", "T2"),
      ],
      outputs: [.required("y", "T2")], types: ["T1": .bytes, "T2": .bytes]), QuantizedMean.init)

  /// Whether x is [N, ⌈C/16⌉, spatial…, 16] instead of [N, C, spatial…].
  package let isBlocked: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) { isBlocked = try attributes.flag("blocked", default: false) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    for index in [1, 2, 3, 4] { try checkOneElement(context, index) }
    guard let x = try context.shape(0) else { return [try context.tensor(4).resized(nil)] }
    let lanes = isBlocked ? 1 : 0
    guard x.count > 2 + lanes else { throw .invalid("A value of shape \(x) has no spatial axes.") }
    return [try context.tensor(4).resized(x[..<2] + Array(repeating: 1, count: x.count - 2 - lanes) + x.suffix(lanes))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, shape, point) = (try context.input(0), try context.shape().affordable(), try context.input(4))
    let values = try x.integers()
    let zeroPoint = try context.input(2).integers()[0]
    let lanes = isBlocked ? x.shape[x.shape.rank - 1] : 1
    let count = x.shape[2..<(x.shape.rank - (isBlocked ? 1 : 0))].reduce(1, *)
    let step = try context.input(1).elements(as: Float.self)[0] / Float(count)
    let scale = try context.input(3).elements(as: Float.self)[0]
    let own = try point.doubles()[0]
    return [
      try quantized(
        as: point.elementType, shape: shape, zeroPoint: own,
        quotient: { index in
          let first = index / lanes * lanes * count + index % lanes
          let sum = (0..<count).reduce(Int64(0)) { $0 + values[first + $1 * lanes] - zeroPoint }
          return Double(Float(sum) * step / scale)
        })
    ]
  }
}
