import OnyxGraph
import OnyxTensor

/// Inverts every bit of the value. ONNX: Not (1) on bools, BitwiseNot (18) on integers.
package struct Not: TensorOperator {
  static let definitions = [("Not", 1, [.bool] as Set<ElementType>), ("BitwiseNot", 18, .integers)].map { name, version, types in
    OperatorDefinition(
      Signature(name, versions: [version], inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": types]),
      Not())
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    return [context.folded(self, type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let isBool = x.elementType == .bool
    return [try x.mapIntegers { isBool ? 1 - $0 : ~$0 }]
  }
}
