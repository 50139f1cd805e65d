import OnyxGraph
import OnyxTensor

/// x where it is not negative, slope · x elsewhere; the slope is broadcast to x. ONNX: PRelu (1, 6, 7, 9, 16).
package struct PRelu: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "PRelu", versions: [1, 6, 7, 9, 16], inputs: [.required("X", "T"), .required("slope", "T")], outputs: [.required("Y", "T")],
      types: ["T": .floats.union([.int32, .int64, .uint32, .uint64])]), PRelu())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0).type
    if let shape = x.shape, let slope = try context.shape(1) {
      guard slope.count <= shape.count else { throw Self.mismatch("\(slope)", "\(shape)") }
      for (a, b) in zip(slope, shape.suffix(slope.count)) {
        if let a = a.known, a != 1, let b = b.known, a != b { throw Self.mismatch("\(slope)", "\(shape)") }
      }
    }
    return [Inferred(x)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, slope) = (try context.input(0), try context.input(1))
    guard try Broadcast([x, slope]).shape == x.shape else { throw Self.mismatch("\(slope.shape)", "\(x.shape)") }
    switch x.elementType.domain {
    case .floating: return [try Tensor.foldFloats([x, slope], in: x.shape, as: x.elementType) { $0 < 0 ? $0 * $1 : $0 }]
    case .signed: return [try Tensor.foldIntegers([x, slope], in: x.shape, as: x.elementType) { $0 < 0 ? $0 &* $1 : $0 }]
    default: return [x]
    }
  }

  private static func mismatch(_ slope: String, _ shape: String) -> OnyxError {
    .invalid("The slope of shape \(slope) cannot be broadcast to the shape \(shape) of X.")
  }
}
