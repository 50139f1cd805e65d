import OnyxGraph
import OnyxTensor

/// (x − zero point) · scale. ONNX: DequantizeLinear (10, 13, 19, 21, 23, 24, 25, 28).
package struct DequantizeLinear: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "DequantizeLinear", versions: [10, 13, 19, 21, 23, 24, 25, 28],
      inputs: [.required("x", "T1"), .required("x_scale", "T2"), .optional("x_zero_point", "T1")], outputs: [.required("y", "T3")],
      types: [
        "T1": .quantized.union([.int32]), "T2": [.float32, .float16, .bfloat16, .float8e8m0], "T3": [.float32, .float16, .bfloat16],
      ]), DequantizeLinear.init)

  /// Which elements share a scale.
  package let granularity: Granularity
  /// nil: the type of the scale.
  package let outputType: ElementType?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    granularity = try Granularity(&attributes)
    outputType = try attributes.typeUnlessZero("output_dtype")
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type: ElementType
    if let outputType { type = outputType } else { type = try context.elementType(1) }
    guard [.float32, .float16, .bfloat16].contains(type) else {
      throw .invalid("The output would be \(type); it must be float32, float16 or bfloat16.", remedy: "Set the attribute 'output_dtype'.")
    }
    let (shape, scale) = (try context.shape(0), try context.shape(1))
    if let shape, let scale { try granularity.check(shape, scale: scale) }
    try checkZeroPoint(context.optional(2)?.shape, scale: scale)
    return [Inferred(type, shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    guard let type = context.outputs[0].elementType else { throw .bug("An output type is unknown in the run.") }
    let (x, scale) = (try context.input(0), try context.input(1))
    let walk = try granularity.walk(x.shape, scale: scale.shape)
    var (numbers, scales) = (ElementReader(x), ElementReader(scale, walk))
    var zeroPoints = context.optional(2).map { ElementReader($0, walk) }
    var piece: [Double] = []
    let y = try Tensor(floating: type, shape: x.shape) { (y: inout [Double]) throws(OnyxError) in
      piece.fit(y.count)
      try numbers.read(into: &y)
      if zeroPoints != nil {
        try zeroPoints?.read(into: &piece)
        for index in y.indices { y[index] -= piece[index] }
      }
      try scales.read(into: &piece)
      for index in y.indices { y[index] *= piece[index] }
    }
    return [y]
  }
}
