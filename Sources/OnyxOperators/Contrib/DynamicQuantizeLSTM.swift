import OnyxGraph
import OnyxTensor

/// LSTM with weights of bytes; its inputs are quantized by their own range before each product.
/// ONNX Runtime: com.microsoft.DynamicQuantizeLSTM (1).
///
/// W is [directions, inputs, 4 · hidden] and R [directions, hidden, 4 · hidden], so transposed beside those of LSTM; their scales and zero
/// points are one for each direction, or one for each column. The whole of X shares one range, and so do the hidden states of all sequences
/// in a step. Sums are exact, the rest is computed in `Double`.
package struct DynamicQuantizeLSTM: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "DynamicQuantizeLSTM", domain: "com.microsoft", versions: [1],
      inputs: [
        .required("X", "T"), .required("W", "T2"), .required("R", "T2"), .optional("B", "T"), .optional("sequence_lens", "T1"),
        .optional("initial_h", "T"), .optional("initial_c", "T"), .optional("P", "T"), .required("W_scale", "T"),
        .required("W_zero_point", "T2"), .required("R_scale", "T"), .required("R_zero_point", "T2"),
      ], outputs: [.optional("Y", "T"), .optional("Y_h", "T"), .optional("Y_c", "T")],
      types: ["T": [.float32], "T1": [.int32], "T2": .bytes]), DynamicQuantizeLSTM.init)

  /// Directions and activations f, g, h.
  package let layer: RecurrentLayer
  /// Whether the forget gate is 1 − input gate.
  package let couplesGates: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    layer = try RecurrentLayer(&attributes, defaults: ["Sigmoid", "Tanh", "Tanh"], hasLayout: false)
    couplesGates = try attributes.flag("input_forget", default: false)
  }

  /// The inputs of LSTM, whose weights are transposed.
  private func floating(_ context: InferenceContext) throws(OnyxError) -> InferenceContext {
    var inputs = Array(context.inputs.prefix(8))
    for index in 1...2 {
      guard let shape = try context.shape(index) else {
        inputs[index] = Inferred(.float32, nil)
        continue
      }
      guard shape.count == 3 else { throw .invalid("Input \(index) has rank \(shape.count); it must have rank 3.") }
      inputs[index] = Inferred(.float32, [shape[0], shape[2], shape[1]])
    }
    return InferenceContext(inputs: inputs, outputCount: context.outputCount, symbolPrefix: context.symbolPrefix)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    for (weights, parameters) in [(1, 8...9), (2, 10...11)] {
      let columns = try context.shape(weights)?.last?.known
      for index in parameters {
        guard let shape = try context.shape(index) else { continue }
        let fits = shape.count == 1 || (shape.count == 2 && (columns == nil || shape[1].known == nil || shape[1].known == columns))
        guard fits, (shape[0].known ?? layer.direction.count) == layer.direction.count else {
          throw .invalid("Input \(index) of shape \(shape) must have one element for each direction, or one for each of its columns.")
        }
      }
    }
    return try layer.infer(floating(context), gates: LSTMCell.gates, states: LSTMCell.states)
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let (steps, batch, hidden) = (x.shape[0], x.shape[1], try context.input(2).shape[1])
    let directions = layer.direction.count
    let lengths = try Self.lengths(context.optional(4), steps: steps, batch: batch)
    let shapes = [try Shape([steps, directions, batch, hidden]), try Shape([directions, batch, hidden])]
    var run = DynamicLSTMRun(
      op: self, steps: steps, batch: batch, hidden: hidden, lengths: lengths,
      y: try shapes[0].filled(with: 0), hiddens: try Self.state(context.optional(5), shapes[1]),
      cells: try Self.state(context.optional(6), shapes[1]))
    let bytes = DynamicBytes(try x.doubles())
    for side in 0..<directions { try run.run(side, bytes, context) }
    let results = [
      try Tensor(floating: run.y, as: .float32, shape: shapes[0]), try Tensor(floating: run.hiddens, as: .float32, shape: shapes[1]),
      try Tensor(floating: run.cells, as: .float32, shape: shapes[1]),
    ]
    return Array(results.prefix(context.outputCount))
  }

  private static func lengths(_ given: Tensor?, steps: Int, batch: Int) throws(OnyxError) -> [Int] {
    guard let given else { return try Shape([batch]).filled(with: steps) }
    let lengths = try given.ints()
    guard lengths.allSatisfy({ (0...steps).contains($0) }) else { throw .invalid("A sequence length is outside 0 … \(steps).") }
    return lengths
  }

  /// The first state; 0 when it is not given.
  private static func state(_ given: Tensor?, _ shape: Shape) throws(OnyxError) -> [Double] {
    guard let given else { return try shape.filled(with: 0) }
    return try given.doubles()
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard inputs.count >= 3, let x = inputs[0]?.shape, x.count == 3, let r = inputs[2]?.shape, r.count == 3 else { return nil }
    return try? x[0] * x[1] * Dimension(layer.direction.count) * r[2] * (x[2] + r[1])
  }
}

/// A matrix of bytes with its columns' scales.
private struct DynamicLSTMMatrix {
  private let rows: Int
  private let columns: Int
  private let values: [Int64]
  private let scales: [Double]

  /// Direction `side` of a tensor [directions, rows, columns].
  init(_ side: Int, _ weights: Tensor, scale: Tensor, zeroPoint: Tensor) throws(OnyxError) {
    (rows, columns) = (weights.shape[1], weights.shape[2])
    let points = try zeroPoint.slice(at: side).integers()
    scales = try scale.slice(at: side).doubles()
    var values = try weights.slice(at: side).integers()
    for index in values.indices { values[index] -= points[points.count == 1 ? 0 : index % columns] }
    self.values = values
  }

  /// Row `row` of the left factor times the matrix, added to `sums`.
  func add(_ left: DynamicBytes, row: Int, to sums: inout [Double]) {
    var products = [Int64](repeating: 0, count: columns)
    for k in 0..<rows {
      let factor = left.values[row * rows + k]
      if factor == 0 { continue }
      for column in 0..<columns { products[column] += factor * values[k * columns + column] }
    }
    for column in 0..<columns { sums[column] += Double(products[column]) * Double(left.scale) * scales[scales.count == 1 ? 0 : column] }
  }
}

private struct DynamicLSTMRun {
  let op: DynamicQuantizeLSTM
  let steps: Int
  let batch: Int
  let hidden: Int
  let lengths: [Int]
  var y: [Double]
  /// [directions, batch, hidden]
  var hiddens: [Double]
  var cells: [Double]

  mutating func run(_ side: Int, _ x: DynamicBytes, _ context: EvaluationContext) throws(OnyxError) {
    let w = try DynamicLSTMMatrix(side, context.input(1), scale: context.input(8), zeroPoint: context.input(9))
    let r = try DynamicLSTMMatrix(side, context.input(2), scale: context.input(10), zeroPoint: context.input(11))
    let width = 4 * hidden
    var bias = [Double](repeating: 0, count: width)
    if let both = try context.optional(3)?.slice(at: side).doubles() { for k in 0..<width { bias[k] = both[k] + both[width + k] } }
    let peepholes = try context.optional(7)?.slice(at: side).doubles() ?? [Double](repeating: 0, count: 3 * hidden)
    let isReversed = op.layer.direction == .reverse || side == 1
    let states = side * batch * hidden
    for step in 0..<(y.isEmpty ? 0 : steps) {
      let before = DynamicBytes(Array(hiddens[states..<states + batch * hidden]))
      for sequence in 0..<batch where step < lengths[sequence] {
        let time = isReversed ? lengths[sequence] - 1 - step : step
        var gates = bias
        w.add(x, row: time * batch + sequence, to: &gates)
        r.add(before, row: sequence, to: &gates)
        advance(gates, peepholes, side, states + sequence * hidden)
        let target = ((time * op.layer.direction.count + side) * batch + sequence) * hidden
        for k in 0..<hidden { y[target + k] = hiddens[states + sequence * hidden + k] }
      }
    }
  }

  /// Gates in the order input, output, forget, cell; peepholes input, output, forget.
  private mutating func advance(_ gates: [Double], _ p: [Double], _ side: Int, _ place: Int) {
    let (f, g, h) = (op.layer.activations[side][0], op.layer.activations[side][1], op.layer.activations[side][2])
    let clip = GateClip(op.layer.clip)
    for k in 0..<hidden {
      let cell = cells[place + k]
      let input = f(clip(gates[k] + p[k] * cell))
      let forget = op.couplesGates ? 1 - input : f(clip(gates[2 * hidden + k] + p[2 * hidden + k] * cell))
      let next = forget * cell + input * g(clip(gates[3 * hidden + k]))
      cells[place + k] = next
      hiddens[place + k] = f(clip(gates[hidden + k] + p[hidden + k] * next)) * h(next)
    }
  }
}
