import OnyxGraph
import OnyxTensor

/// saturate(round(x / scale) + zero point). ONNX: QuantizeLinear (10, 13, 19, 21, 23, 24, 25, 28).
package struct QuantizeLinear: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "QuantizeLinear", versions: [10, 13, 19, 21, 23, 24, 25, 28],
      inputs: [.required("x", "T1"), .required("y_scale", "T2"), .optional("y_zero_point", "T3")], outputs: [.required("y", "T3")],
      types: [
        "T1": [.float32, .float16, .bfloat16, .int32], "T2": [.float32, .float16, .bfloat16, .int32, .float8e8m0], "T3": .quantized,
      ]), QuantizeLinear.init)

  /// Which elements share a scale.
  package let granularity: Granularity
  /// Whether a float8 result past the greatest number becomes that number.
  package let saturates: Bool
  /// nil: the type of the zero point, or uint8.
  package let outputType: ElementType?
  /// The type that the quotient is rounded to; nil: the type of the scale.
  package let precision: ElementType?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    granularity = try Granularity(&attributes)
    saturates = try attributes.flag("saturate", default: true)
    outputType = try attributes.typeUnlessZero("output_dtype")
    precision = try attributes.typeUnlessZero("precision")
    if let outputType, !Set.quantized.contains(outputType) {
      throw .invalid("The attribute 'output_dtype' is \(outputType), which is no quantized type.")
    }
    if let precision, !Set.floats.contains(precision) {
      throw .invalid("The attribute 'precision' is \(precision); it must be a floating type of at least 16 bits.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let given = context.optional(2)?.elementType
    if let given, let outputType, given != outputType {
      throw .invalid("The attribute 'output_dtype' is \(outputType), but the zero point is \(given).")
    }
    let shape = try context.shape(0)
    let scale = try context.shape(1)
    if let shape, let scale { try granularity.check(shape, scale: scale) }
    try checkZeroPoint(context.optional(2)?.shape, scale: scale)
    return [Inferred(given ?? outputType ?? .uint8, shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let type = context.outputs[0].elementType ?? .uint8
    let (x, scaleTensor) = (try context.input(0), try context.input(1))
    // Division of integers, and by powers of two, has no type of its own: it is exact enough in Double.
    let scaleType = scaleTensor.elementType
    let precision = precision ?? (scaleType == .int32 || scaleType == .float8e8m0 ? .float64 : scaleType)
    let walk = try granularity.walk(x.shape, scale: scaleTensor.shape)
    var (numbers, scales) = (ElementReader(x), ElementReader(scaleTensor, walk))
    var points = context.optional(2).map { ElementReader($0, walk) }
    var divisors: [Double] = []
    let y = try quantized(as: type, shape: x.shape, saturates: saturates) { (quotients, zeroPoints) throws(OnyxError) in
      divisors.fit(quotients.count)
      try numbers.read(into: &quotients)
      try scales.read(into: &divisors)
      try precision.round(&quotients)
      try precision.round(&divisors)
      for index in quotients.indices { quotients[index] /= divisors[index] }
      try precision.round(&quotients)
      // Without zero points they stay 0.
      try points?.read(into: &zeroPoints)
    }
    return [y]
  }
}
