import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// What the nodes are that stand for an operator of ONNX Runtime, and what is refused.
struct ContribTranslationTests {
  @Test func everyTranslatedOperatorIsListedOnce() {
    #expect(Set(ContribOperators.names) == TranslatedOperators.names)
    #expect(ContribOperators.names.count == TranslatedOperators.names.count)
    #expect(ContribOperators.names.allSatisfy { Catalog.definition(of: $0) == nil && Catalog.reasonAgainst($0, opset: 1) == nil })
  }

  @Test func activationsAreStandardNodes() throws {
    #expect(try text("QuickGelu", [[2, 3]]) == ["n_output = Swish(a) {alpha=1.702}"])
    #expect(
      try text("FastGelu", [[2, 3], [3]]) == ["n/sum_output = Add(a, b)", "n_output = Gelu(n/sum_output) {approximate=\"tanh\"}"])
  }

  @Test func residualSumsAreSharedWithTheirOutput() throws {
    let lines = try text("SkipLayerNormalization", [[1, 2, 3], [1, 2, 3], [3], [3], [3]], ["epsilon": .float(0.5)], outputs: [0, 3])
    #expect(
      lines == [
        "n/sum_output = Add(a, b)", "n_output_3 = Add(n/sum_output, e)",
        "n_output_0 = LayerNormalization(n_output_3, c, d) {axis=-1, epsilon=0.5}",
      ])
  }

  @Test func factorsAreTransposedByTheirRank() throws {
    let lines = try text("FusedMatMul", [["n", 3, 2], ["n", 3, 4]], ["transA": .int(1), "alpha": .float(0.5)])
    #expect(
      lines == [
        "n/A_output = Transpose(a) {perm=[0, 2, 1]}", "n/product_output = MatMul(n/A_output, b)",
        "n_output = Mul(n/product_output, n/alpha)",
      ])
    #expect(try text("FusedMatMul", [[2], [2, 3]], ["transA": .int(1)]) == ["n_output = MatMul(a, b)"])
  }

  @Test func attentionIsTheStandardOne() throws {
    let lines = try text("Attention", [["n", "s", 4], [4, 12], [12]], ["num_heads": .int(2), "unidirectional": .int(1)])
    #expect(
      lines.filter { !$0.contains("Shape") } == [
        "n/product_output = MatMul(a, b)", "n/projection_output = Add(n/product_output, c)",
        "n/part_0_output, n/part_1_output, n/part_2_output = Split(n/projection_output) {axis=-1, num_outputs=3}",
        "n_output = Attention(n/part_0_output, n/part_1_output, n/part_2_output) {is_causal=1, kv_num_heads=2, q_num_heads=2}",
      ])
  }

  @Test func bytesAreDequantizedAndQuantized() throws {
    let lines = try text("QLinearSigmoid", [[2, 3], [], [], [], []], element: [.uint8, .float32, .uint8, .float32, .uint8])
    #expect(
      lines == [
        "n/X_floats_output = DequantizeLinear(a, b, c)", "n/y_output = Sigmoid(n/X_floats_output)",
        "n_output = QuantizeLinear(n/y_output, d, e)",
      ])
  }

  @Test func typesOfValuesInBetweenAreInferred() throws {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n", 3, 2])
    let y = builder.nodes("Relu", [x], outputs: 1)[0]
    builder.output(
      builder.nodes("FusedMatMul", [y, y], outputs: 1, attributes: ["transA": .int(1)], domain: "com.microsoft", name: "n")[0])
    #expect(try ContribOperators.translate(builder.graph).text.contains("Transpose(Relu_0_output) {perm=[0, 2, 1]}"))
  }

  @Test func bodiesAreTranslatedWithTheTypesOfWhatTheyCapture() throws {
    var body = Graph(name: "body")
    let inner = body.addValue("x")
    let result = body.addValue("y")
    body.nodes = [
      Node(
        op: OperatorName("FusedMatMul", domain: "com.microsoft"), opset: 1, inputs: [inner, inner], outputs: [result],
        attributes: ["transA": .int(1)])
    ]
    body.outputs = [result]
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let condition = builder.input("c", .bool, [])
    let x = builder.input("x", .float32, [3, 2])
    body.captures = [Capture(outer: x, inner: inner)]
    builder.output(builder.node("If", condition, attributes: ["then_branch": .graph(body), "else_branch": .graph(body)]))
    let graph = try ContribOperators.translate(builder.graph)
    for branch in graph.nodes[0].attributes.values.flatMap(\.graphs) { #expect(branch.nodes.map(\.op.name) == ["Transpose", "MatMul"]) }
  }

  /// As models of IR version 3 have it: each initializer is an input, so none is a constant. Time grows with their number, not its square.
  @Test func initializersThatAreInputsAreNoConstants() throws {
    var graph = Graph(name: "g")
    let one = try Tensor(scalar: Float(1))
    for index in 0..<12_000 {
      let id = graph.addValue("w\(index)", type: .tensor(.float32, []))
      graph.initializers[id] = one
      if index > 0 { graph.inputs.append(id) }
    }
    let result = graph.addValue("y")
    graph.nodes = [
      Node(op: OperatorName("Gelu", domain: "com.microsoft"), opset: 1, inputs: [ValueID(1)], outputs: [result])
    ]
    graph.outputs = [result]
    let time = try ContinuousClock().measure {
      try graph.validate()
      let inference = try GraphInference(try ContribOperators.translate(graph))
      #expect(inference[ValueID(0)]?.constant != nil && inference[ValueID(1)]?.constant == nil)
    }
    // Loose: debug builds, busy machines, other tests in parallel.
    #expect(time < .seconds(3) * Sanitizer.patience)
  }

  @Test func otherOperatorsOfTheDomainStay() throws {
    let graph = ContribCase("BeamSearch", [numbers(.float32, [1], [1])]).graph(symbolic: false, outputs: 1)
    let translated = try ContribOperators.translate(graph)
    #expect(translated.text == graph.text)
    let error = try #require(throws: OnyxError.self) {
      try OperatorSupport.check(ModelGraph(irVersion: 10, opsets: ["": Catalog.newestOpset, "com.microsoft": 1], graph: translated))
    }
    #expect(error.reason.contains("com.microsoft.BeamSearch"))
  }

  @Test(arguments: refused) func isRefused(_ test: ContribCase, _ says: String) {
    let error = #expect(throws: OnyxError.self) { try ContribOperators.translate(test.graph(symbolic: false, outputs: 1)) }
    #expect(error?.reason.contains(says) == true, "\(test.testDescription): \(error?.reason ?? "")")
  }

  private static let x = numbers(.float32, Array(repeating: 1, count: 8), [1, 2, 4])
  private static let w = numbers(.float32, Array(repeating: 1, count: 48), [4, 12])
  private static let heads: [String: Attribute] = ["num_heads": .int(2)]

  static let refused: [(ContribCase, String)] = [
    (ContribCase("Gelu", [x, x]), "2 inputs"),
    (ContribCase("Gelu", [x], ["alpha": .float(1)]), "'alpha' is not defined"),
    (ContribCase("BiasGelu", [x, numbers(.float32, [1, 1, 1], [3])]), "cannot be broadcast"),
    (ContribCase("FusedConv", [x, x], ["activation": .text("Mish")]), "'Mish'"),
    (ContribCase("FusedConv", [x, x], ["activation": .text("Clip")]), "takes 2"),
    (ContribCase("FusedGemm", [w, w], ["activation": .text("Erf")]), "'Erf'"),
    (ContribCase("Attention", [x, w]), "'num_heads' is missing"),
    (ContribCase("Attention", [x, w], heads.merging(["do_rotary": .int(1)]) { $1 }), "'do_rotary'"),
    (ContribCase("Attention", [x, w], ["num_heads": .int(0)]), "at least 1"),
    (ContribCase("Attention", [x, w], ["num_heads": .int(3)]), "cannot be shared"),
    (ContribCase("Attention", [x, w, nil, numbers(.int32, [1, 1, 1], [3])], heads), "does not fit 1 sequences"),
    (ContribCase("Attention", [x, w, nil, numbers(.int32, [0, 1, 2, 3, 4], [5])], heads), "cumulated"),
    (ContribCase("MultiHeadAttention", [x, x, x], ["num_heads": .int(-1)]), "at least 1"),
    (ContribCase("MultiHeadAttention", [x], heads), "packed in rank 5"),
    (ContribCase("QLinearConcat", [x, x, x, x], ["axis": .int(0)]), "4 inputs"),
    (ContribCase("QLinearConcat", [x, x, x, x, x, x], ["axis": .int(0)]), "each tensor has three"),
    (ContribCase("QLinearSoftmax", [x, x, x, x, x]), "'opset' is missing"),
    (ContribCase("EmbedLayerNormalization", [x, x, x, x, nil, x, x]), "together"),
  ]

  /// The lines of the nodes after translation. `outputs` are those that the node names.
  private func text(
    _ op: String, _ shapes: [[Dimension]], _ attributes: [String: Attribute] = [:], outputs: [Int] = [0], element: [ElementType] = []
  ) throws -> [String] {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let inputs = shapes.enumerated().map { index, shape in
      builder.input(String(UnicodeScalar(UInt8(97 + index))), element.isEmpty ? .float32 : element[index], shape)
    }
    let made = builder.nodes(op, inputs, outputs: (outputs.last ?? 0) + 1, attributes: attributes, domain: "com.microsoft", name: "n")
    for index in outputs { builder.output(made[index]) }
    let graph = try ContribOperators.translate(builder.graph)
    try graph.validate()
    return graph.text.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("  const ") }.map { String($0.dropFirst(2)) }
  }
}
