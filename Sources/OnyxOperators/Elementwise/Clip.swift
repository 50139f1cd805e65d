import OnyxGraph
import OnyxTensor

/// Holds numbers between two optional scalars: Min(max, Max(input, min)), NaN stays NaN. ONNX: Clip (1, 6, 11, 12, 13).
package struct Clip: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Clip", versions: [1, 6, 11, 12, 13], inputs: [.required("input", "T"), .optional("min", "T"), .optional("max", "T")],
      outputs: [.required("output", "T")], types: ["T": .numbers]), Clip())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    for index in [1, 2] {
      guard let bound = context.optional(index)?.shape else { continue }
      guard bound.count <= 1, bound.allSatisfy({ $0.known == nil || $0 == 1 }) else { throw Self.noScalar("\(bound)") }
    }
    return [context.folded(self, type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let bounds = [context.optional(1), context.optional(2)]
    for case let bound? in bounds where bound.shape.rank > 1 || bound.elementCount != 1 { throw Self.noScalar("\(bound.shape)") }
    if x.elementType.isFloating {
      let low = try bounds[0]?.doubles().first ?? -.infinity
      let high = try bounds[1]?.doubles().first ?? .infinity
      return [try x.mapFloats { NumericMath.minimum(high, NumericMath.maximum($0, low)) }]
    }
    let low = try bounds[0]?.orderedIntegers().first ?? .min
    let high = try bounds[1]?.orderedIntegers().first ?? .max
    let turn = x.elementType.orderingBits
    return [try x.mapIntegers { min(high, max($0 ^ turn, low)) ^ turn }]
  }

  private static func noScalar(_ shape: String) -> OnyxError {
    .invalid("A bound of Clip has the shape \(shape); it must be a scalar.")
  }
}
