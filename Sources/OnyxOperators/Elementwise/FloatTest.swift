import OnyxGraph
import OnyxTensor

/// Whether a float is of a kind. ONNX: IsNaN (9, 13, 20), IsInf (10, 20).
package struct FloatTest: TensorOperator {
  /// What is true of a number.
  package enum Kind: Sendable, Hashable {
    case nan
    /// An infinity of one of the signs asked for.
    case infinite(negative: Bool, positive: Bool)

    func holds(_ value: Double) -> Bool {
      switch self {
      case .nan: value.isNaN
      case .infinite(let negative, let positive): value.isInfinite && (value > 0 ? positive : negative)
      }
    }
  }

  static let definitions = [
    OperatorDefinition(signature("IsNaN", [9, 13, 20]), FloatTest(kind: .nan)),
    OperatorDefinition(signature("IsInf", [10, 20]), infinite),
  ]

  private static func signature(_ name: String, _ versions: [Int]) -> Signature {
    Signature(
      name, versions: versions, inputs: [.required("X", "T1")], outputs: [.required("Y", "T2")],
      types: ["T1": .floats.union(Set<ElementType>.floats8), "T2": [.bool]])
  }

  private static func infinite(_ attributes: inout AttributeReader) throws(OnyxError) -> FloatTest {
    FloatTest(
      kind: .infinite(
        negative: try attributes.flag("detect_negative", default: true), positive: try attributes.flag("detect_positive", default: true)))
  }

  /// What each element is tested for.
  package let kind: Kind

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [context.folded(self, .tensor(.bool, shape: try context.shape(0)))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try context.input(0).mapFloats(toIntegers: .bool) { kind.holds($0) ? 1 : 0 }]
  }
}
