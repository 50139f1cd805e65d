import CKernels
import OnyxOperators
import OnyxTensor

/// What a step does with its gates.
enum RecurrentCellForm: Sendable {
  case lstm
  /// The reset gate multiplies the hidden state before the product with R.
  case gru
  /// The reset gate multiplies the product with R: `linear_before_reset`.
  case gruLinear
  case rnn

  var gates: Int {
    switch self {
    case .lstm: 4
    case .gru, .gruLinear: 3
    case .rnn: 1
    }
  }

  /// The gates whose products with R a step needs one after the other; those of the second phase multiply what the first one left.
  func phase(_ index: Int) -> Range<Int> { self == .gru ? (index == 0 ? 0..<2 : 2..<3) : 0..<gates }

  var phaseCount: Int { self == .gru ? 2 : 1 }

  /// Gates of the phase that has the most.
  var widestPhase: Int { phase(0).count }
}

/// The sizes of a recurrent layer, where its tensors have their elements, and how its scratch memory is laid out.
struct RecurrentGeometry: Sendable {
  let cell: RecurrentCellForm
  let steps, batch, inputs, hidden, directions: Int
  /// Units of a block: the lanes of a panel of R.
  let panel: Int
  /// Steps whose products of the input are computed at once. A function of the shapes alone.
  let chunkSteps: Int
  /// Distances of neighbours in X, in Y and in the states.
  let x, y: (time: Int, sequence: Int, side: Int)
  let state: (sequence: Int, side: Int)

  var gates: Int { cell.gates }
  /// Rows of W and R.
  var width: Int { gates * hidden }
  var blocks: Int { (hidden + panel - 1) / panel }
  /// Floats of one panel of R.
  var panelFloats: Int { panel * hidden }
  /// Distance of the hidden states of two sequences: never a multiple of 4 KiB, where rows would share a set of the first-level cache.
  var stateStride: Int { (hidden + 15) & ~15 + 16 }
  /// Multiply-adds of one step with R, all sequences of one direction.
  var stepWork: Int { width * hidden * batch }

  /// Floats of the products of the input for one chunk of steps, unless one step has more.
  private static let chunkFloats = 1 << 18

  /// nil when something is empty or a size does not fit an `Int`.
  init?(_ cell: RecurrentCellForm, _ layer: RecurrentLayer, x shape: Shape, hidden: Int, panel: Int) {
    guard shape.rank == 3, shape.elementCount > 0, hidden > 0 else { return nil }
    (self.cell, self.hidden, self.panel) = (cell, hidden, panel)
    (steps, batch) = layer.isBatchFirst ? (shape[1], shape[0]) : (shape[0], shape[1])
    inputs = shape[2]
    directions = layer.direction.count
    // Every size below is a small multiple of one of these.
    let sizes = [
      [steps, batch, directions, hidden], [batch, 64, hidden + 64], [steps, batch, inputs], [64, hidden + 64, hidden + inputs],
    ]
    guard sizes.allSatisfy({ Self.product($0) != nil }) else { return nil }
    let row = batch * cell.gates * hidden
    chunkSteps = min(steps, max((15 + batch) / batch, Self.chunkFloats / row))
    if layer.isBatchFirst {
      x = (inputs, steps * inputs, 0)
      y = (directions * hidden, steps * directions * hidden, hidden)
      state = (directions * hidden, hidden)
    } else {
      x = (batch * inputs, inputs, 0)
      y = (directions * batch * hidden, hidden, batch * hidden)
      state = (hidden, batch * hidden)
    }
  }

  private static func product(_ factors: [Int]) -> Int? {
    var result = 64
    for factor in factors {
      let (next, overflow) = result.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      result = next
    }
    return result
  }

  /// The first panel of R that holds gates of a phase for a block of units; those of the phase lie one behind the other.
  func firstPanel(_ phase: Range<Int>, block: Int) -> Int { phase.lowerBound * blocks + block * phase.count }
}

/// Where the parts of one direction's scratch memory begin, in floats.
struct RecurrentScratch: Sendable {
  /// Sums of both biases; rows of X in the order of the steps; their products; two states before and after a step; LSTM's cell state or
  /// GRU's update gate; GRU's hidden state times reset gate; products with R; panels of R; states as bytes.
  let bias, rows, products, hidden, state, reset, recurrent, panels, bytes: Int
  let count: Int

  init(_ geometry: RecurrentGeometry, packs: Bool, byteRows: Int = 0) {
    var end = 0
    func part(_ count: Int) -> Int {
      defer { end += (count + 15) & ~15 }
      return end
    }
    let states = geometry.batch * geometry.stateStride
    bias = part(geometry.width)
    rows = part(geometry.chunkSteps * geometry.batch * geometry.inputs)
    products = part(geometry.chunkSteps * geometry.batch * geometry.width)
    hidden = part(2 * states)
    state = part(states)
    reset = part(geometry.cell == .gru ? states : 0)
    recurrent = part(geometry.blocks * geometry.panel * geometry.batch * geometry.cell.widestPhase)
    panels = part(packs ? geometry.blocks * geometry.gates * geometry.panelFloats : 0)
    bytes = part(byteRows)
    count = end
  }
}
