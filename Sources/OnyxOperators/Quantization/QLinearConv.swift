import OnyxGraph
import OnyxTensor

/// The convolution of a quantized input with quantized weights, quantized again. ONNX: QLinearConv (10).
///
/// Sums are exact; they are scaled in float32 by (x_scale · w_scale) / y_scale and rounded to nearest even.
package struct QLinearConv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "QLinearConv", versions: [10],
      inputs: [
        .required("x", "T1"), .required("x_scale", "float32"), .required("x_zero_point", "T1"), .required("w", "T2"),
        .required("w_scale", "float32"), .required("w_zero_point", "T2"), .required("y_scale", "float32"),
        .required("y_zero_point", "T3"), .optional("B", "T4"),
      ],
      outputs: [.required("y", "T3")], types: ["T1": .bytes, "T2": .bytes, "T3": .bytes, "T4": [.int32]]), QLinearConv.init)

  /// The windows.
  package let window: WindowAttributes
  /// Groups that channels and filters are divided into.
  package let group: Int

  package init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(&attributes)
    group = try attributes.int("group", default: 1)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try convolutionShape(context, input: 0, weights: 3, window, group)
    for index in [1, 2, 6, 7] { try checkOneElement(context, index) }
    if let weights = try context.shape(3) {
      for index in [4, 5] { try checkPerFilter(context, index, filters: weights[0]) }
    }
    if let bias = context.optional(8)?.shape { try checkBias(bias, filters: shape?[1]) }
    return [try context.tensor(7).resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    let (x, w, zeroPoint) = (try context.input(0), try context.input(3), try context.input(7))
    let layout = try ConvolutionLayout(window, group: group, input: x.shape, weights: w.shape)
    let sums: [Int64] = try layout.convolve(
      shifted(x, zeroPoint: context.input(2)), shifted(w, zeroPoint: context.input(5)), bias: context.optional(8)?.integers(),
      into: shape.filled(with: 0))
    let point = try zeroPoint.doubles()[0]
    let inputScale = try context.input(1).elements(as: Float.self)[0]
    let outputScale = try context.input(6).elements(as: Float.self)[0]
    let factors = try context.input(4).elements(as: Float.self).map { inputScale * $0 / outputScale }
    let plane = shape[2...].reduce(1, *)
    return [
      try quantized(
        as: zeroPoint.elementType, shape: shape, zeroPoint: point,
        quotient: { Double(Float(sums[$0]) * factors[factors.count == 1 ? 0 : $0 / plane % layout.filters]) })
    ]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    convolutionProducts(weights: inputs.count > 3 ? inputs[3] : nil, result: outputs.first ?? nil)
  }
}
