import OnyxGraph
import OnyxTensor

/// A plain recurrent layer: H = f(X·Wᵀ + H·Rᵀ + biases). ONNX: RNN (1, 7, 14, 22).
package struct RNN: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "RNN", versions: [1, 7, 14, 22],
      inputs: [
        .required("X", "T"), .required("W", "T"), .required("R", "T"), .optional("B", "T"), .optional("sequence_lens", "T1"),
        .optional("initial_h", "T"),
      ], outputs: [.optional("Y", "T"), .optional("Y_h", "T")], types: ["T": .floats, "T1": [.int32]]), RNN.init)

  /// Directions, layout and activation f.
  package let layer: RecurrentLayer

  init(_ attributes: inout AttributeReader) throws(OnyxError) { layer = try RecurrentLayer(&attributes, defaults: ["Tanh"]) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try layer.infer(context, gates: RNNCell.gates, states: RNNCell.states)
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    try layer.evaluate(context) { RNNCell(weights: $0, activation: $1[0], clip: GateClip(layer.clip)) }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    layer.multiplyAccumulates(inputs: inputs, gates: RNNCell.gates)
  }
}

/// One gate.
struct RNNCell: RecurrentCell {
  static let gates = 1
  static let states = 1

  let weights: RecurrentWeights
  let activation: RecurrentActivation
  let clip: GateClip

  func step(_ gates: inout [Double], _ state: inout RecurrentState) {
    for row in gates.indices { gates[row] = activation(clip(gates[row] + weights.recurrence(row, state.hidden))) }
    state.hidden.replaceSubrange(0..., with: gates)
  }
}
