import OnyxGraph
import OnyxTensor

/// (x − x_zero_point) convolved with (w − w_zero_point) in int32 that wraps; padding is the zero point.
/// ONNX: ConvInteger (10).
package struct ConvInteger: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ConvInteger", versions: [10],
      inputs: [.required("x", "T1"), .required("w", "T2"), .optional("x_zero_point", "T1"), .optional("w_zero_point", "T2")],
      outputs: [.required("y", "T3")], types: ["T1": .bytes, "T2": .bytes, "T3": [.int32]]), ConvInteger.init)

  /// The windows.
  package let window: WindowAttributes
  /// Groups that channels and filters are divided into.
  package let group: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(&attributes)
    group = try attributes.int("group", default: 1)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try convolutionShape(context, input: 0, weights: 1, window, group)
    try checkOneElement(context, 2)
    if let weights = try context.shape(1) { try checkPerFilter(context, 3, filters: weights[0]) }
    return [Inferred(.int32, shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, w) = (try context.input(0), try context.input(1))
    let shape = try context.shape()
    let y = try ConvolutionLayout(window, group: group, input: x.shape, weights: w.shape).convolve(
      shifted(x, zeroPoint: context.optional(2)), shifted(w, zeroPoint: context.optional(3)), bias: nil, into: shape.filled(with: 0))
    return [try Tensor(integral: y, as: .int32, shape: shape)]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    convolutionProducts(weights: inputs.count > 1 ? inputs[1] : nil, result: outputs.first ?? nil)
  }
}
