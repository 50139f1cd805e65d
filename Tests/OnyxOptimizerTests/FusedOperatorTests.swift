import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// The operators of the domain `onyx`. Expected numbers come from PyTorch in float64.
struct FusedOperatorTests {
  static func node(_ op: String, inputs: Int, _ attributes: [String: Attribute] = [:]) -> Node {
    Node(
      name: op, op: OperatorName(op, domain: "onyx"), opset: 1, inputs: (0..<inputs).map { ValueID($0) }, outputs: [ValueID(inputs)],
      attributes: attributes)
  }

  static func run(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) throws -> Tensor {
    let made = try Catalog.makeTensorOperator(node(op, inputs: inputs.count, attributes))
    let inferred = try made.infer(InferenceContext(inputs: inputs.map { $0.map { Inferred(constant: $0) } }, outputCount: 1))
    let results = try made.evaluate(inputs)
    let result = try #require(results.first)
    #expect(inferred.map(\.type) == [.tensor(result.elementType, result.shape)])
    return result
  }

  static let x: [Double] = [-4, -1, -0.25, 0, 0.5, 2, 7]

  static let activations: [(FusedActivation, [Double])] = [
    (.none, x), (.relu, [0, 0, 0, 0, 0.5, 2, 7]), (.clip(min: -0.5, max: 6), [-0.5, -0.5, -0.25, 0, 0.5, 2, 6]),
    (.clip(min: -.infinity, max: 1), [-4, -1, -0.25, 0, 0.5, 1, 1]),
    (
      .sigmoid,
      [0.01798620996209156, 0.2689414213699951, 0.43782349911420193, 0.5, 0.6224593312018546, 0.8807970779778823, 0.9990889488055994]
    ),
    (.hardSigmoid(alpha: 0.25, beta: 0.4), [0, 0.15, 0.3375, 0.4, 0.525, 0.9, 1]),
    (.hardSwish, [0, -0.3333333333333333, -0.11458333333333333, 0, 0.2916666666666667, 1.6666666666666667, 7]),
    (
      .swish,
      [-0.07194483984836623, -0.2689414213699951, -0.10945587477855048, 0, 0.3112296656009273, 1.7615941559557646, 6.993622641639196]
    ),
    (
      .tanh,
      [-0.999329299739067, -0.7615941559557649, -0.24491866240370913, 0, 0.46211715726000974, 0.9640275800758169, 0.9999983369439447]
    ),
    (.leakyRelu(alpha: 0.125), [-0.5, -0.125, -0.03125, 0, 0.5, 2, 7]),
    (
      .gelu,
      [-0.00012668496733247991, -0.15865525393145702, -0.10032341857926907, 0, 0.34573123063700656, 1.9544997361036416, 6.999999999991041]
    ),
  ]

  @Test(arguments: activations.indices) func activation(_ row: Int) throws {
    let (activation, expected) = Self.activations[row]
    let result = try Self.run("FusedGemm", [floats(Self.x, [7, 1]), floats([1], [1, 1])], activation.attributes).doubles()
    for (found, wanted) in zip(result, expected) { #expect(abs(found - wanted) <= max(abs(wanted), 0.01) * 0x1p-20, "\(activation)") }
    #expect(try FusedActivation(name: activation.name, parameters: activation.parameters) == activation)
  }

  static func convolution(_ more: [Tensor?] = []) throws -> [Tensor?] {
    try [
      floats((0..<18).map { Double($0) / 4 - 2 }, [1, 2, 3, 3]), floats((0..<16).map { Double($0) / 8 - 1 }, [2, 2, 2, 2]),
      floats([0.5, -1]),
    ] + more
  }

  @Test func convolutionWithResidual() throws {
    let z = try floats((0..<8).map { Double($0) - 3 }, [1, 2, 2, 2])
    #expect(try Self.run("FusedConv", Self.convolution([z])).doubles() == [1.875, 1.75, 0.5, 0.375, 1.375, 3.25, 6, 7.875])
    let swished = try Self.run("FusedConv", Self.convolution([z]), FusedActivation.hardSwish.attributes).doubles()
    let expected = [1.5234375, 1.3854166666666667, 0.2916666666666667, 0.2109375, 1.0026041666666667, 3.25, 6.0, 7.875]
    for (found, wanted) in zip(swished, expected) { #expect(abs(found - wanted) <= wanted * 0x1p-22) }
  }

  @Test func residualOfAnotherShape() throws {
    for shape: Shape in [[1, 2, 2, 1], [2, 2, 2], [1, 1, 1, 1]] {
      let error = #expect(throws: OnyxError.self) { try Self.run("FusedConv", Self.convolution([random(shape)])) }
      #expect(error?.code == .invalidModel && error?.reason.contains("'Z'") == true)
    }
  }

  @Test(arguments: [
    ["activation": Attribute.text("softmax")], ["activation": .text("clip")],
    ["activation": .text("clip"), "activation_params": .floats([1])],
    ["activation": .text("relu"), "activation_params": .floats([1])], ["activation": .int(3)], ["slope": .float(1)],
  ])
  func invalidAttributes(_ attributes: [String: Attribute]) {
    let error = #expect(throws: OnyxError.self) { try Catalog.make(Self.node("FusedConv", inputs: 2, attributes)) }
    #expect(error?.code == .invalidModel)
  }

  @Test func productsAreCounted() throws {
    let conv = try Catalog.make(Self.node("FusedConv", inputs: 4))
    let inputs: [ValueType?] = [
      .tensor(.float32, shape: ["n", 2, 3, 3]), .tensor(.float32, shape: [2, 2, 2, 2]), nil, .tensor(.float32, shape: ["n", 2, 2, 2]),
    ]
    #expect(conv.multiplyAccumulates(inputs: inputs, outputs: [.tensor(.float32, shape: ["n", 2, 2, 2])])?.description == "64*n")
  }
}
