import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// x · Φ(x) with the normal distribution Φ, or its approximation by tanh; computed in `Double`, rounded once. −∞ gives NaN, as
/// the formula, PyTorch and ONNX Runtime do. ONNX: Gelu (20).
package struct Gelu: TensorOperator {
  /// How Φ is computed: by erf, or by tanh.
  package enum Approximation: String, CaseIterable, Sendable { case none, tanh }

  static let definition = OperatorDefinition(
    Signature("Gelu", versions: [20], inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats]), Gelu.init)

  /// The attribute `approximate`.
  package let approximation: Approximation

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    approximation = try attributes.choice("approximate", default: .none)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    return [context.folded(self, type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let result = try context.input(0).mapFloats { x in
      switch approximation {
      case .none: 0.5 * x * (1 + erf(x * 0.5.squareRoot()))
      case .tanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
      }
    }
    return [result]
  }
}
