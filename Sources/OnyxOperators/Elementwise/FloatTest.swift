import OnyxGraph
import OnyxTensor

/// Whether a float is of a kind. ONNX: IsNaN (9, 13, 20), IsInf (10, 20).
struct FloatTest: Operator {
  private static func definition(
    _ name: String, _ versions: [Int], _ make: @escaping @Sendable (inout AttributeReader) throws(OnyxError) -> FloatTest
  ) -> OperatorDefinition {
    OperatorDefinition(
      Signature(
        name, versions: versions, inputs: [.required("X", "T1")], outputs: [.required("Y", "T2")],
        types: ["T1": .floats.union(Set<ElementType>.floats8), "T2": [.bool]])
    ) { (attributes) throws(OnyxError) in try make(&attributes) }
  }

  static let definitions = [
    definition("IsNaN", [9, 13, 20]) { _ in FloatTest { $0.isNaN } },
    definition("IsInf", [10, 20]) { (attributes) throws(OnyxError) in
      let negative = try attributes.flag("detect_negative", default: true)
      let positive = try attributes.flag("detect_positive", default: true)
      return FloatTest { $0.isInfinite && ($0 > 0 ? positive : negative) }
    },
  ]

  let test: @Sendable (Double) -> Bool

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    return [Inferred(.tensor(.bool, shape: shape), value: context.smallConstant(self, shape))]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    return [try Tensor(x.doubles().map(test), shape: x.shape)]
  }
}
