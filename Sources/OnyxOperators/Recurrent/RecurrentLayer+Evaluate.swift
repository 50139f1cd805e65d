import OnyxTensor

extension RecurrentLayer {
  /// Runs the layer: the products of the input for all steps of a direction, then its recurrence for each sequence.
  ///
  /// Computed in `Double`, also the states between steps, and rounded once. Elements of Y past the length of a sequence are 0, its last
  /// states those of its last step: the first ones when it has no step, where ONNX Runtime gives zeros.
  func evaluate<Cell: RecurrentCell>(
    _ context: EvaluationContext, _ cell: (RecurrentWeights, [RecurrentActivation]) -> Cell
  ) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let hidden = try context.input(2).shape[2]
    let (steps, batch) = isBatchFirst ? (x.shape[1], x.shape[0]) : (x.shape[0], x.shape[1])
    let lengths = try lengths(context.optional(4), steps: steps, batch: batch)
    let shape = try Shape(isBatchFirst ? [batch, steps, direction.count, hidden] : [steps, direction.count, batch, hidden])
    let stateShape = try Shape(isBatchFirst ? [batch, direction.count, hidden] : [direction.count, batch, hidden])
    let values = try x.doubles()
    var y = try shape.filled(with: 0.0)
    var states: [[Double]] = []
    for index in 0..<2 {
      if index < Cell.states, let given = context.optional(5 + index) {
        states.append(try given.doubles())
      } else {
        states.append(try stateShape.filled(with: 0.0))
      }
    }
    var pace = WorkPace(every: 1 << 16)
    // Without sequences or features no step gives anything.
    for side in 0..<(stateShape.elementCount == 0 ? 0 : direction.count) {
      let weights = try weights(context, side: side, gates: Cell.gates)
      let cell = cell(weights, activations[side])
      let products = try weights.project(values, rows: steps * batch)
      let isReversed = direction == .reverse || side == 1
      var gates: [Double] = []
      for sequence in 0..<batch {
        let place = (isBatchFirst ? sequence * direction.count + side : side * batch + sequence) * hidden
        var state = RecurrentState(hidden: Array(states[0][place..<place + hidden]), cell: Array(states[1][place..<place + hidden]))
        for step in 0..<lengths[sequence] {
          try pace.check(after: weights.inputBias.count * (1 + hidden))
          let time = isReversed ? lengths[sequence] - 1 - step : step
          let row = (isBatchFirst ? sequence * steps + time : time * batch + sequence) * weights.inputBias.count
          gates.replaceSubrange(0..., with: products[row..<row + weights.inputBias.count])
          cell.step(&gates, &state)
          let target =
            isBatchFirst ? (sequence * steps + time) * direction.count + side : (time * direction.count + side) * batch + sequence
          for k in 0..<hidden { y[target * hidden + k] = state.hidden[k] }
        }
        states[0].replaceSubrange(place..<place + hidden, with: state.hidden)
        states[1].replaceSubrange(place..<place + hidden, with: state.cell)
      }
    }
    var results = [try Tensor(floating: y, as: x.elementType, shape: shape)]
    for state in states.prefix(Cell.states) { results.append(try Tensor(floating: state, as: x.elementType, shape: stateShape)) }
    return Array(results.prefix(context.outputCount))
  }

  /// The number of steps of each sequence.
  private func lengths(_ given: Tensor?, steps: Int, batch: Int) throws(OnyxError) -> [Int] {
    guard let given else { return try Shape([batch]).filled(with: steps) }
    let lengths = try given.ints()
    for length in lengths where length < 0 || length > steps {
      throw .invalid("The sequence length \(length) is outside 0 … \(steps).")
    }
    return lengths
  }

  /// The weights of direction `side`; a missing bias or peephole is 0.
  private func weights(_ context: EvaluationContext, side: Int, gates: Int) throws(OnyxError) -> RecurrentWeights {
    let (w, r) = (try context.input(1), try context.input(2))
    let hidden = r.shape[2]
    let rows = gates * hidden
    let bias = try context.optional(3).map { (tensor) throws(OnyxError) in try Self.part(side, of: tensor) }
    let peepholes = try context.optional(7).map { (tensor) throws(OnyxError) in try Self.part(side, of: tensor) }
    let none = [Double](repeating: 0, count: rows)
    return RecurrentWeights(
      hidden: hidden, inputs: w.shape[2], input: try Self.part(side, of: w), recurrent: try Self.part(side, of: r),
      inputBias: bias.map { Array($0[..<rows]) } ?? none, recurrentBias: bias.map { Array($0[rows...]) } ?? none,
      peepholes: peepholes ?? [Double](repeating: 0, count: 3 * hidden))
  }

  /// The elements of a tensor at an index of its first axis.
  private static func part(_ index: Int, of tensor: Tensor) throws(OnyxError) -> [Double] { try tensor.slice(at: index).doubles() }
}
