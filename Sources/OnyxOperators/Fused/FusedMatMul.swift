import OnyxGraph
import OnyxTensor

/// activation(MatMul(A, B) + C + Z) with one C for each column and a Z of the result's shape. Made by the optimizer only; domain `onyx`,
/// version 1.
package struct FusedMatMul: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "FusedMatMul", domain: "onyx", versions: [1],
      inputs: [.required("A", "T"), .required("B", "T"), .optional("C", "T"), .optional("Z", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), FusedMatMul.init)

  /// Applied last.
  package let activation: FusedActivation

  package init(activation: FusedActivation = .none) { self.activation = activation }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    activation = try FusedActivation(&attributes)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let results = try context.inferFused(BiasedProduct())
    if let c = context.optional(2)?.shape {
      guard c.count == 1 else { throw .invalid("The input 'C' has the shape \(c); it must be a vector.") }
      if let columns = results.first?.shape?.last?.known, let given = c[0].known, columns != given {
        throw .invalid("The input 'C' has \(given) elements for \(columns) columns.")
      }
    }
    return results
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    try context.evaluateFused(BiasedProduct(), activation)
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    MatMul().multiplyAccumulates(inputs: Array(inputs.prefix(2)), outputs: outputs)
  }
}

/// MatMul(A, B) + C, which no file can say in one node.
private struct BiasedProduct: TensorOperator {
  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try MatMul().infer(InferenceContext(inputs: Array(context.inputs.prefix(2)), outputCount: 1, symbolPrefix: context.symbolPrefix))
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let results = try MatMul().evaluate(EvaluationContext(inputs: Array(context.inputs.prefix(2)), outputs: context.outputs))
    guard let c = context.optional(2), let y = results.first else { return results }
    let (values, addends) = (try y.doubles(), try c.doubles())
    guard !addends.isEmpty else { return results }
    return [try Tensor(floating: values.indices.map { values[$0] + addends[$0 % addends.count] }, as: y.elementType, shape: y.shape)]
  }
}
