import OnyxGraph
import OnyxTensor

/// The input itself, and a mask that keeps every element. ONNX: Dropout (1, 6, 7, 10, 12, 13, 22).
///
/// In training mode with a ratio above 0 the standard asks for random numbers of no defined generator: that form is
/// refused as unsupported, since no two runtimes could agree on it.
struct Dropout: Operator {
  private static let elementTypes: Set<ElementType> = Set.floats.union(Set.floats8)

  static let definition = OperatorDefinition(
    Signature(
      "Dropout", versions: [1, 6, 7, 10, 12, 13, 22],
      inputs: [.required("data", "T"), .optional("ratio", "T1"), .optional("training_mode", "T2")],
      outputs: [.required("output", "T"), .optional("mask", "T2")],
      types: ["T": elementTypes, "T1": elementTypes, "T2": [.bool]])
  ) { (attributes) throws(OnyxError) in
    _ = try attributes.int("seed")
    return Dropout()
  }

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.input(0)
    try check(ratio: context.optional(1)?.constant, training: context.optional(2)?.constant)
    return [data, Inferred(.bool, data.shape)]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    try check(ratio: context.optional(1), training: context.optional(2))
    guard context.outputCount > 1 else { return [data] }
    let mask = try Tensor(of: Bool.self, shape: data.shape) { mask in
      for index in mask.indices { mask[index] = true }
    }
    return [data, mask]
  }

  private func check(ratio: Tensor?, training: Tensor?) throws(OnyxError) {
    for tensor in [ratio, training] {
      if let tensor, tensor.elementCount != 1 { throw .invalid("The inputs 'ratio' and 'training_mode' must be scalars.") }
    }
    var rate = 0.5
    if let ratio { rate = try ratio.doubles()[0] }
    guard rate >= 0 && rate < 1 else { throw .invalid("The ratio of Dropout is \(rate); it must be in [0, 1).") }
    guard let training, try training.booleans()[0], rate > 0 else { return }
    throw .unsupported(
      "Dropout in training mode draws random numbers, which the standard does not define.",
      remedy: "Export the model in inference mode, or set training_mode to false.")
  }
}
