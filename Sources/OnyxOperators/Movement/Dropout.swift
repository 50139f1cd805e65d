import OnyxGraph
import OnyxTensor

/// The input itself, and a mask that keeps every element; in training mode a random part of the elements, scaled.
/// ONNX: Dropout (1, 6, 7, 10, 12, 13, 22).
///
/// The standard leaves the random numbers open. With a seed they are those of the ONNX reference evaluator (NumPy's
/// `RandomState`), so that the result is one and the same everywhere; without one, element i is drawn by `Philox` from the run's
/// seed and i.
package struct Dropout: TensorOperator {
  private static let elementTypes: Set<ElementType> = Set.floats.union(Set.floats8)

  static let definition = OperatorDefinition(
    Signature(
      "Dropout", versions: [1, 6, 7, 10, 12, 13, 22],
      inputs: [.required("data", "T"), .optional("ratio", "T1"), .optional("training_mode", "T2")],
      outputs: [.required("output", "T"), .optional("mask", "T2")], types: ["T": elementTypes, "T1": elementTypes, "T2": [.bool]]),
    Dropout.init)

  /// Start of the random numbers; nil: the seed of the run.
  package let seed: Int?
  /// Whether an input chooses the mode; without it nothing is dropped.
  package let mayTrain: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    seed = try attributes.int("seed")
    mayTrain = attributes.inputCount > 2
  }

  package var isDeterministic: Bool { seed != nil || !mayTrain }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.input(0)
    // Only the input's own elements pass through unchanged, and only then is its value known to be the result's.
    let rate = try rate(ratio: context.optional(1)?.constant, training: context.optional(2)?.constant)
    let passes = rate == 0 && (!context.has(2) || context.optional(2)?.constant != nil)
    let output = passes ? data : Inferred(data.type)
    return context.outputCount > 1 ? [output, Inferred(.bool, data.shape)] : [output]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let rate = try rate(ratio: context.optional(1), training: context.optional(2))
    var keeps = [Bool](repeating: true, count: data.elementCount)
    guard rate > 0 else { return context.outputCount > 1 ? [data, try Tensor(keeps, shape: data.shape)] : [data] }
    if let seed {
      var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
      try keeps.indices.forEachPortion { for index in $0 { keeps[index] = generator.nextUniform() >= rate } }
    } else {
      let generator = Philox(key: context.seed)
      try keeps.indices.forEachPortion { for index in $0 { keeps[index] = generator.uniform(index) >= rate } }
    }
    let scale = 1 / (1 - rate)
    let kept = zip(try data.doubles(), keeps).map { $1 ? $0 * scale : 0 }
    let output = try Tensor(floating: kept, as: data.elementType, shape: data.shape)
    return context.outputCount > 1 ? [output, try Tensor(keeps, shape: data.shape)] : [output]
  }

  /// The part of the elements that is dropped: 0 in inference mode, and when the mode is not known yet.
  private func rate(ratio: Tensor?, training: Tensor?) throws(OnyxError) -> Double {
    for tensor in [ratio, training] {
      if let tensor, tensor.elementCount != 1 { throw .invalid("The inputs 'ratio' and 'training_mode' must be scalars.") }
    }
    var rate = 0.5
    if let ratio { rate = try ratio.doubles()[0] }
    guard rate >= 0 && rate < 1 else { throw .invalid("The ratio of Dropout is \(rate); it must be in [0, 1).") }
    guard let training, try training.booleans()[0] else { return 0 }
    return rate
  }
}
