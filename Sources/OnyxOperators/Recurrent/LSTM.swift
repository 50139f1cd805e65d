import OnyxGraph
import OnyxTensor

/// A layer of long short-term memory. ONNX: LSTM (1, 7, 14, 22).
///
/// As in ONNX Runtime, `clip` holds the inputs of the gates' activations (f and g), not the cell state that h is applied to.
package struct LSTM: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "LSTM", versions: [1, 7, 14, 22],
      inputs: [
        .required("X", "T"), .required("W", "T"), .required("R", "T"), .optional("B", "T"), .optional("sequence_lens", "T1"),
        .optional("initial_h", "T"), .optional("initial_c", "T"), .optional("P", "T"),
      ], outputs: [.optional("Y", "T"), .optional("Y_h", "T"), .optional("Y_c", "T")], types: ["T": .floats, "T1": [.int32]]), LSTM.init)

  /// Directions, layout and activations f, g, h.
  package let layer: RecurrentLayer
  /// Whether the forget gate is 1 − input gate; its weights have no effect then.
  package let couplesGates: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    layer = try RecurrentLayer(&attributes, defaults: ["Sigmoid", "Tanh", "Tanh"])
    couplesGates = try attributes.flag("input_forget", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try layer.infer(context, gates: LSTMCell.gates, states: LSTMCell.states)
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    try layer.evaluate(context) { weights, activations in
      LSTMCell(weights: weights, activations: activations, clip: GateClip(layer.clip), couplesGates: couplesGates)
    }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    layer.multiplyAccumulates(inputs: inputs, gates: LSTMCell.gates)
  }
}

/// Gates in the order input, output, forget, cell; peepholes input, output, forget.
struct LSTMCell: RecurrentCell {
  static let gates = 4
  static let states = 2

  let weights: RecurrentWeights
  let activations: [RecurrentActivation]
  let clip: GateClip
  let couplesGates: Bool

  func step(_ gates: inout [Double], _ state: inout RecurrentState) {
    let n = weights.hidden
    let (f, g, h) = (activations[0], activations[1], activations[2])
    let p = weights.peepholes
    for row in gates.indices { gates[row] += weights.recurrence(row, state.hidden) }
    for k in 0..<n {
      let cell = state.cell[k]
      let input = f(clip(gates[k] + p[k] * cell))
      let forget = couplesGates ? 1 - input : f(clip(gates[2 * n + k] + p[2 * n + k] * cell))
      let next = forget * cell + input * g(clip(gates[3 * n + k]))
      let output = f(clip(gates[n + k] + p[n + k] * next))
      state.cell[k] = next
      state.hidden[k] = output * h(next)
    }
  }
}
