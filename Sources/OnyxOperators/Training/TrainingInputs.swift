import OnyxGraph
import OnyxTensor

/// What the optimizers of `ai.onnx.preview.training` have in common: a learning rate, the number of updates so far, and the tensors that
/// are updated, followed by as many gradients and by as many states of each kind.
enum TrainingInputs {
  static let domain = "ai.onnx.preview.training"

  /// `states` is the number of tensors that are kept for each tensor besides its gradient.
  static func signature(_ name: String) -> Signature {
    Signature(
      name, domain: domain, versions: [1],
      inputs: [.required("R", "T1"), .required("T", "T2"), .variadic("inputs", "T3", homogeneous: false)],
      outputs: [.variadic("outputs", "T3", homogeneous: false)],
      types: ["T1": [.float32, .float64], "T2": [.int64], "T3": [.float32, .float64]])
  }

  /// The number of updated tensors. Throws `invalidModel` unless every one comes with its gradient and `states` states.
  private static func count(_ inputs: Int, states: Int) throws(OnyxError) -> Int {
    let (count, rest) = max(0, inputs - 2).quotientAndRemainder(dividingBy: states + 2)
    guard rest == 0, count > 0 else {
      throw .invalid("There are \(inputs - 2) tensors; each updated one needs its gradient and \(states) more.")
    }
    return count
  }

  /// The types of the outputs: each tensor, then its states, as the inputs have them.
  static func infer(_ context: InferenceContext, states: Int) throws(OnyxError) -> [Inferred] {
    let count = try count(context.inputs.count, states: states)
    for index in 0..<2 {
      if let shape = try context.shape(index), let size = try shape.product().known, size != 1 {
        throw .invalid("The learning rate and the number of updates must be one number each; the input \(index) has \(size).")
      }
    }
    var results: [Inferred] = []
    for index in 0..<count * (states + 2) {
      let input = try context.tensor(2 + index)
      try check(try context.tensor(2 + index % count), input)
      // The gradients, which are the second group, are not given back.
      if index / count != 1 { results.append(input.resized(input.shape)) }
    }
    guard context.outputCount <= results.count else {
      throw .invalid("The node has \(context.outputCount) outputs; \(count) updated tensors give \(results.count).")
    }
    return results
  }

  private static func check(_ tensor: Inferred, _ companion: Inferred) throws(OnyxError) {
    guard tensor.elementType == companion.elementType else { throw .invalid("A tensor and its gradient or state differ in type.") }
    guard let left = tensor.shape, let right = companion.shape else { return }
    guard left.count == right.count else { throw .invalid("A tensor has another rank than its gradient or state.") }
    for (a, b) in zip(left, right) { try requireEqual(a, b, "A tensor has another shape than its gradient or state") }
  }

  /// The updated tensors and states. `makeStep` gets the rate and the number of updates, and gives what
  /// turns an element and its states into the new ones. Computed in `Double` and rounded once.
  static func update(
    _ context: EvaluationContext, states: Int, _ makeStep: (_ rate: Double, _ updates: Double) -> (inout Element) -> Void
  ) throws(OnyxError) -> [Tensor] {
    let inputs = context.given
    let count = try count(inputs.count, states: states)
    guard let rate = try inputs[0].doubles().first, let updates = try inputs[1].doubles().first else {
      throw .invalid("The learning rate or the number of updates is empty.")
    }
    let step = makeStep(rate, updates)
    var results = [Tensor?](repeating: nil, count: count * (states + 1))
    for index in 0..<count {
      let group = (0..<states + 2).map { inputs[2 + $0 * count + index] }
      guard group.allSatisfy({ $0.shape == group[0].shape }) else {
        throw .invalid("A tensor has another shape than its gradient or state.")
      }
      var columns = try group.map { (tensor) throws(OnyxError) in try tensor.doubles() }
      for place in columns[0].indices {
        var element = Element(x: columns[0][place], gradient: columns[1][place], first: columns[2][place])
        if states == 2 { element.second = columns[3][place] }
        step(&element)
        columns[0][place] = element.x
        columns[2][place] = element.first
        if states == 2 { columns[3][place] = element.second }
      }
      for (output, column) in [0, 2, 3].prefix(states + 1).enumerated() {
        results[output * count + index] = try Tensor(floating: columns[column], as: group[0].elementType, shape: group[0].shape)
      }
    }
    return Array(results.compactMap { $0 }.prefix(context.outputCount))
  }

  /// One element of a tensor with its gradient and its states.
  struct Element {
    var x: Double
    let gradient: Double
    var first: Double
    var second = 0.0
  }
}
