import OnyxGraph
import OnyxTensor

/// What FusedConv and FusedGemm share: inputs 0 … 2 are the product's, input 3 (Z) is added to it.
extension InferenceContext {
  func inferFused(_ product: any Operator) throws(OnyxError) -> [Inferred] {
    let results = try product.infer(InferenceContext(inputs: Array(inputs.prefix(3)), outputCount: 1, symbolPrefix: symbolPrefix))
    guard let shape = results.first?.shape, let addend = optional(3)?.shape else { return results }
    let agrees = shape.count == addend.count && zip(shape, addend).allSatisfy { $0.known == nil || $1.known == nil || $0 == $1 }
    guard agrees else { throw .invalid("The input 'Z' of shape \(addend) has not the shape \(shape) of the result.") }
    return results
  }
}

extension EvaluationContext {
  /// Rounds after each step, as the nodes do that were fused.
  func evaluateFused(_ product: any TensorOperator, _ activation: FusedActivation) throws(OnyxError) -> [Tensor] {
    let results = try product.evaluate(EvaluationContext(inputs: Array(inputs.prefix(3)), outputs: outputs))
    guard var y = results.first else { throw .bug("The product gave no result.") }
    if let z = optional(3) {
      guard z.shape == y.shape else { throw .invalid("The input 'Z' of shape \(z.shape) has not the shape \(y.shape) of the result.") }
      let (left, right) = (try y.doubles(), try z.doubles())
      y = try Tensor(floating: left.indices.map { left[$0] + right[$0] }, as: y.elementType, shape: y.shape)
    }
    return [try activation.evaluate(y)]
  }
}
