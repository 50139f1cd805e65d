import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// LSTM, GRU and RNN against the scalar reference.
@Suite("Recurrent rows equal the reference")
struct RecurrentRowTests {
  /// What a test layer has; weights are small enough for the layer to forget, as those of a trained one do.
  struct Layer {
    var steps = 5, batch = 1, inputs = 7, hidden = 37
    var direction = "forward"
    /// B, lengths of the sequences, the first states, peepholes.
    var hasBias = true, hasLengths = false, hasStates = false, hasPeepholes = false
    var isBatchFirst = false
    /// Whether W and R are constants.
    var isFixed = true
    var outputs: Int?
    var attributes: [String: Attribute] = [:]

    func test(_ op: String) -> NodeCase {
      let gates = ["LSTM": 4, "GRU": 3, "RNN": 1][op] ?? 0
      let sides = direction == "bidirectional" ? 2 : 1
      let states: Shape = isBatchFirst ? [batch, sides, hidden] : [sides, batch, hidden]
      func tensor(_ shape: Shape, _ seed: UInt64, _ limit: Float) -> Tensor {
        try! Tensor.random(.float32, shape, in: -Double(limit)...Double(limit), seed: seed)
      }
      func weights(_ shape: Shape, _ seed: UInt64) -> NodeCase.Input {
        let values = tensor(shape, seed, 1.2 / Float(shape[2]).squareRoot())
        return isFixed ? .constant(values) : .given(values)
      }
      var inputs: [NodeCase.Input] = [
        .given(tensor(isBatchFirst ? [batch, steps, self.inputs] : [steps, batch, self.inputs], 1, 2)),
        weights([sides, gates * hidden, self.inputs], 2), weights([sides, gates * hidden, hidden], 3),
        hasBias ? .constant(tensor([sides, 2 * gates * hidden], 4, 0.5)) : .none,
        hasLengths ? .given(try! Tensor((0..<batch).map { Int32(steps - $0 * 2 % (steps + 1)) })) : .none,
        hasStates ? .given(tensor(states, 5, 1)) : .none,
      ]
      if op == "LSTM" {
        inputs.append(hasStates ? .given(tensor(states, 6, 1)) : .none)
        inputs.append(hasPeepholes ? .constant(tensor([sides, 3 * hidden], 7, 1)) : .none)
      }
      while case .none? = inputs.last { inputs.removeLast() }
      var all = attributes
      all["direction"] = .text(direction)
      if isBatchFirst { all["layout"] = .int(1) }
      return NodeCase(op, inputs, all, outputs: outputs ?? (op == "LSTM" ? 3 : 2))
    }
  }

  static let operators = ["LSTM", "GRU", "RNN"]

  /// Sizes around the widths of panels and vectors, and everything that a layer can have.
  static let layers: [Layer] =
    [1, 4, 16, 31, 32, 33, 64].map { Layer(batch: 1, inputs: 3, hidden: $0) }
    + [2, 3, 17].map { Layer(batch: $0, hidden: 33) }
    + [
      Layer(steps: 1, hasStates: true), Layer(steps: 1, batch: 3, hasBias: false), Layer(direction: "reverse", hasStates: true, outputs: 1),
      Layer(batch: 4, direction: "bidirectional", hasLengths: true, hasStates: true, hasPeepholes: true),
      Layer(batch: 3, direction: "reverse", hasLengths: true, isBatchFirst: true),
      Layer(batch: 2, direction: "bidirectional", hasStates: true, hasPeepholes: true, isBatchFirst: true),
      Layer(steps: 1, direction: "bidirectional", isFixed: false), Layer(steps: 9, batch: 3, hasStates: true, isFixed: false),
      Layer(batch: 2, hasPeepholes: true, attributes: ["clip": .float(0.4), "input_forget": .int(1)]),
    ]

  @Test(arguments: operators) func equalsTheReference(_ op: String) throws {
    for layer in Self.layers {
      var layer = layer
      if op != "LSTM" { layer.attributes["input_forget"] = nil }
      try KernelRowTests.expectReference(layer.test(op))
    }
  }

  @Test(arguments: ["Relu", "Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu", "Softsign", "Softplus"])
  func computesEachFunction(_ name: String) throws {
    for (op, count) in [("LSTM", 3), ("GRU", 2), ("RNN", 1)] {
      for position in 0..<count {
        var names = ["Sigmoid", "Tanh", "Tanh"]
        names[position] = name
        let attributes: [String: Attribute] = [
          "activations": .strings(names.prefix(count).map { Array($0.utf8) }), "activation_alpha": .floats([0.3]),
          "activation_beta": .floats([0.45]),
        ]
        try KernelRowTests.expectReference(Layer(steps: 3, batch: 2, hidden: 21, attributes: attributes).test(op))
      }
    }
  }

  /// GRU with `linear_before_reset`, with and without biases.
  @Test(arguments: [false, true]) func resetsTheProduct(_ hasBias: Bool) throws {
    for batch in [1, 3] {
      let layer = Layer(
        batch: batch, direction: "bidirectional", hasBias: hasBias, hasLengths: true, hasStates: true,
        attributes: ["linear_before_reset": .int(1)])
      try KernelRowTests.expectReference(layer.test("GRU"))
    }
  }

  /// A hundred steps stay within 1e-5 of the largest number, and layers large enough for several threads keep their bits: sequences or
  /// directions apart, units apart, and several chunks of steps.
  @Test(arguments: operators) func staysExact(_ op: String) throws {
    let layers = [
      Layer(steps: 100, batch: 5, inputs: 16, hidden: 64, hasLengths: true), Layer(steps: 100, inputs: 5, hidden: 150),
      Layer(steps: 70, batch: 7, inputs: 9, hidden: 160, direction: "bidirectional"),
      Layer(steps: 3, inputs: 20, hidden: 2100, hasBias: false),
    ]
    for layer in layers where layer.hidden < 1000 || op == "RNN" {
      let test = layer.test(op)
      let expected = try test.run(.referenceOnly)
      let single = try test.run(KernelTable())
      #expect(single.rows != ["reference"])
      for (actual, wanted) in zip(single.results, expected.results) {
        let (a, e) = (try actual.doubles(), try wanted.doubles())
        let limit = e.reduce(1e-30) { max($0, $1.magnitude) } * 1e-5
        #expect(zip(a, e).allSatisfy { ($0 - $1).magnitude <= limit }, "\(op) of \(layer.hidden) units")
      }
      for threads in [2, 3, 4] {
        let parallel = try test.run(KernelTable(), threads: threads)
        #expect(
          try parallel.results.map { try bits($0.elements(as: Float.self)) } == single.results.map { try bits($0.elements(as: Float.self)) }
        )
      }
    }
  }

  /// NaN and infinities of an input reach what they reach in the reference.
  @Test(arguments: operators) func keepsNaN(_ op: String) throws {
    var test = Layer(steps: 3, hidden: 5).test(op)
    for value: Float in [.nan, .infinity, -.infinity, -0.0, 3e38] {
      var inputs = test.inputs
      inputs[0] = .given(try Tensor([0.5, -1, 0.25, 1, 0, 2, 1] + [value] + Array(repeating: 1, count: 13) as [Float], shape: [3, 1, 7]))
      test = NodeCase(op, inputs, test.attributes, outputs: test.outputs)
      let expected = try test.run(.referenceOnly).results[0].elements(as: Float.self)
      for isa in ISA.tiers {
        let actual = try test.run(KernelTable(), isa: isa).results[0].elements(as: Float.self)
        for (a, e) in zip(actual, expected) {
          #expect(a.isNaN == e.isNaN && (a.isNaN || (a - e).magnitude <= 4e-6), "\(isa.name) \(value)")
        }
      }
    }
  }

  @Test func refusesLengths() throws {
    for length: Int32 in [-1, 6] {
      var inputs = Layer().test("RNN").inputs
      inputs.append(.given(try Tensor([length])))
      #expect(throws: OnyxError.self) { _ = try NodeCase("RNN", inputs).run(KernelTable()) }
    }
  }

  @Test func leavesEmptyLayersToTheReference() throws {
    for layer in [Layer(steps: 0), Layer(batch: 0), Layer(inputs: 0)] {
      #expect(try layer.test("GRU").run(KernelTable()).rows == ["reference"])
    }
  }
}
