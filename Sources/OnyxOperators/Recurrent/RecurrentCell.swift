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
    var pace = WorkPace(every: 1 << 16)
    for row in 0..<rows {
      for gate in 0..<width {
        try pace.check(after: 1 + inputs)
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

/// Holds the input of a gate's activation to −limit … limit; NaN stays.
struct GateClip {
  private let limit: Double

  /// nil: nothing is held.
  init(_ limit: Float?) { self.limit = limit.map(Double.init) ?? .infinity }

  func callAsFunction(_ x: Double) -> Double { x > limit ? limit : (x < -limit ? -limit : x) }
}
