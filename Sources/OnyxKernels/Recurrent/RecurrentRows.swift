import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor

/// LSTM, GRU and RNN over float32, and LSTM over weights of bytes.
///
/// SAFETY: see `KernelCall`.
enum RecurrentRows {
  static let lstm = KernelRow("lstm_f32", ["LSTM"], .input(0, [.float32])) { (op: LSTM, query) throws(OnyxError) in
    try layer(query, .lstm, op.layer, couplesGates: op.couplesGates)
  }

  static let gru = KernelRow("gru_f32", ["GRU"], .input(0, [.float32])) { (op: GRU, query) throws(OnyxError) in
    try layer(query, op.resetsProduct ? .gruLinear : .gru, op.layer)
  }

  static let rnn = KernelRow("rnn_f32", ["RNN"], .input(0, [.float32])) { (op: RNN, query) throws(OnyxError) in
    try layer(query, .rnn, op.layer)
  }

  static let bytes = KernelRow("dynamic_quantize_lstm_int8", ["DynamicQuantizeLSTM"], domain: "com.microsoft", .input(0, [.float32])) {
    (op: DynamicQuantizeLSTM, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, let r = query.input(2)?.shape, r.rank == 3,
      let geometry = RecurrentGeometry(.lstm, op.layer, x: x, hidden: r[1], panel: query.isa.int8Panel(.columns)),
      let byteRows = RecurrentByteRows.count(geometry, query.isa)
    else { return .declined("something is empty or too large") }
    // Sums of more terms do not fit 32 bits.
    guard geometry.inputs < 1 << 16, geometry.hidden < 1 << 16 else { return .declined("sums are of 65536 terms or more") }
    var sides: [RecurrentBytes] = []
    for side in 0..<geometry.directions {
      guard let weights = try RecurrentBytes(side, geometry, query) else {
        return .declined("weights are no constants, or have more than one zero point")
      }
      sides.append(weights)
    }
    return kernel(
      query, geometry, .bytes(sides), RecurrentScratch(geometry, packs: false, byteRows: byteRows), op.layer, couplesGates: op.couplesGates)
  }

  static let all = [lstm, gru, rnn, bytes]

  private static func layer(
    _ query: KernelQuery, _ cell: RecurrentCellForm, _ layer: RecurrentLayer, couplesGates: Bool = false
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let r = query.input(2)?.shape, r.rank == 3 else { return .declined("an input is missing") }
    let panel = unsafe Int(query.isa.gemm.column_panel)
    guard let geometry = RecurrentGeometry(cell, layer, x: x, hidden: r[2], panel: panel) else {
      return .declined("something is empty or too large")
    }
    let matrices = geometry.matrices(query)
    var packs = false
    if case .given(let packsR) = matrices { packs = packsR }
    return kernel(
      query, geometry, matrices, RecurrentScratch(geometry, packs: packs), layer, couplesGates: couplesGates,
      startsAtZero: try startsAtZero(query, steps: geometry.steps))
  }

  /// Steps from which on looking through the weights costs more than the product of the first step.
  private static let manySteps = 16

  /// Whether the first state is zero, and with it its product with the weights: those that are constants and finite.
  private static func startsAtZero(_ query: KernelQuery, steps: Int) throws(OnyxError) -> Bool {
    guard query.input(5) == nil, steps < manySteps, let r = query.constant(2) else { return false }
    return try query.packed("recurrent_finite") { (_) throws(OnyxError) in
      FiniteWeights(holds: try r.elements(as: Float.self).allSatisfy(\.isFinite))
    }.holds
  }

  private final class FiniteWeights: Sendable {
    let holds: Bool
    init(holds: Bool) { self.holds = holds }
  }

  private static func kernel(
    _ query: KernelQuery, _ geometry: RecurrentGeometry, _ matrices: RecurrentMatrices, _ scratch: RecurrentScratch,
    _ layer: RecurrentLayer, couplesGates: Bool, startsAtZero: Bool = false
  ) -> Preparation {
    let (bytes, overflow) = scratch.count.multipliedReportingOverflow(by: geometry.directions * MemoryLayout<Float>.stride)
    guard !overflow else { return .declined("something is empty or too large") }
    var absorbed = [1, 2]
    if case .given = matrices { absorbed = [] }
    let kernel = RecurrentKernel(
      geometry: geometry, scratch: scratch, matrices: matrices,
      forms: layer.activations.map { form($0, clip: layer.clip, couplesGates: couplesGates) }, isReverse: layer.direction == .reverse,
      outputs: query.outputs.map { $0 != nil }, startsAtZero: startsAtZero, isa: query.isa, functions: RecurrentFunctions(query.isa))
    return .run(scratchByteCount: bytes, absorbedInputs: absorbed) { (call) throws(OnyxError) in try kernel.run(call) }
  }

  private static func form(_ activations: [RecurrentActivation], clip: Float?, couplesGates: Bool) -> onyx_recurrent_form {
    let none = onyx_recurrent_function(function: Int32(ONYX_RECURRENT_TANH), alpha: 0, beta: 0)
    let functions = activations.map { onyx_recurrent_function(function: $0.function.code, alpha: $0.alpha, beta: $0.beta) }
    return onyx_recurrent_form(
      functions: (functions[0], functions.count > 1 ? functions[1] : none, functions.count > 2 ? functions[2] : none),
      clip: clip ?? .infinity, couples_gates: couplesGates ? 1 : 0)
  }
}

extension RecurrentActivation.Function {
  /// The number that onyx_recurrent.h gives the function.
  fileprivate var code: Int32 {
    let number =
      switch self {
      case .sigmoid: ONYX_RECURRENT_SIGMOID
      case .tanh: ONYX_RECURRENT_TANH
      case .relu: ONYX_RECURRENT_RELU
      case .affine: ONYX_RECURRENT_AFFINE
      case .leakyRelu: ONYX_RECURRENT_LEAKY_RELU
      case .thresholdedRelu: ONYX_RECURRENT_THRESHOLDED_RELU
      case .scaledTanh: ONYX_RECURRENT_SCALED_TANH
      case .hardSigmoid: ONYX_RECURRENT_HARD_SIGMOID
      case .elu: ONYX_RECURRENT_ELU
      case .softsign: ONYX_RECURRENT_SOFTSIGN
      case .softplus: ONYX_RECURRENT_SOFTPLUS
      }
    return Int32(number)
  }
}
