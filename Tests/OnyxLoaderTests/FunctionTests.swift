import OnyxGraph
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

/// Model-local functions and their inlining.
@Suite struct FunctionTests {
  typealias Load = GraphAssemblyTests

  static func model(_ nodes: [[UInt8]], _ functions: [UInt8]..., outputs: [String] = ["y"]) -> [UInt8] {
    Onnx.model(Onnx.graph(nodes: nodes, outputs: outputs), functions.flatMap { $0 }, Wire.message(8, Wire.text(1, "local"), Wire.int(2, 1)))
  }

  static func call(_ name: String, _ inputs: [String] = ["x"], _ outputs: [String] = ["y"], node: String = "", attributes: [[UInt8]] = [])
    -> [UInt8]
  {
    Onnx.node(name, inputs, outputs, name: node, domain: "local", attributes: attributes)
  }

  /// outer(x) = Concat(t, t; axis 1) with t = Concat(Sqrt(x), x; axis 0), two functions deep.
  @Test func inlinesFunctionsOfFunctions() throws {
    let model = try Load.load(base64(ModelFixture.functions))
    let graph = model.graph
    #expect(
      graph.text == """
        graph g(x: float32[2,3]) -> (y: float32[4,6])
          call/first/t = Sqrt(x)
          call/t = Concat(call/first/t, x) {axis=0}
          call/y/t = Sqrt(call/t)
          y = Concat(call/y/t, call/t) {axis=1}

        """)
    // The functions import opset 13, the model 21.
    #expect(
      graph.nodes.map(\.label).sorted() == [
        "call/first/Concat (Concat)", "call/first/root (Sqrt)", "call/y/Concat (Concat)", "call/y/root (Sqrt)",
      ])
    #expect(
      model.census == [
        OperatorCount(op: OperatorName("Concat"), opset: 13, count: 1, example: "making 'c'"),
        OperatorCount(op: OperatorName("Sqrt"), opset: 13, count: 1, example: "root"),
      ])
  }

  @Test func callsDoNotShareLocals() throws {
    let function = Onnx.function(
      "twice", inputs: ["a"], outputs: ["b"], nodes: [Onnx.node("Sqrt", ["a"], ["x"]), Onnx.node("Sqrt", ["x"], ["b"])])
    let graph = try Load.load(
      Self.model([Self.call("twice", ["x"], ["m"], node: "f"), Self.call("twice", ["m"], ["y"], node: "f")], function)
    ).graph
    #expect(
      graph.text == """
        graph g(x: float32[n]) -> (y: float32[n])
          f/x = Sqrt(x)
          m = Sqrt(f/x)
          f/x#2 = Sqrt(m)
          y = Sqrt(f/x#2)

        """)
  }

  @Test func inputsAndOutputsMayBeLeftOut() throws {
    let function = Onnx.function(
      "f", inputs: ["a", "b"], outputs: ["c", "d"],
      nodes: [Onnx.node("Odd", ["a", "b"], ["c"], domain: "q"), Onnx.node("Sqrt", ["a"], ["d"])])
    let graph = try Load.load(Self.model([Self.call("f", ["x"], ["", "y"])], function), checks: false).graph
    #expect(Load.names(graph, graph.nodes[0].inputs) == ["x"])
    #expect(Load.names(graph, graph.nodes[1].outputs) == ["y"])
  }

  @Test func anOutputThatIsAnInputIsCopied() throws {
    let function = Onnx.function("f", inputs: ["a"], outputs: ["a", "b", "b"], nodes: [Onnx.node("Sqrt", ["a"], ["b"])])
    let bytes = Self.model([Self.call("f", ["x"], ["p", "q", "r"])], function, outputs: ["p", "q", "r"])
    let graph = try Load.load(bytes, checks: false).graph
    #expect(
      graph.text == """
        graph g(x: float32[n]) -> (p: float32[n], q: float32[n], r: float32[n])
          p = Identity(x)
          q = Sqrt(x)
          r = Identity(q)

        """)
  }

  @Test func attributesComeFromTheCallOrTheDefault() throws {
    let fallback = Wire.data(11, Onnx.attribute("k", int: 5))
    let node = Onnx.node(
      "Odd", ["a"], ["b"], domain: "q",
      attributes: [
        Onnx.attribute("one", reference: "k"), Onnx.attribute("two", reference: "given"), Onnx.attribute("three", reference: "left_out"),
      ])
    let function = Onnx.function("f", inputs: ["a"], outputs: ["b"], attributes: ["given", "left_out"], nodes: [node], fallback)
    func attributes(_ given: [[UInt8]]) throws -> [String: String] {
      try Load.load(Self.model([Self.call("f", attributes: given)], function), checks: false).graph.nodes[0].attributes.mapValues(\.text)
    }
    #expect(try attributes([Onnx.attribute("given", int: 7)]) == ["one": "5", "two": "7"])
    #expect(try attributes([Onnx.attribute("given", int: 7), Onnx.attribute("k", int: 9)]) == ["one": "9", "two": "7"])
  }

  /// A body given as an attribute sees the names of the caller, wherever the function uses it.
  @Test func bodiesKeepTheirOwnScope() throws {
    let given = Onnx.graph(nodes: [Onnx.node("Sqrt", ["secret"], ["z"])], inputs: [], outputs: ["z"])
    let wrapped = Onnx.graph(
      nodes: [
        Onnx.node(
          "Odd", ["a"], ["w"], name: "inner", domain: "q", attributes: [Onnx.attribute("then_branch", reference: "body", type: 5)])
      ],
      inputs: [],
      outputs: ["w"])
    let function = Onnx.function(
      "f", inputs: ["a"], outputs: ["b"], attributes: ["body"],
      nodes: [
        Onnx.node("Sqrt", ["a"], ["secret"]),
        Onnx.node("Odd", ["a"], ["b"], name: "outer", domain: "q", attributes: [Onnx.attribute("then_branch", graph: wrapped)]),
      ])
    let nodes = [
      Onnx.node("Reciprocal", ["x"], ["secret"], name: "mine"),
      Self.call("f", node: "call", attributes: [Onnx.attribute("body", graph: given)]),
    ]
    let graph = try Load.load(Self.model(nodes, function), checks: false).graph
    let outer = try #require(graph.nodes.first { $0.name == "call/outer" })
    guard case .graph(let middle)? = outer.attributes["then_branch"], case .graph(let inner)? = middle.nodes[0].attributes["then_branch"]
    else {
      Issue.record("no bodies")
      return
    }
    #expect(Load.names(middle, inner.captures.map(\.outer)) == ["secret"])
    let source = try #require(middle.captures.first { $0.inner == inner.captures[0].outer }?.outer)
    #expect(Uses(graph).producer(of: source).map { graph.nodes[$0].name } == "mine")
  }

  @Test func metadataOfTheCallReachesItsNodes() throws {
    let function = Onnx.function(
      "f", inputs: ["a"], outputs: ["b"],
      nodes: [Onnx.node("Sqrt", ["a"], ["b"]) + Wire.message(9, Wire.text(1, "own"), Wire.text(2, "1"))])
    let call = Self.call("f") + Wire.message(9, Wire.text(1, "scope"), Wire.text(2, "layer1"))
    #expect(try Load.load(Self.model([call], function)).graph.nodes[0].metadata == ["own": "1", "scope": "layer1"])
  }

  /// `count` functions, each calling the one before.
  static func chain(_ count: Int, calls: Int = 1) -> [UInt8] {
    var functions: [UInt8] = []
    for index in 0..<count {
      var nodes: [[UInt8]] = []
      for step in 0..<calls {
        let names = (step == 0 ? "a" : "t\(step)", step == calls - 1 ? "b" : "t\(step + 1)")
        nodes.append(index == 0 ? Onnx.node("Sqrt", [names.0], [names.1]) : Self.call("f\(index - 1)", [names.0], [names.1]))
      }
      functions += Onnx.function("f\(index)", inputs: ["a"], outputs: ["b"], nodes: nodes)
    }
    return Self.model([Self.call("f\(count - 1)")], functions)
  }

  @Test func longChainsOfCallsAreInlinedOrRefused() throws {
    #expect(try Load.load(Self.chain(400)).graph.nodes.map(\.op.name) == ["Sqrt"])
    #expect(Load.reason(Self.chain(3000)).hasPrefix("75 More than 500 functions of the model call one another"))
  }

  /// 2^40 nodes in 4 kilobytes.
  @Test func expansionHasABudget() {
    #expect(
      Load.reason(Self.chain(40, calls: 2)) { $0.largestExpansion = 100_000 }.hasPrefix(
        "75 The functions of the model expand to more than 100000"))
  }

  @Test func bodiesThroughFunctionsHaveADepthLimit() {
    var functions: [UInt8] = []
    for index in 0..<100 {
      let inner = index == 0 ? Onnx.node("Sqrt", ["a"], ["z"]) : Self.call("f\(index - 1)", ["a"], ["z"])
      let body = Onnx.graph(nodes: [inner], inputs: [], outputs: ["z"])
      functions += Onnx.function(
        "f\(index)", inputs: ["a"], outputs: ["b"],
        nodes: [Onnx.node("If", ["a"], ["b"], attributes: [Onnx.attribute("then_branch", graph: body)])])
    }
    #expect(Load.reason(Self.model([Self.call("f99")], functions), checks: false).contains("More than 64 bodies are nested"))
  }

  static let wrong: [(bytes: [UInt8], text: String)] = [
    (
      model([call("f")], Onnx.function("f", inputs: ["a"], outputs: ["b"], nodes: [call("f", ["a"], ["b"])])),
      "65 The function 'f' calls itself"
    ),
    (
      model(
        [call("f")], Onnx.function("f", inputs: ["a"], outputs: ["b"], nodes: [call("g", ["a"], ["b"])]),
        Onnx.function("g", inputs: ["a"], outputs: ["b"], nodes: [call("f", ["a"], ["b"])])), "65 The function 'f' calls itself"
    ),
    (
      model(
        [Onnx.node("Sqrt", ["x"], ["y"])],
        Onnx.function(
          "f", inputs: ["a"], outputs: ["b"],
          nodes: [
            Onnx.node(
              "If", ["a"], ["b"],
              attributes: [Onnx.attribute("then_branch", graph: Onnx.graph(nodes: [call("f", ["a"], ["z"])], inputs: [], outputs: ["z"]))])
          ])), "65 The function 'f' calls itself"
    ),
    (
      model([call("f")], Onnx.function("f", inputs: [], outputs: [], nodes: []), Onnx.function("f", inputs: [], outputs: [], nodes: [])),
      "65 The function 'local.f' is defined twice"
    ),
    (
      model([call("f", ["x", "x"])], Onnx.function("f", inputs: ["a"], outputs: ["b"], nodes: [Onnx.node("Sqrt", ["a"], ["b"])])),
      "65 The function 'f' has 1 inputs and 1 outputs; the call gives 2 and 1"
    ),
    (
      model(
        [call("f", attributes: [Onnx.attribute("q", int: 1)])],
        Onnx.function("f", inputs: ["a"], outputs: ["b"], nodes: [Onnx.node("Sqrt", ["a"], ["b"])])),
      "65 The function 'f' has no attribute 'q'"
    ),
    (
      model([call("f")], Onnx.function("f", inputs: ["a"], outputs: ["b"], nodes: [Onnx.node("Sqrt", ["x"], ["b"])])),
      "65 The value 'x' is read but never made"
    ),
    (
      model(
        [call("f")],
        Onnx.function("f", inputs: ["a"], outputs: ["b"], nodes: [Onnx.node("Sqrt", ["a"], ["a"]), Onnx.node("Sqrt", ["a"], ["b"])])),
      "65 The function 'f' assigns its input 'a'"
    ),
    (
      model([call("f")], Onnx.function("f", inputs: ["a", "a"], outputs: ["b"], nodes: [])), "65 The function 'f' has two inputs named 'a'"
    ),
    (model([call("f")], Onnx.function("f", inputs: ["a"], outputs: ["b"], nodes: [])), "65 The graph's output 'y' is made by no node"),
    (
      model(
        [call("f")],
        Onnx.function(
          "f", inputs: ["a"], outputs: ["b"],
          nodes: [Onnx.node("Sqrt", ["a"], ["b"], attributes: [Onnx.attribute("k", reference: "nobody")])])),
      "65 The attribute 'k' refers to 'nobody', which its function does not have"
    ),
  ]

  @Test(arguments: wrong.indices) func refuses(_ index: Int) {
    let (bytes, text) = Self.wrong[index]
    #expect(Load.reason(bytes, checks: false).hasPrefix(text), "\(Load.reason(bytes, checks: false))")
  }
}
