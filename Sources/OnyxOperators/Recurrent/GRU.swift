import OnyxGraph
import OnyxTensor

/// A layer of gated recurrent units. ONNX: GRU (1, 3, 7, 14, 22).
package struct GRU: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "GRU", versions: [1, 3, 7, 14, 22],
      inputs: [
        .required("X", "T"), .required("W", "T"), .required("R", "T"), .optional("B", "T"), .optional("sequence_lens", "T1"),
        .optional("initial_h", "T"),
      ], outputs: [.optional("Y", "T"), .optional("Y_h", "T")], types: ["T": .floats, "T1": [.int32]]), GRU.init)

  /// Directions, layout and activations f, g.
  package let layer: RecurrentLayer
  /// Whether the hidden gate multiplies by the reset gate after the product with R, not before.
  package let resetsProduct: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    layer = try RecurrentLayer(&attributes, defaults: ["Sigmoid", "Tanh"])
    resetsProduct = try attributes.flag("linear_before_reset", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try layer.infer(context, gates: GRUCell.gates, states: GRUCell.states)
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    try layer.evaluate(context) { weights, activations in
      GRUCell(weights: weights, activations: activations, clip: GateClip(layer.clip), resetsProduct: resetsProduct)
    }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    layer.multiplyAccumulates(inputs: inputs, gates: GRUCell.gates)
  }
}

/// Gates in the order update, reset, hidden.
struct GRUCell: RecurrentCell {
  static let gates = 3
  static let states = 1

  let weights: RecurrentWeights
  let activations: [RecurrentActivation]
  let clip: GateClip
  let resetsProduct: Bool

  func step(_ gates: inout [Double], _ state: inout RecurrentState) {
    let n = weights.hidden
    let (f, g) = (activations[0], activations[1])
    for row in 0..<2 * n { gates[row] = f(clip(gates[row] + weights.recurrence(row, state.hidden))) }
    if resetsProduct {
      for k in 0..<n { gates[2 * n + k] += gates[n + k] * weights.recurrence(2 * n + k, state.hidden) }
    } else {
      let reset = (0..<n).map { gates[n + $0] * state.hidden[$0] }
      for k in 0..<n { gates[2 * n + k] += weights.recurrence(2 * n + k, reset) }
    }
    for k in 0..<n {
      let update = gates[k]
      state.hidden[k] = (1 - update) * g(clip(gates[2 * n + k])) + update * state.hidden[k]
    }
  }
}
