import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// LSTM, GRU and RNN. Expected: torch.nn.LSTM, GRU and RNN over packed sequences (2.15), where they have the option, else ONNX Runtime
/// (1.32); the activations by NumPy.
struct RecurrentTests {
  /// Element i is ((7·i + 3·seed) mod 11 − 5) / 8.
  static func wave(_ shape: Shape, _ seed: Int, _ type: ElementType = .float32) -> Tensor {
    tensor(type, (0..<shape.elementCount).map { Double(($0 * 7 + seed * 3) % 11 - 5) / 8 }, shape)
  }

  static let x = wave([3, 2, 2], 1)
  static let h = wave([2, 2, 2], 5)
  static let c = wave([2, 2, 2], 6)
  static let lengths = i32([3, 2])
  static let both: [String: Attribute] = ["direction": .text("bidirectional"), "hidden_size": .int(2)]

  /// W, R and B of `gates` blocks of two rows.
  static func weights(_ gates: Int, directions: Int = 1) -> [Tensor] {
    [wave([directions, gates * 2, 2], 2), wave([directions, gates * 2, 2], 3), wave([directions, gates * 4], 4)]
  }

  /// The first index of the first axis.
  static func first(_ tensor: Tensor) -> Tensor { try! tensor.slice(at: 0).reshaped(to: Shape([1] + tensor.shape.dropFirst())) }

  /// Axes 0 and 1 exchanged, as `layout` 1 has them.
  static func swapped(_ tensor: Tensor) throws -> Tensor {
    try make("Transpose", ["perm": .ints([1, 0, 2])]).evaluate([tensor])[0]
  }

  @Test(arguments: cases) func computes(_ test: OperatorCase) throws { try test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "LSTM", [x] + weights(4, directions: 2) + [lengths, h, c], both,
      gives: f32(
        [
          0.18043309, -0.004501496, 0.17165186, 0.13154925, -0.48457968, 0.14827976, -0.27102497, 0.11886675, 0.055594698, 0.069802582,
          0.17423281, 0.063594319, -0.31922495, 0.18851812, -0.22213551, 0.0080858367, -0.002401998, 0.15843306, 0, 0, -0.18026152,
          0.26709536, 0, 0,
        ], [3, 2, 2, 2]),
      f32([-0.002401998, 0.15843306, 0.17423281, 0.063594319, -0.48457968, 0.14827976, -0.27102497, 0.11886675], [2, 2, 2]),
      f32([-0.0058019832, 0.52907455, 0.33433986, 0.3028211, -0.90979493, 0.65065718, -0.57849276, 0.34409538], [2, 2, 2]), tolerance: 2e-6,
      note: "PyTorch"),
    OperatorCase(
      "GRU", [x] + weights(3, directions: 2) + [lengths, h], both.merging(["linear_before_reset": .int(1)]) { $1 },
      gives: f32(
        [
          -0.087629244, -0.59887165, 0.30871773, -0.3741495, -0.24862416, 0.52504468, -0.53160691, 0.64009494, 0.09748514, -0.49080044,
          0.21173248, -0.54698032, -0.28247893, 0.62948602, -0.33220324, 0.50629705, 0.20258698, -0.58754689, 0, 0, 0.037908316, 0.47433046,
          0, 0,
        ], [3, 2, 2, 2]),
      f32([0.20258698, -0.58754689, 0.21173248, -0.54698032, -0.24862416, 0.52504468, -0.53160691, 0.64009494], [2, 2, 2]), tolerance: 2e-6,
      note: "PyTorch"),
    OperatorCase(
      "RNN", [x] + weights(1, directions: 2) + [lengths, h], both.merging(["activations": .texts("Relu", "Relu")]) { $1 },
      gives: f32(
        [0, 0, 0, 0, 1.1965332, 0, 0.546875, 0.34375, 0, 0, 0, 0, 0.30273438, 0, 1, 0, 0, 0, 0, 0, 0.546875, 0.40625, 0, 0], [3, 2, 2, 2]),
      f32([0, 0, 0, 0, 1.1965332, 0, 0.546875, 0.34375], [2, 2, 2]), tolerance: 2e-6, note: "PyTorch"),
    OperatorCase(
      "LSTM", [x] + weights(4) + [nil, nil, first(c), wave([1, 6], 7)], ["clip": .float(0.4)],
      gives: f32(
        [
          0.15550542, -0.026969576, 0.10870475, 0.10864113, 0.044663109, 0.077476077, 0.14673138, 0.093751974, -0.02154329, 0.11908193,
          0.028015066, 0.12576567,
        ], [3, 1, 2, 2]),
      f32([-0.02154329, 0.11908193, 0.028015066, 0.12576567], [1, 2, 2]),
      f32([-0.051600963, 0.30593151, 0.069922365, 0.32429579], [1, 2, 2]), tolerance: 2e-6, note: "peepholes and clip"),
    OperatorCase(
      "LSTM", [x] + weights(4).dropLast() + [nil, lengths, nil, nil, wave([1, 6], 7)],
      [
        "input_forget": .int(1), "direction": .text("reverse"), "activations": .texts("Sigmoid", "Softsign", "ScaledTanh"),
        "activation_alpha": .floats([1.5]), "activation_beta": .floats([0.5]),
      ],
      gives: f32(
        [
          0.01283357967, -0.02960219548, -0.01691628175, 0.02270271388, -0.04853248668, 0.01325730404, 0.05373636572, -0.02324811425,
          -0.0407986359, 0.05304504777, 0, 0,
        ], [3, 1, 2, 2]),
      f32([0.01283357967, -0.02960219548, -0.01691628175, 0.02270271388], [1, 2, 2]),
      f32([0.02921766464, -0.09991154854, -0.04948098336, 0.05351234744], [1, 2, 2]), note: "coupled gates, by NumPy in float64"),
    OperatorCase(
      "GRU", [x] + weights(3) + [nil, first(h)], ["direction": .text("reverse"), "clip": .float(0.5)],
      gives: f32(
        [
          0.12110226, -0.4921003, 0.28017667, -0.42600965, 0.18049824, -0.51950461, 0.21365336, -0.3994177, 0.051790968, -0.55431187,
          0.30895326, -0.33480692,
        ], [3, 1, 2, 2]),
      f32([0.12110226, -0.4921003, 0.28017667, -0.42600965], [1, 2, 2]), tolerance: 2e-6, note: "clip"),
    OperatorCase(
      "GRU", [x] + weights(3).dropLast(),
      [
        "activations": .texts("HardSigmoid", "LeakyRelu"), "activation_alpha": .floats([0.3, 0.1]), "activation_beta": .floats([0.4]),
      ],
      gives: f32(
        [
          -0.014868164, -0.0049804687, 0.069140628, 0.018164061, 0.064833671, 0.16162339, 0.011418049, -0.0130859, 0.10856621, 0.055519629,
          0.076056615, 0.0625863,
        ], [3, 1, 2, 2]),
      f32([0.10856621, 0.055519629, 0.076056615, 0.0625863], [1, 2, 2]), tolerance: 2e-6, note: "activations with parameters"),
    OperatorCase(
      "RNN", [x] + weights(1).dropLast(), ["activations": .texts("Tanh", "Tanh")],
      gives: f32(
        [
          -0.25954926, -0.12435299, 0.15499079, 0.062418818, -0.067173302, 0.3213414, -0.12497282, -0.29504955, 0.18307579, 0.091334462,
          0.062432289, 0.076691866,
        ], [3, 1, 2, 2]),
      f32([0.18307579, 0.091334462, 0.062432289, 0.076691866], [1, 2, 2]), tolerance: 2e-6, note: "a list for both directions"),
  ]

  /// With the batch first every tensor has its axes exchanged, and the numbers are the same.
  @Test(arguments: ["LSTM", "GRU", "RNN"]) func takesTheBatchFirst(_ op: String) throws {
    let gates = ["LSTM": 4, "GRU": 3, "RNN": 1][op]!
    let states = op == "LSTM" ? [Self.h, Self.c] : [Self.h]
    let weights = Self.weights(gates, directions: 2) + [Self.lengths]
    let stepsFirst = try evaluate(op, [Self.x] + weights + states, attributes: Self.both, outputs: 1 + states.count)
    let batchFirst = try evaluate(
      op, [Self.swapped(Self.x)] + weights + states.map(Self.swapped), attributes: Self.both.merging(["layout": .int(1)]) { $1 },
      outputs: 1 + states.count)
    let y = try make("Transpose", ["perm": .ints([2, 0, 1, 3])]).evaluate([stepsFirst[0]])[0]
    expectClose(batchFirst[0], y, tolerance: 0, "\(op): Y")
    for (a, b) in zip(batchFirst.dropFirst(), stepsFirst.dropFirst()) { expectClose(a, try Self.swapped(b), tolerance: 0, "\(op): state") }
  }

  /// Narrow types hold the inputs exactly, so the results are those of float32, rounded once.
  @Test(arguments: ["LSTM", "GRU", "RNN"], [ElementType.float16, .bfloat16, .float64]) func roundsOnce(_ op: String, _ type: ElementType)
    throws
  {
    let gates = ["LSTM": 4, "GRU": 3, "RNN": 1][op]!
    let inputs = [Self.x] + Self.weights(gates)
    let wide = try evaluate(op, inputs.map { try $0.converted(to: .float64) }, outputs: 2)
    let narrow = try evaluate(op, inputs.map { try $0.converted(to: type) }, outputs: 2)
    for (a, b) in zip(narrow, wide) { expectClose(a, try b.converted(to: type), tolerance: 0, "\(op) \(type)") }
  }

  /// f over −2, −0.5, 0, 0.25 and 3; without α or β the defaults. The case of the letters does not count.
  static let functions: [(name: String, alpha: [Float], beta: [Float], values: [Double])] = [
    ("Relu", [], [], [0, 0, 0, 0.25, 3]),
    ("Tanh", [], [], [-0.9640275800758169, -0.46211715726000974, 0, 0.24491866240370913, 0.99505475368673046]),
    ("Sigmoid", [], [], [0.11920292202211755, 0.37754066879814541, 0.5, 0.56217650088579807, 0.95257412682243336]),
    ("Affine", [0.5], [0.25], [-0.75, 0, 0.25, 0.375, 1.75]),
    ("Affine", [], [], [-2, -0.5, 0, 0.25, 3]),
    ("LeakyRelu", [0.125], [], [-0.25, -0.0625, 0, 0.25, 3]),
    ("ThresholdedRelu", [0.25], [], [0, 0, 0, 0.25, 3]),
    ("ThresholdedRelu", [], [], [0, 0, 0, 0, 3]),
    ("ScaledTanh", [1.5], [0.5], [-1.1423912339336473, -0.36737799360556367, 0, 0.18652950265739432, 1.3577223804672998]),
    ("ScaledTanh", [], [], [-0.9640275800758169, -0.46211715726000974, 0, 0.24491866240370913, 0.99505475368673046]),
    ("HardSigmoid", [0.25], [], [0, 0.375, 0.5, 0.5625, 1]),
    ("Elu", [0.5], [], [-0.43233235838169365, -0.19673467014368329, 0, 0.25, 3]),
    ("Softsign", [], [], [-0.66666666666666663, -0.33333333333333331, 0, 0.20000000000000001, 0.75]),
    ("softplus", [], [], [0.12692801104297249, 0.47407698418010669, 0.69314718055994529, 0.82593941987884356, 3.0485873515737421]),
  ]

  @Test(arguments: functions.indices) func appliesTheActivation(_ index: Int) throws {
    let (name, alpha, beta, values) = Self.functions[index]
    try OperatorCase(
      "RNN", [f64([-2, -0.5, 0, 0.25, 3], [1, 5, 1]), f64([1], [1, 1, 1]), f64([0], [1, 1, 1])],
      ["activations": .texts(name), "activation_alpha": .floats(alpha), "activation_beta": .floats(beta)],
      gives: f64(values, [1, 1, 5, 1]), tolerance: 1e-15, note: name
    ).run()
  }

  static let empty: [OperatorCase] = [
    OperatorCase("RNN", [f32([], [0, 2, 2])] + weights(1) + [nil, first(h)], gives: f32([], [0, 1, 2, 2]), first(h), note: "no steps"),
    OperatorCase("RNN", [f32([], [3, 0, 2])] + weights(1), gives: f32([], [3, 1, 0, 2]), f32([], [1, 0, 2]), note: "no sequences"),
    OperatorCase(
      "LSTM", [f32([0, 0, 0, 0], [1, 2, 2])] + weights(4) + [i32([0, 0]), first(h), first(c)], gives: f32([0, 0, 0, 0], [1, 1, 2, 2]),
      first(h), first(c), note: "sequences without steps keep their states"),
    OperatorCase(
      "RNN", [f32([], [2, 1, 0]), f32([], [1, 1, 0]), f32([1], [1, 1, 1]), f32([0.5, 0.25], [1, 2])], ["activations": .texts("Affine")],
      gives: f32([0.75, 1.5], [2, 1, 1, 1]), note: "no inputs"),
  ]

  @Test(arguments: empty) func takesEmptySequences(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let plain: [Tensor?] = [x] + weights(1).dropLast()
  static let refused: [FailureCase] = [
    FailureCase("RNN", [f32([1, 2], [1, 2])] + plain.dropFirst(), says: "'X' has rank 2"),
    FailureCase("RNN", [x, wave([1, 2, 3], 0), plain[2]], says: "Axis 2 of the input 'W' does not fit the layer: 3 and 2"),
    FailureCase("LSTM", plain, says: "Axis 1 of the input 'W'"),
    FailureCase("RNN", plain, ["hidden_size": .int(3)], says: "Axis 1 of the input 'W'"),
    FailureCase("RNN", plain, ["hidden_size": .int(0)], says: "'hidden_size' is 0"),
    FailureCase("RNN", plain, ["hidden_size": .int(.max)], says: "Axis 1 of the input 'W'"),
    FailureCase("LSTM", plain, ["hidden_size": .int(.max)], says: "overflows"),
    FailureCase("RNN", [f32([], [1, 1, 0]), f32([], [1, 0, 0]), f32([], [1, 0, 0])], says: "hidden size of the layer is 0"),
    FailureCase("RNN", plain, both, says: "Axis 0 of the input 'W'"),
    FailureCase("RNN", plain + [wave([1, 2], 0)], says: "Axis 1 of the input 'B'"),
    FailureCase("RNN", plain + [nil, i32([3])], says: "'sequence_lens' does not fit the layer: 1 and 2"),
    FailureCase("RNN", plain + [nil, i32([3, 4])], says: "The sequence length 4 is outside 0 … 3"),
    FailureCase("RNN", plain + [nil, i32([-1, 3])], says: "The sequence length -1 is outside 0 … 3"),
    FailureCase("RNN", plain + [nil, nil, wave([2, 1, 2], 0)], says: "'initial_h'"),
    FailureCase("LSTM", [x] + weights(4) + [nil, nil, wave([1, 2, 3], 0)], says: "'initial_c'"),
    FailureCase("LSTM", [x] + weights(4) + [nil, nil, nil, wave([1, 8], 0)], says: "Axis 1 of the input 'P'"),
    FailureCase("RNN", plain, ["layout": .int(2)], says: "'layout' is 2"),
    FailureCase("RNN", plain, ["clip": .float(-1)], says: "'clip' is -1"),
    FailureCase("RNN", plain, ["clip": .float(.nan)], says: "'clip' is nan"),
    FailureCase("RNN", plain, ["direction": .text("backward")], says: "'direction' is 'backward'"),
    FailureCase("RNN", plain, ["activations": .texts("Gelu")], says: "names 'Gelu'"),
    FailureCase("LSTM", [x] + weights(4), ["activations": .texts("Tanh", "Tanh")], says: "has 2 names; the layer needs 3"),
    FailureCase(
      "RNN", [f32([], [1 << 40, 1, 0]), f32([], [1, 1, 0]), f32([1], [1, 1, 1])], code: .budgetExceeded, says: "does not fit in memory"),
  ]

  @Test func infersSymbolicSequences() throws {
    let types: [ValueType] = [
      .tensor(.float32, shape: ["steps", "batch", 8]), .tensor(.float32, shape: [2, 64, 8]), .tensor(.float32, shape: [2, 64, 16]),
    ]
    #expect(try inferredType("LSTM", types, ["direction": .text("bidirectional")]) == "float32[steps,2,batch,16]")
    let unknown = [ValueType.tensor(.float32, shape: nil), .tensor(.float32, shape: nil), .tensor(.float32, shape: nil)]
    let type = "float32[tested.batch,tested.steps,1,16]"
    #expect(try inferredType("LSTM", unknown, ["hidden_size": .int(16), "layout": .int(1)]) == type)
  }

  /// 3 steps of 2 sequences, 8 rows over 2 inputs and 2 states.
  @Test func countsBothProducts() throws {
    let types = ([Self.x] + Self.weights(4)).map { ValueType.tensor($0.elementType, $0.shape) }
    #expect(try countedProducts("LSTM", types) == "192")
  }
}

extension Attribute {
  fileprivate static func texts(_ names: String...) -> Attribute { .strings(names.map { Array($0.utf8) }) }
}
