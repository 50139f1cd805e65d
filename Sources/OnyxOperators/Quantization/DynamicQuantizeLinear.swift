import OnyxGraph
import OnyxTensor

/// Quantizes to uint8 with the scale and zero point that the input's own range gives. ONNX: DynamicQuantizeLinear (11).
///
/// An input of zeros alone has the scale 1/255. NaN has no influence on the range and is quantized to 0.
package struct DynamicQuantizeLinear: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "DynamicQuantizeLinear", versions: [11], inputs: [.required("x", "T1")],
      outputs: [.required("y", "T2"), .required("y_scale", "float32"), .required("y_zero_point", "T2")],
      types: ["T1": [.float32], "T2": [.uint8]]), DynamicQuantizeLinear())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    Array([Inferred(.uint8, try context.shape(0)), Inferred(.float32, []), Inferred(.uint8, [])].prefix(max(1, context.outputCount)))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let values = try x.elements(as: Float.self)
    let least = values.reduce(0) { $1 < $0 ? $1 : $0 }
    let most = values.reduce(0) { $1 > $0 ? $1 : $0 }
    // The standard defines these steps in float32, each rounded.
    let scale = (least == most ? 1 : most - least) / Float(255)
    let start = -least / scale
    let zeroPoint = start.isNaN ? 0 : min(max(start, 0), 255).rounded(.toNearestOrEven)
    let y = try quantized(as: .uint8, shape: x.shape, zeroPoint: Double(zeroPoint), quotient: { Double(values[$0] / scale) })
    let results = [y, try Tensor(scalar: scale), try Tensor(scalar: UInt8(zeroPoint))]
    return Array(results.prefix(max(1, context.outputCount)))
  }
}
