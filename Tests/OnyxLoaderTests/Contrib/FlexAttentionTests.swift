import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import Testing

/// ai.onnx.preview.FlexAttention beside the official cases. Expected: the formula of the standard in NumPy, float64.
struct FlexAttentionTests {
  private static let q = eighths([-6, -1, 4, -4, 1, 6, -2, 3, -5, 0, 5, -3, 2, -6, -1, 4], [1, 4, 2, 2])
  private static let k = eighths([-5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5], [1, 2, 3, 2])
  private static let v = eighths([-4, -1, 2, 5, -2, 1, 4, -3, 0, 3, -4, -1], [1, 2, 3, 2])
  private static let oneHead = [
    eighths([-6, -1, 4, -4], [1, 1, 2, 2]), eighths([-5, 2, -2, 5, 1, -3], [1, 1, 3, 2]), eighths([-4, -1, 2, 5, -2, 1], [1, 1, 3, 2]),
  ]
  private static let mask = numbers(.float32, [0.5, -1, 2, 1, 0, -0.5], [2, 3])

  @Test(
    arguments: [
      (-2, [-0.1216739, 0.2533261, -0.1390289, 0.2359711]), (2, [-0.2450501, 0.1299499, -0.208019, 0.166981]),
      (0, [-0.1666667, 0.2083333, -0.1666667, 0.2083333]), (-0.0, [-0.1666667, 0.2083333, -0.1666667, 0.2083333]),
    ] as [(Float, [Double])])
  func scalesOfEverySign(_ scale: Float, _ expected: [Double]) throws {
    for type in [ElementType.float32, .float64] {
      let inputs = try Self.oneHead.map { try $0.converted(to: type) }
      try ContribCase(
        "FlexAttention", inputs, ["scale": .float(scale)], gives: [numbers(type, expected, [1, 1, 2, 2])], domain: "ai.onnx.preview"
      ).run()
    }
  }

  private static let grouped = [
    -0.1914822, 0.1835178, -0.1810539, 0.1939461, -0.124325, 0.250675, -0.1538644, 0.2211356, -0.0410611, 0.0112629, 0.0211114, -0.108461,
    -0.0421398, -0.0931605, 0.0246761, -0.0042581,
  ]

  /// Two heads of queries share one of keys; the symbolic run does not know how many.
  @Test func groupedHeads() throws {
    try ContribCase(
      "FlexAttention", [Self.q, Self.k, Self.v], gives: [numbers(.float32, Self.grouped, [1, 4, 2, 2])], domain: "ai.onnx.preview"
    ).run()
  }

  /// 16 bits in and out, the softmax in another precision: within one step of float16 of the float64 result.
  @Test(arguments: [nil, ElementType.float32, .float64, .float16, .bfloat16])
  func float16(_ precision: ElementType?) throws {
    try ContribCase(
      "FlexAttention", try [Self.q, Self.k, Self.v].map { try $0.converted(to: .float16) },
      precision.map { ["softmax_precision": .int(Int64($0.rawValue))] } ?? [:], gives: [numbers(.float16, Self.grouped, [1, 4, 2, 2])],
      domain: "ai.onnx.preview", tolerance: precision == .bfloat16 ? 4e-3 : 5e-4, note: "\(precision.map { "\($0)" } ?? "default")"
    ).run()
  }

  @Test func modifiersReadCapturedValues() throws {
    let modified: [(score: Bool, prob: Bool, heads: [Tensor], expected: [Double])] = [
      (true, false, Self.oneHead, [-0.2870592, 0.0879408, -0.2881698, 0.0868302]),
      (false, true, Self.oneHead, [-0.3209161, -0.1520561, -0.0818383, -0.0625]),
      (
        true, true, [Self.q, Self.k, Self.v],
        [
          -0.4324983, 0.1427911, -0.2626971, -0.0853276, -0.4321179, 0.1316064, -0.3100566, -0.0875558, -0.7798452, -0.247366, 0.3889645,
          -0.2563966, -0.7919009, -0.2435723, 0.3320965, -0.2203916,
        ]
      ),
    ]
    for isSymbolic in [false, true] {
      for row in modified {
        var builder = GraphBuilder("g", opset: Catalog.newestOpset)
        let mask = builder.input("mask", .float32, [2, 3])
        var attributes: [String: Attribute] = [:]
        if row.score { attributes["score_mod"] = .graph(Self.modifier("Add", mask)) }
        if row.prob { attributes["prob_mod"] = .graph(Self.modifier("Mul", mask)) }
        let graph = try Self.translated(&builder, row.heads, attributes, isSymbolic: isSymbolic)
        let values = try interpreted(graph, Dictionary(uniqueKeysWithValues: zip(graph.inputs, [Self.mask] + row.heads)))
        let y = try #require(values[graph.outputs[0]])
        #expect(y.elementType == .float32 && y.shape == row.heads[0].shape)
        for (got, want) in zip(try y.doubles(), row.expected) { #expect(abs(got - want) < 1e-6, "\(row), \(isSymbolic)") }
      }
    }
  }

  /// An If of the modifier reads a value of it whose type no one declares: its result has a type where the modifier stood.
  @Test func bodiesOfAModifierReadItsValues() throws {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    let condition = builder.input("condition", .bool, [])
    var modifier = Graph(name: "mod")
    let (scores, flag) = (modifier.addValue("scores"), modifier.addValue("flag"))
    let (between, result) = (modifier.addValue("between"), modifier.addValue("result"))
    (modifier.inputs, modifier.outputs) = ([scores], [result])
    modifier.captures = [Capture(outer: condition, inner: flag)]
    let branch = Self.reading(between, "Neg")
    modifier.nodes = [
      Node(op: OperatorName("Exp"), opset: Catalog.newestOpset, inputs: [scores], outputs: [between]),
      Node(
        op: OperatorName("If"), opset: Catalog.newestOpset, inputs: [flag], outputs: [result],
        attributes: ["then_branch": .graph(branch), "else_branch": .graph(branch)]),
    ]
    let translated = try Self.translated(&builder, Self.oneHead, ["score_mod": .graph(modifier)], isSymbolic: false)
    let inferred = try GraphInference(translated)
    let choice = try #require(translated.nodes.first { $0.op.name == "If" })
    #expect(try inferred[#require(choice.outputs[0])]?.type == .tensor(.float32, shape: [1, 1, 2, 3]))
    #expect(inferred[translated.outputs[0]]?.type == .tensor(.float32, shape: [1, 1, 2, 2]))
  }

  /// "h" of the body counts other heads than "h" around it: the heads are grouped by what the run finds.
  @Test func symbolsOfTheEnclosingGraphAreOthers() throws {
    func text(formal: Bool) throws -> String {
      var body = Graph(name: "body")
      let q = body.addValue("q", type: formal ? .tensor(.float32, shape: [1, "h", 2, 2]) : nil)
      let k = body.addValue("k")
      let y = body.addValue("y")
      let (trip, condition) = (body.addValue("trip", type: .tensor(.int64, [])), body.addValue("go", type: .tensor(.bool, [])))
      body.inputs = [trip, condition, q]
      body.outputs = [condition, y]
      body.nodes = [
        Node(
          name: "flex", op: OperatorName("FlexAttention", domain: "ai.onnx.preview"), opset: 1, inputs: [formal ? q : k, k, k], outputs: [y]
        )
      ]
      var builder = GraphBuilder("g", opset: Catalog.newestOpset)
      let (first, keys) = (builder.input("first", .float32, [1, "a", 2, 2]), builder.input("keys", .float32, [1, "h", 2, 2]))
      body.captures = [Capture(outer: keys, inner: k)]
      let count = builder.constant(numbers(.int64, [2], []))
      builder.output(builder.node("Loop", count, nil, first, attributes: ["body": .graph(body)]))
      return try #require(try ContribOperators.translate(builder.graph).nodes[0].bodies.first).text
    }
    #expect(try text(formal: true).contains("Unsqueeze"))
    #expect(try !text(formal: false).contains("Unsqueeze"))
  }

  @Test(arguments: refused) func isRefused(_ test: ContribCase, _ says: String) {
    let error = #expect(throws: OnyxError.self) { try ContribOperators.translate(test.graph(symbolic: false, outputs: 1)) }
    #expect(error?.code == .invalidModel && error?.reason.contains(says) == true, "\(test): \(error?.reason ?? "")")
  }

  static let refused: [(ContribCase, String)] = [
    (ContribCase("FlexAttention", [eighths([1, 2, 3, 4], [1, 2, 2]), k, v], domain: "ai.onnx.preview"), "rank 3"),
    (ContribCase("FlexAttention", [q, k, eighths([1, 2], [2])], domain: "ai.onnx.preview"), "rank 1"),
    (ContribCase("FlexAttention", [eighths(Array(repeating: 1, count: 12), [1, 3, 2, 2]), k, v], domain: "ai.onnx.preview"), "3 heads"),
    (ContribCase("FlexAttention", [q, eighths([], [1, 0, 3, 2]), v], domain: "ai.onnx.preview"), "0 heads of keys"),
    (
      ContribCase("FlexAttention", [q, k, eighths([1, 2, 3], [1, 1, 3, 1])], domain: "ai.onnx.preview"), "2 heads of keys and 1 of values"
    ),
    (ContribCase("FlexAttention", [q, k], domain: "ai.onnx.preview"), "2 inputs"),
    (ContribCase("FlexAttention", [q, k, v], ["softmax_precision": .int(7)], domain: "ai.onnx.preview"), "no floating type"),
    (ContribCase("FlexAttention", [q, k, v], ["score_mod": .graph(passing(2, 2))], domain: "ai.onnx.preview"), "takes 2 inputs"),
    (ContribCase("FlexAttention", [q, k, v], ["score_mod": .graph(passing(1, 2))], domain: "ai.onnx.preview"), "gives 2 values"),
    (ContribCase("FlexAttention", [q, k, v], ["prob_mod": .graph(passing(1, 0))], domain: "ai.onnx.preview"), "gives 0 values"),
  ]

  /// A body of `inputs` inputs that gives the first of them `outputs` times.
  private static func passing(_ inputs: Int, _ outputs: Int) -> Graph {
    var body = Graph(name: "mod")
    body.inputs = (0..<inputs).map { body.addValue("x\($0)") }
    let made = (0..<outputs).map { body.addValue("y\($0)") }
    body.nodes = made.map { Node(op: OperatorName("Identity"), opset: Catalog.newestOpset, inputs: [body.inputs[0]], outputs: [$0]) }
    body.outputs = made
    return body
  }

  /// A body that applies an operator to its input and a captured value.
  private static func modifier(_ op: String, _ captured: ValueID) -> Graph {
    var body = Graph(name: "mod")
    let (x, inner, y) = (body.addValue("x"), body.addValue("inner"), body.addValue("y"))
    (body.inputs, body.outputs) = ([x], [y])
    body.captures = [Capture(outer: captured, inner: inner)]
    body.nodes = [Node(op: OperatorName(op), opset: Catalog.newestOpset, inputs: [x, inner], outputs: [y])]
    return body
  }

  /// A body without inputs that applies an operator to a captured value.
  private static func reading(_ captured: ValueID, _ op: String) -> Graph {
    var body = Graph(name: "branch")
    let (inner, y) = (body.addValue("inner"), body.addValue("y"))
    body.outputs = [y]
    body.captures = [Capture(outer: captured, inner: inner)]
    body.nodes = [Node(op: OperatorName(op), opset: Catalog.newestOpset, inputs: [inner], outputs: [y])]
    return body
  }

  /// The translated graph of a node over three more inputs.
  private static func translated(
    _ builder: inout GraphBuilder, _ heads: [Tensor], _ attributes: [String: Attribute], isSymbolic: Bool
  ) throws -> Graph {
    let inputs = zip(["q", "k", "v"], heads).map { name, tensor in
      builder.input(
        name, tensor.elementType, tensor.shape.enumerated().map { isSymbolic ? Dimension(symbol: "\(name)\($0)") : Dimension($1) })
    }
    let made = builder.nodes("FlexAttention", inputs, outputs: 1, attributes: attributes, domain: "ai.onnx.preview", name: "flex")
    builder.output(made[0])
    let graph = try ContribOperators.translate(builder.graph)
    try graph.validate()
    _ = try GraphInference(graph)
    return graph
  }
}

private func eighths(_ values: [Double], _ shape: Shape) -> Tensor { numbers(.float32, values.map { $0 / 8 }, shape) }
