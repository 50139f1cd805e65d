import OnyxGraph
import OnyxTensor

/// Ones with the probabilities that the input gives, else zeros. ONNX: Bernoulli (15, 22).
///
/// Element i is drawn by `Philox` from the node's seed, or the run's, and i.
package struct Bernoulli: TensorOperator {
  private static let results = Set<ElementType>.numbers.union([.bool])

  static let definition = OperatorDefinition(
    Signature(
      "Bernoulli", versions: [15, 22], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
      types: ["T1": .floats, "T2": results]), Bernoulli.init)

  /// nil: the seed of the run.
  package let seed: Float?
  /// Element type of the result; nil: that of the input.
  package let type: ElementType?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    seed = try attributes.float("seed")
    type = try attributes.elementType("dtype", among: Self.results)
  }

  package var isDeterministic: Bool { false }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.elementType(0)
    return [Inferred(type ?? input, try context.shape(0))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let generator = Philox(seed, else: context.seed)
    var draws = try input.shape.filled(with: false)
    var pace = WorkPace(every: 1 << 15)
    for (index, probability) in try input.doubles().enumerated() {
      try pace.check()
      guard probability >= 0, probability <= 1 else { throw .invalid("The probability \(probability) is outside 0 … 1.") }
      draws[index] = generator.uniform(index) < probability
    }
    return [try ElementConversion().convert(Tensor(draws, shape: input.shape), to: type ?? input.elementType)]
  }
}
