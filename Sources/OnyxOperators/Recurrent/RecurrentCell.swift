import OnyxTensor

/// The weights of one direction as plain arrays, matrices row-major. `gates` blocks of `hidden` rows each, in the operator's order.
package struct RecurrentWeights: Sendable {
  package let hidden: Int
  package let inputs: Int
  /// gates · hidden rows of `inputs` numbers.
  package let input: [Double]
  /// gates · hidden rows of `hidden` numbers.
  package let recurrent: [Double]
  /// Added to the products of the input; gates · hidden numbers.
  package let inputBias: [Double]
  /// Added to the products of the hidden state; gates · hidden numbers.
  package let recurrentBias: [Double]
  /// Factors of the cell state for three gates; 3 · hidden numbers.
  package let peepholes: [Double]

  /// X·Wᵀ + Wb of all steps of all sequences: for each row of `inputs` numbers of `x` one of gates · hidden.
  /// Throws `budgetExceeded`.
  package func project(_ x: [Double], rows: Int) throws(OnyxError) -> [Double] {
    let width = inputBias.count
    var result = try Shape([rows, width]).filled(with: 0.0)
    for row in 0..<rows {
      for gate in 0..<width {
        var sum = inputBias[gate]
        for k in 0..<inputs { sum += x[row * inputs + k] * input[gate * inputs + k] }
        result[row * width + gate] = sum
      }
    }
    return result
  }

  /// Row `row` of R times a hidden state, plus its bias.
  package func recurrence(_ row: Int, _ state: [Double]) -> Double {
    var sum = recurrentBias[row]
    let start = row * hidden
    for k in 0..<hidden { sum += recurrent[start + k] * state[k] }
    return sum
  }
}

/// The state of one sequence between two steps.
package struct RecurrentState: Sendable {
  /// The output of the last step.
  package var hidden: [Double]
  /// The cell state of LSTM; other cells leave it alone.
  package var cell: [Double]

  package init(hidden: [Double], cell: [Double]) {
    self.hidden = hidden
    self.cell = cell
  }
}

/// The recurrence of one direction: what happens in a step once the products of its input are there.
package protocol RecurrentCell {
  /// Blocks of rows in W and R.
  static var gates: Int { get }
  /// Last states among the outputs: 2 when there is a cell state.
  static var states: Int { get }

  /// One step of one sequence. `gates` holds X·Wᵀ + Wb of the step, gates · hidden numbers, and may be overwritten.
  func step(_ gates: inout [Double], _ state: inout RecurrentState)
}

extension RecurrentLayer {
  /// Runs the layer: the products of the input for all steps of a direction, then its recurrence for each sequence.
  ///
  /// Computed in `Double`, also the states between steps, and rounded once. Elements of Y past the length of a sequence are 0, its last
  /// states those of its last step: the first ones when it has no step.
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
    for side in 0..<direction.count {
      let weights = try weights(context, side: side, gates: Cell.gates)
      let cell = cell(weights, activations[side])
      let products = try weights.project(values, rows: steps * batch)
      let isReversed = direction == .reverse || side == 1
      var gates: [Double] = []
      for sequence in 0..<batch {
        let place = (isBatchFirst ? sequence * direction.count + side : side * batch + sequence) * hidden
        var state = RecurrentState(hidden: Array(states[0][place..<place + hidden]), cell: Array(states[1][place..<place + hidden]))
        for step in 0..<lengths[sequence] {
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

/// Holds the input of a gate's activation to −limit … limit; NaN stays.
struct GateClip {
  private let limit: Double

  /// nil: nothing is held.
  init(_ limit: Float?) { self.limit = limit.map(Double.init) ?? .infinity }

  func callAsFunction(_ x: Double) -> Double { x > limit ? limit : (x < -limit ? -limit : x) }
}
