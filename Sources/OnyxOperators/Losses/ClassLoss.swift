import OnyxGraph
import OnyxTensor

/// What the losses over classes have in common: the loss of a label is minus the logarithm of its probability, times the weight of
/// its class.
///
/// Scores are [N, C, d₁, …], labels [N, d₁, …], weights [C]. Labels equal to `ignored` have no loss and no weight in the mean. The mean
/// divides by the weights of the labels, which are 1 where none are given; as in PyTorch, that of no labels is NaN.
package struct ClassLoss: Sendable {
  package enum Reduction: String, CaseIterable, Sendable { case none, sum, mean }

  package let reduction: Reduction
  /// ONNX: the attribute `ignore_index`.
  package let ignored: Int?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    reduction = try attributes.choice("reduction", default: Reduction.mean)
    ignored = try attributes.int("ignore_index")
  }

  /// The shape of the loss. Inputs: scores, labels, weights.
  func shape(_ context: InferenceContext) throws(OnyxError) -> [Dimension]? {
    let scores = try context.shape(0)
    var labels = try context.shape(1)
    if let scores {
      guard scores.count >= 2 else { throw .invalid("The scores have rank \(scores.count); they need batch and classes.") }
      let wanted = [scores[0]] + scores[2...]
      if let labels {
        guard labels.count == wanted.count else {
          throw .invalid("The labels have rank \(labels.count); scores of rank \(scores.count) need rank \(wanted.count).")
        }
        for axis in wanted.indices {
          try requireEqual(labels[axis], wanted[axis], "Labels and scores differ in axis \(axis) of the labels")
        }
      }
      labels = wanted
    }
    if let weights = context.optional(2)?.shape {
      guard weights.count == 1 else { throw .invalid("The weights have rank \(weights.count); they must have rank 1.") }
      if let scores { try requireEqual(weights[0], scores[1], "The number of weights is not that of the classes") }
    }
    return reduction == .none ? labels : []
  }

  /// The loss for `logarithms`, the logarithms of the probabilities in the order of the scores. Computed in `Double`, rounded once.
  func evaluate(_ logarithms: [Double], _ context: EvaluationContext) throws(OnyxError) -> Tensor {
    let (scores, labels) = (try context.input(0), try context.input(1))
    let weights = try context.optional(2)?.doubles()
    let classes = scores.shape[1]
    let inner = scores.shape[2...].reduce(1, *)
    var losses = try labels.shape.filled(with: 0.0)
    var total = 0.0
    for (place, label) in try labels.ints().enumerated() where label != ignored {
      guard label >= 0, label < classes else {
        throw .invalid(
          "The label \(label) is outside the \(classes) classes.", remedy: "Set 'ignore_index' to a label that is to have no loss.")
      }
      let weight = weights?[label] ?? 1
      losses[place] = -logarithms[(place / inner * classes + label) * inner + place % inner] * weight
      total += weight
    }
    switch reduction {
    case .none: return try Tensor(floating: losses, as: scores.elementType, shape: labels.shape)
    case .sum: return try Tensor(floating: [losses.reduce(0, +)], as: scores.elementType, shape: .scalar)
    case .mean: return try Tensor(floating: [losses.reduce(0, +) / total], as: scores.elementType, shape: .scalar)
    }
  }
}
