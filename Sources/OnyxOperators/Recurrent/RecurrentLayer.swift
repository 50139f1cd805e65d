import OnyxGraph
import OnyxTensor

/// What LSTM, GRU and RNN have in common: the attributes, and the shapes of inputs and outputs.
///
/// Inputs, in this order: X, W, R, B, sequence_lens, initial_h, initial_c (LSTM), P (LSTM). Outputs: Y, Y_h, Y_c (LSTM).
/// D is the number of directions, H the hidden size:
/// - X [steps, batch, inputs], or [batch, steps, inputs] when the batch comes first;
/// - W [D, gates · H, inputs], R [D, gates · H, H], B [D, 2 · gates · H], P [D, 3 · H];
/// - Y [steps, D, batch, H], or [batch, steps, D, H]; states [D, batch, H], or [batch, D, H].
package struct RecurrentLayer: Sendable {
  /// Which way the steps are taken.
  package enum Direction: String, CaseIterable, Sendable {
    case forward, reverse, bidirectional

    /// How many there are: the D of the shapes.
    package var count: Int { self == .bidirectional ? 2 : 1 }
  }

  package let direction: Direction
  /// Whether the batch is the first axis of X, Y and the states: `layout` 1.
  package let isBatchFirst: Bool
  /// nil: that of the weights.
  package let hiddenSize: Int?
  /// The inputs of the gates' activations are held to −clip … clip; nil: they are not.
  package let clip: Float?
  /// The functions of each direction, in the order of the operator's equations.
  package let activations: [[RecurrentActivation]]

  /// `defaults` are the activations of one direction; without a layout the steps come first.
  init(_ attributes: inout AttributeReader, defaults: [String], hasLayout: Bool = true) throws(OnyxError) {
    direction = try attributes.choice("direction", default: Direction.forward)
    let layout = hasLayout ? try attributes.int("layout", default: 0) : 0
    guard layout == 0 || layout == 1 else {
      throw .invalid("The attribute 'layout' is \(layout).", remedy: "Valid values: 0 (steps first), 1 (batch first).")
    }
    isBatchFirst = layout == 1
    hiddenSize = try attributes.int("hidden_size")
    if let hiddenSize, hiddenSize < 1 { throw .invalid("The attribute 'hidden_size' is \(hiddenSize); it must be at least 1.") }
    clip = try attributes.float("clip")
    if let clip, !(clip >= 0) { throw .invalid("The attribute 'clip' is \(clip); it must not be negative.") }
    var names = try attributes.texts("activations") ?? []
    if names.isEmpty { names = Array(repeating: defaults, count: direction.count).flatMap { $0 } }
    // A list for both directions serves one: the standard's own default of RNN is such a list.
    let needed = defaults.count * direction.count
    guard names.count == needed || names.count == 2 * defaults.count else {
      throw .invalid("The attribute 'activations' has \(names.count) names; the layer needs \(needed).")
    }
    let all = try RecurrentActivation.list(
      Array(names.prefix(needed)), attributes.floats("activation_alpha") ?? [], attributes.floats("activation_beta") ?? [])
    activations = stride(from: 0, to: needed, by: defaults.count).map { Array(all[$0..<$0 + defaults.count]) }
  }
}

extension RecurrentLayer {
  /// The types of Y and of `states` last states, as far as they are outputs.
  func infer(_ context: InferenceContext, gates: Int, states: Int) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    let directions = Dimension(direction.count)
    let sequences = try Self.extents(x.shape, rank: 3, "X")
    let steps = sequences?[isBatchFirst ? 1 : 0] ?? context.unknown("steps")
    let batch = sequences?[isBatchFirst ? 0 : 1] ?? context.unknown("batch")
    let hidden = try hidden(context, gates: gates)
    if let hidden = hidden.known, hidden < 1 { throw .invalid("The hidden size of the layer is \(hidden); it must be at least 1.") }
    let rows = try hidden * Dimension(gates)
    let state = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    try Self.require(context, 1, "W", [directions, rows, sequences?[2] ?? context.unknown("inputs")])
    try Self.require(context, 2, "R", [directions, rows, hidden])
    try Self.require(context, 3, "B", [directions, rows * 2])
    try Self.require(context, 4, "sequence_lens", [batch])
    try Self.require(context, 5, "initial_h", state)
    try Self.require(context, 6, "initial_c", state)
    try Self.require(context, 7, "P", [directions, hidden * 3])
    let y = isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]
    let results = [x.resized(try y.checked())] + Array(repeating: x.resized(try state.checked()), count: states)
    return Array(results.prefix(context.outputCount))
  }

  private func hidden(_ context: InferenceContext, gates: Int) throws(OnyxError) -> Dimension {
    if let hiddenSize { return Dimension(hiddenSize) }
    if let r = try Self.extents(context.shape(2), rank: 3, "R") { return r[2] }
    return context.unknown("hidden")
  }

  private static func extents(_ shape: [Dimension]?, rank: Int, _ name: String) throws(OnyxError) -> [Dimension]? {
    guard let shape, shape.count != rank else { return shape }
    throw .invalid("The input '\(name)' has rank \(shape.count); it must have rank \(rank).")
  }

  private static func require(_ context: InferenceContext, _ index: Int, _ name: String, _ wanted: [Dimension]) throws(OnyxError) {
    guard let given = try extents(context.optional(index)?.shape, rank: wanted.count, name) else { return }
    for axis in wanted.indices {
      try requireEqual(given[axis], wanted[axis], "Axis \(axis) of the input '\(name)' does not fit the layer")
    }
  }

  /// Those of the two products: steps · batch · D · gates · H · (inputs + H).
  func multiplyAccumulates(inputs: [ValueType?], gates: Int) -> Dimension? {
    guard inputs.count >= 3, let x = inputs[0]?.shape, x.count == 3, let r = inputs[2]?.shape, r.count == 3 else { return nil }
    return try? x[0] * x[1] * Dimension(direction.count * gates) * r[2] * (x[2] + r[2])
  }
}
