import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A gate times a value: a · sigmoid(alpha · a) · b, element by element without broadcasting; computed in `Double`, rounded once.
/// ONNX: SwiGLU (28).
package struct SwiGLU: ParametricOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SwiGLU", versions: [28], inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("Y", "T")], types: ["T": .floats]),
    SwiGLU.init)

  /// The factor inside the sigmoid.
  package let alpha: Float
  package var parameters: [Float] { [alpha] }

  init(_ attributes: inout AttributeReader) throws(OnyxError) { alpha = try attributes.float("alpha", default: 1) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let a = try context.input(0).type
    let b = try context.input(1).type
    guard let gates = a.shape, let values = b.shape else { return [context.folded(self, a.shape == nil ? b : a)] }
    guard gates.count == values.count else { throw Self.mismatch("\(gates)", "\(values)") }
    // An extent that one input knows and the other does not is known.
    var shape: [Dimension] = []
    for (x, y) in zip(gates, values) {
      if let first = x.known, let second = y.known, first != second { throw Self.mismatch("\(gates)", "\(values)") }
      shape.append(x.known == nil ? y : x)
    }
    return [context.folded(self, .tensor(try context.elementType(0), shape: shape))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (a, b) = (try context.input(0), try context.input(1))
    guard a.shape == b.shape else { throw Self.mismatch("\(a.shape)", "\(b.shape)") }
    let alpha = Double(alpha)
    return [try Tensor.foldFloats([a, b], in: a.shape, as: a.elementType) { a, b in a / (1 + exp(-alpha * a)) * b }]
  }

  private static func mismatch(_ a: String, _ b: String) -> OnyxError {
    .invalid("The gate of shape \(a) and the value of shape \(b) must have one shape.")
  }
}
