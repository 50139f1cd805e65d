import OnyxGraph
import OnyxTensor
import Testing

/// A graph of nodes "name: inputs -> outputs" over the inputs given; values are made as they are named.
func graph(inputs: [String] = [], outputs: [String] = [], _ nodes: [(name: String, inputs: [String], outputs: [String])]) -> Graph {
  var graph = Graph(name: "g")
  var ids: [String: ValueID] = [:]
  func id(_ name: String) -> ValueID {
    if let id = ids[name] { return id }
    let id = graph.addValue(name)
    ids[name] = id
    return id
  }
  graph.inputs = inputs.map(id)
  for node in nodes {
    graph.nodes.append(
      Node(
        name: node.name, op: OperatorName("Op"), opset: 1, inputs: node.inputs.map { $0.isEmpty ? nil : id($0) },
        outputs: node.outputs.map { $0.isEmpty ? nil : id($0) }))
  }
  graph.outputs = outputs.map(id)
  return graph
}

struct GraphOrderTests {
  private func order(_ graph: Graph) throws -> [String] { try graph.topologicalOrder().map { graph.nodes[$0].name } }

  @Test func producersComeFirst() throws {
    #expect(try order(graph(inputs: ["x"], [("c", ["b"], ["c"]), ("b", ["a"], ["b"]), ("a", ["x"], ["a"])])) == ["a", "b", "c"])
    #expect(try order(graph([])) == [])
  }

  /// Among the nodes that are ready the first of the file comes first.
  @Test func theOrderOfTheFileIsKept() throws {
    let nodes = [
      ("d", ["x"], ["d"]), ("a", ["x"], ["a"]), ("z", ["late"], ["z"]), ("b", ["x"], ["b"]), ("late", ["x"], ["late"]), ("e", ["d"], ["e"]),
    ]
    #expect(try order(graph(inputs: ["x"], nodes)) == ["d", "a", "b", "late", "z", "e"])
  }

  @Test func aNodeMayReadAValueTwice() throws {
    #expect(try order(graph(inputs: ["x"], [("b", ["a", "", "a"], ["b"]), ("a", ["x"], ["a"])])) == ["a", "b"])
  }

  @Test func whatABodyCapturesComesFirst() throws {
    var outer = graph(inputs: ["x"], [("if", ["x"], ["y"]), ("a", ["x"], ["a"])])
    var body = Graph(name: "body")
    let inner = body.addValue("a")
    body.outputs = [inner]
    let captured = try #require(outer.nodes[1].outputs[0])
    body.captures = [Capture(outer: captured, inner: inner)]
    outer.nodes[0].attributes["then_branch"] = .graph(body)
    #expect(try order(outer) == ["a", "if"])
    #expect(outer.nodes[0].reads == [outer.inputs[0], captured])
    try outer.validate()
  }

  @Test func cyclesAreNamed() throws {
    let cyclic = graph(inputs: ["x"], [("a", ["x", "c"], ["a"]), ("b", ["a"], ["b"]), ("c", ["b"], ["c"]), ("after", ["c"], ["d"])])
    let error = try #require(throws: OnyxError.self) { try cyclic.topologicalOrder() }
    #expect(error.code == .invalidModel)
    #expect(error.reason == "The graph has a cycle: b (Op) → c (Op) → a (Op) → …")
    let loop = try #require(throws: OnyxError.self) { try graph([("", ["a"], ["a"])]).topologicalOrder() }
    #expect(loop.reason == "The graph has a cycle: (Op) → …")
  }

  /// Thousands of nodes in the worst order, and a chain as long: no recursion, no quadratic time.
  @Test func longChains() throws {
    let count = 20_000
    let nodes = (0..<count).reversed().map { (name: "\($0)", inputs: [$0 == 0 ? "x" : "v\($0 - 1)"], outputs: ["v\($0)"]) }
    #expect(try graph(inputs: ["x"], nodes).topologicalOrder() == Array((0..<count).reversed()))
  }
}

struct GraphValidateTests {
  private func reason(_ graph: Graph) throws -> String { try #require(throws: OnyxError.self) { try graph.validate() }.reason }

  @Test func acceptsWhatIsComplete() throws {
    try graph(inputs: ["x"], outputs: ["y", "x"], [("a", ["x", ""], ["y", ""])]).validate()
  }

  @Test func valuesAreAssignedOnce() throws {
    #expect(
      try reason(graph(inputs: ["x"], [("a", ["x"], ["y"]), ("b", ["x"], ["y"])]))
        == "The value 'y' is assigned twice: by node a (Op) and by node b (Op).")
    #expect(
      try reason(graph(inputs: ["x"], [("a", ["x"], ["x"])]))
        == "The value 'x' is assigned twice: by the graph's inputs and by node a (Op).")
    #expect(
      try reason(graph(inputs: ["x", "x"], [])) == "The value 'x' is assigned twice: by the graph's inputs and by the graph's inputs.")
    var constant = graph([("a", [], ["y"])])
    constant.initializers[ValueID(0)] = try Tensor([1])
    #expect(try reason(constant) == "The value 'y' is assigned twice: by the initializers and by node a (Op).")
  }

  @Test func whatIsReadIsMade() throws {
    let error = try #require(throws: OnyxError.self) { try graph([("a", ["x"], ["y"])]).validate() }
    #expect(error.reason == "The value 'x' is read but never made: it is no input, no initializer and no node's output.")
    #expect(error.trail == ["a (Op)"])
    #expect(try reason(graph(outputs: ["z"], [])) == "The graph's output 'z' is made by no node.")
  }

  @Test func initializersMayBeDefaults() throws {
    var withDefault = graph(inputs: ["x", "w"], [("a", ["x", "w"], ["y"])])
    withDefault.initializers[withDefault.inputs[1]] = try Tensor([1])
    try withDefault.validate()
    #expect(withDefault.requiredInputs == [withDefault.inputs[0]])
  }

  @Test func identifiersStayInside() throws {
    var broken = graph(inputs: ["x"], [])
    broken.outputs = [ValueID(5)]
    #expect(try reason(broken) == "A value id is outside its graph.")
    broken = graph(inputs: ["x"], [("a", ["x"], ["y"])])
    broken.nodes[0].inputs = [ValueID(-1)]
    #expect(try reason(broken) == "A value id is outside its graph.")
  }

  @Test func bodiesAreChecked() throws {
    var outer = graph(inputs: ["x"], [("if", ["x"], ["y"])])
    outer.nodes[0].attributes["body"] = .graphs([graph(outputs: ["z"], [])])
    let error = try #require(throws: OnyxError.self) { try outer.validate() }
    #expect(error.reason == "The graph's output 'z' is made by no node.")
    #expect(error.trail == ["if (Op)"])
    var body = Graph(name: "body")
    body.captures = [Capture(outer: ValueID(0), inner: body.addValue("x"))]
    outer.nodes[0].attributes["body"] = .graph(body)
    try outer.validate()
  }

  @Test func cyclesAreRefused() throws {
    #expect(try reason(graph([("a", ["b"], ["a"]), ("b", ["a"], ["b"])])).hasPrefix("The graph has a cycle"))
  }
}

struct GraphTextTests {
  @Test func isReadable() throws {
    var builder = GraphBuilder("net", opset: 22)
    let x = builder.input("x", .float32, ["n", 3])
    let w = builder.constant(try Tensor([1, 2, 3] as [Float], shape: [3]), name: "w")
    let parts = builder.nodes("Split", [x, nil, w], outputs: 2, attributes: ["axis": .int(1), "mode": .text("a")], name: "split")
    let y = builder.node("Relu", parts[1], attributes: ["floats": .floats([1, 2]), "t": .tensor(try Tensor([4]))])
    builder.output(y)
    #expect(
      builder.graph.text == """
        graph net(x: float32[n,3]) -> (Relu_1_output)
          const w: float32[3]
          split_output_0, split_output_1 = Split(x, _, w) {axis=1, mode="a"}
          Relu_1_output = Relu(split_output_1) {floats=[1.0, 2.0], t=int64[1]}

        """)
    #expect(builder.graph.nodes.allSatisfy { $0.opset == 22 })
    try builder.graph.validate()
  }

  @Test func cyclicGraphsHaveATextToo() {
    #expect(graph([("a", ["b"], ["a"]), ("b", ["a"], ["b"])]).text == "graph g() -> ()\n  a = Op(b)\n  b = Op(a)\n")
  }

  @Test func attributes() throws {
    let all: [(Attribute, String, String)] = [
      (.float(0.5), "float", "0.5"), (.int(-1), "int", "-1"), (.text("é"), "string", "\"é\""), (.ints([1, 2]), "ints", "[1, 2]"),
      (.strings([[97]]), "strings", "[\"a\"]"), (.type(.tensor(.int8, shape: nil)), "type", "type"),
      (.graph(Graph(name: "b")), "graph", "graph b"),
      (.graphs([]), "graphs", "graphs"), (.tensors([]), "tensors", "tensors"), (.types([]), "types", "types"),
      (.sparseTensors([]), "sparse tensors", "sparse tensors"),
    ]
    for (attribute, kind, text) in all {
      #expect(attribute.kind == kind)
      #expect(attribute.text == text)
    }
  }

  @Test func names() {
    #expect(OperatorName("Relu", domain: "ai.onnx") == OperatorName("Relu"))
    #expect("\(OperatorName("Gelu", domain: "com.microsoft"))" == "com.microsoft.Gelu")
    #expect(Node(op: OperatorName("Relu"), opset: 14, inputs: [], outputs: []).label == "(Relu)")
  }
}

struct UsesTests {
  @Test func producersAndReaders() {
    let small = graph(inputs: ["x"], outputs: ["y"], [("a", ["x", "x"], ["y", "z"]), ("b", ["x", "y"], ["w"])])
    let uses = Uses(small)
    func id(_ name: String) -> ValueID { ValueID(small.values.firstIndex { $0.name == name } ?? -1) }
    #expect(uses.producer(of: id("x")) == nil && uses.producer(of: id("z")) == 0 && uses.producer(of: id("w")) == 1)
    #expect(uses.readers(of: id("x")) == [0, 1] && uses.readers(of: id("y")) == [1] && uses.readers(of: id("w")) == [])
    #expect(uses.isOutput(id("y")) && !uses.isOutput(id("z")))
  }
}
