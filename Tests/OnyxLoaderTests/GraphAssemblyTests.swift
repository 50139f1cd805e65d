import OnyxGraph
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

/// How the names of a file become a graph.
@Suite struct GraphAssemblyTests {
  static func load(_ bytes: [UInt8], checks: Bool = true, _ change: (inout LoadOptions) -> Void = { _ in }) throws(OnyxError) -> ModelGraph
  {
    var options = LoadOptions()
    change(&options)
    let model = try ModelLoader.load(bytes: bytes, options: options)
    if checks { try OperatorSupport.check(model) }
    return model
  }

  static func reason(_ bytes: [UInt8], checks: Bool = true, _ change: (inout LoadOptions) -> Void = { _ in }) -> String {
    failure { () throws(OnyxError) in try load(bytes, checks: checks, change) }.map { "\($0.code.exitCode) \($0.description)" }
      ?? "no error"
  }

  static func names(_ graph: Graph, _ ids: [ValueID?]) -> [String] { ids.map { $0.map { graph[$0].name } ?? "-" } }

  @Test func readsASmallModel() throws {
    let model = try Self.load(Onnx.good)
    let graph = model.graph
    #expect(model.irVersion == 10)
    #expect(model.opsets == ["": 21])
    #expect(model.producerName == "tests")
    #expect(model.metadata == ["author": "me"])
    #expect(graph.name == "g")
    #expect(graph.nodes.map(\.label) == ["root (Sqrt)", "join (Concat)"])
    #expect(Self.names(graph, graph.nodes[1].inputs) == ["t", "w"])
    #expect(Self.names(graph, graph.inputs + graph.outputs) == ["x", "y"])
    #expect(graph[graph.inputs[0]].type == .tensor(.float32, shape: ["n"]))
    #expect(try graph.initializers.values.first?.doubles() == [3, 4])
    #expect(graph.initializers.keys.map { graph[$0].type } == [.tensor(.float32, shape: [2])])
  }

  @Test func nodesMayStandInAnyOrder() throws {
    let nodes = [
      Onnx.node("Sqrt", ["b"], ["y"], name: "3"), Onnx.node("Sqrt", ["a"], ["b"], name: "2"), Onnx.node("Sqrt", ["x"], ["a"], name: "1"),
    ]
    let graph = try Self.load(Onnx.model(Onnx.graph(nodes: nodes))).graph
    #expect(try graph.topologicalOrder().map { graph.nodes[$0].name } == ["1", "2", "3"])
  }

  @Test func omittedInputsAndOutputsAreNil() throws {
    let node = Onnx.node("Odd", ["x", "", "x", "", ""], ["", "y", ""], domain: "custom")
    let graph = try Self.load(Onnx.model(Onnx.graph(nodes: [node])), checks: false).graph
    #expect(Self.names(graph, graph.nodes[0].inputs) == ["x", "-", "x"])
    #expect(Self.names(graph, graph.nodes[0].outputs) == ["-", "y"])
  }

  @Test func dimensionsBecomeNumbersNamesOrFreshSymbols() throws {
    let dims = [Wire.int(1, 2), Wire.text(2, "batch"), [], Wire.int(1, -1), Wire.text(2, "")]
    let bytes = Onnx.model(
      Onnx.graph(
        nodes: [Onnx.node("Sqrt", ["x"], ["y"])], inputs: [], Wire.data(11, Onnx.value("x", type: 10, dims: dims)),
        Wire.data(11, Onnx.value("z", dims: [[]]))))
    let graph = try Self.load(bytes).graph
    #expect(graph[graph.inputs[0]].type == .tensor(.float16, shape: [2, "batch", "x.2", "x.3", "x.4"]))
    #expect(graph[graph.inputs[1]].type == .tensor(.float32, shape: ["z.0"]))
  }

  @Test func typesOfEveryKindAreRead() throws {
    let tensor = Wire.message(1, Wire.int(1, 7))
    let sparse = Wire.message(8, Wire.int(1, 1), Wire.message(2, Wire.message(1, Wire.int(1, 3))))
    let types: [([UInt8], ValueType)] = [
      (tensor, .tensor(.int64, shape: nil)),
      (sparse, .sparseTensor(.float32, shape: [3])),
      (Wire.message(4, Wire.data(1, tensor)), .sequence(.tensor(.int64, shape: nil))),
      (Wire.message(9, Wire.message(1, Wire.message(4, Wire.data(1, tensor)))), .optional(.sequence(.tensor(.int64, shape: nil)))),
      (Wire.message(5, Wire.int(1, 8), Wire.data(2, tensor)), .map(key: .string, value: .tensor(.int64, shape: nil))),
    ]
    for (bytes, type) in types {
      let input = Wire.data(11, Wire.text(1, "x") + Wire.data(2, bytes))
      let graph = try Self.load(
        Onnx.model(Onnx.graph(nodes: [Onnx.node("Odd", ["x"], ["y"], domain: "c")], inputs: [], input)), checks: false
      ).graph
      #expect(graph[graph.inputs[0]].type == type)
    }
    let opaque = Wire.data(11, Wire.text(1, "x") + Wire.message(2, Wire.message(7, Wire.text(2, "thing"))))
    #expect(
      Self.reason(Onnx.model(Onnx.graph(nodes: [], inputs: [], outputs: ["x"], opaque))).hasPrefix("69 The value 'x' is of the opaque type")
    )
    let both = Wire.data(11, Wire.text(1, "x") + Wire.data(2, tensor + sparse))
    #expect(Self.reason(Onnx.model(Onnx.graph(nodes: [], inputs: [], outputs: ["x"], both))).contains("two kinds at once"))
  }

  @Test func initializersOfInputsAreDefaults() throws {
    let graph = Onnx.graph(
      nodes: [Onnx.node("Concat", ["x", "w"], ["y"], attributes: [Onnx.attribute("axis", int: 0)])], inputs: ["x", "w"],
      initializers: [Onnx.raw("w", floats: [1])])
    let now = try Self.load(Onnx.model(graph)).graph
    #expect(Self.names(now, now.inputs) == ["x", "w"])
    #expect(Self.names(now, now.requiredInputs) == ["x"])
    // Before IR version 4 there were no overridable inputs.
    let old = try Self.load(Onnx.model(ir: 3, graph)).graph
    #expect(Self.names(old, old.inputs) == ["x"])
    #expect(old.initializers.count == 1)
  }

  @Test func captureGoesThroughEveryLevel() throws {
    let graph = try Self.load(base64(ModelFixture.captures), checks: false).graph
    #expect(graph.nodes[0].name == "outer_if")
    guard case .graph(let middle)? = graph.nodes[0].attributes["then_branch"] else { throw OnyxError.bug("no then_branch") }
    // x and flag come from outside; flag is captured because the inner If reads it.
    #expect(Self.names(graph, middle.captures.map(\.outer)).sorted() == ["flag", "x"])
    let inner = try #require(middle.nodes.first { $0.name == "inner_if" })
    guard case .graph(let innermost)? = inner.attributes["then_branch"] else { throw OnyxError.bug("no inner then_branch") }
    #expect(Self.names(middle, innermost.captures.map(\.outer)) == ["x", "middle"])
    #expect(Self.names(innermost, innermost.nodes[0].inputs) == ["x", "middle"])
    #expect(Set(inner.reads.map { middle[$0].name }) == ["flag", "x", "middle"])
  }

  @Test func ownNamesHideOuterOnes() throws {
    let body = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["t"]), Onnx.node("Sqrt", ["t"], ["z"])], inputs: [], outputs: ["z"])
    let nodes = [Onnx.node("Sqrt", ["x"], ["t"]), Onnx.node("If", ["t"], ["y"], attributes: [Onnx.attribute("then_branch", graph: body)])]
    let graph = try Self.load(Onnx.model(Onnx.graph(nodes: nodes)), checks: false).graph
    guard case .graph(let inner)? = graph.nodes[1].attributes["then_branch"] else { throw OnyxError.bug("no body") }
    #expect(Self.names(graph, inner.captures.map(\.outer)) == ["x"])
  }

  @Test func readsWhatThePythonWriterSays() throws {
    let model = try Self.load(base64(ModelFixture.everything), checks: false)
    let graph = model.graph
    #expect(model.opsets == ["": 21, "custom": 3])
    #expect(
      [model.producerName, model.producerVersion, model.domain, model.documentation] == ["python", "1.0", "org.example", "A model."])
    #expect(model.modelVersion == 7)
    #expect(model.irVersion == 11)
    #expect(model.metadata == ["author": "somebody"])
    #expect(graph.metadata == ["graph": "yes"])
    #expect(graph.quantization == [graph.inputs[0]: ["SCALE_TENSOR": "w"]])
    #expect(graph[graph.inputs[0]].type == .tensor(.float32, shape: ["batch", "x.1", 3]))
    let sparse = try #require(graph.initializers.first { graph[$0.key].name == "sparse" }?.value)
    #expect(sparse.shape == [2, 2])
    #expect(try sparse.doubles() == [0, 1, 2, 0])
    let node = graph.nodes[0]
    #expect(node.opset == 3)
    #expect(node.op == OperatorName("Odd", domain: "custom"))
    #expect(node.metadata == ["scope": "layer1"])
    #expect(node.attributes.count == 11)
    try Self.check(node.attributes)
  }

  private static func check(_ attributes: [String: Attribute]) throws {
    guard case .float(1.5)? = attributes["a_float"], case .int(-3)? = attributes["an_int"],
      case .string(let text)? = attributes["a_string"],
      case .tensor(let tensor)? = attributes["a_tensor"], case .floats([1, 2])? = attributes["floats"],
      case .ints([4, 5])? = attributes["ints"],
      case .strings(let strings)? = attributes["strings"], case .tensors(let tensors)? = attributes["tensors"],
      case .type(let type)? = attributes["a_type"], case .types(let types)? = attributes["types"],
      case .sparseTensor(let sparse)? = attributes["a_sparse"]
    else {
      Issue.record("an attribute has the wrong kind: \(attributes.mapValues(\.kind))")
      return
    }
    #expect(String(decoding: text, as: UTF8.self) == "text")
    #expect(try tensor.integers() == [1, 2])
    #expect(strings.map { String(decoding: $0, as: UTF8.self) } == ["p", "q"])
    #expect(try tensors.map { try $0.doubles() } == [[7]])
    #expect(type == .tensor(.float32, shape: [1, "n"]))
    #expect(types == [.sequence(.tensor(.int64, shape: nil))])
    #expect(sparse.shape == [3])
    #expect(try sparse.values.doubles() == [5])
  }

  @Test func attributesOfIRVersion1HaveNoType() throws {
    let axis = Wire.text(1, "axis") + Wire.int(3, 0)
    let graph = Onnx.graph(nodes: [Onnx.node("Concat", ["x", "x"], ["y"], attributes: [axis])])
    guard case .int(0)? = try Self.load(Wire.int(1, 1) + Wire.data(7, graph)).graph.nodes[0].attributes["axis"] else {
      Issue.record("no axis")
      return
    }
  }

  static let wrong: [(bytes: [UInt8], text: String)] = [
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["nobody"], ["y"], name: "n")])), "65 The value 'nobody' is read but never made"),
    (Onnx.model(Onnx.graph(nodes: [])), "65 The value 'y' is read but never made"),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"]), Onnx.node("Sqrt", ["x"], ["y"])])),
      "65 The value 'y' is assigned twice"
    ),
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["x"])], outputs: ["x"])), "65 The value 'x' is assigned twice"),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["a"], ["b"]), Onnx.node("Sqrt", ["b"], ["a"])], outputs: ["a"])),
      "65 The graph has a cycle"
    ),
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["y"], ["y"])])), "65 The graph has a cycle"),
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])], inputs: ["x", "x"])), "65 The graph has two inputs named 'x'"),
    (
      Onnx.model(
        Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])], initializers: [Onnx.raw("w", floats: [1]), Onnx.raw("w", floats: [2])])),
      "65 There are two initializers named 'w'"
    ),
    (
      Onnx.model(
        Onnx.graph(
          nodes: [Onnx.node("Sqrt", ["x"], ["y"])], initializers: [Onnx.raw("x", floats: [1]), Onnx.tensor("z", type: 7, dims: [1], [])])),
      "65 The tensor 'z': It has no data"
    ),
    (
      Onnx.model(
        Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])], initializers: [Onnx.tensor("x", type: 7, dims: [1], Wire.int(7, 1))])),
      "65 The input 'x' is declared as float32[n], but its initializer is int64[1]"
    ),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])], initializers: [Onnx.raw("", floats: [1])])),
      "65 An initializer has no name"
    ),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])], inputs: [], Wire.message(11, Wire.text(1, "x")))),
      "65 The input 'x' has no type"
    ),
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("", ["x"], ["y"], name: "n")])), "65 A node has no operator"),
    (
      Onnx.model(
        Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], attributes: [Onnx.attribute("a", int: 1), Onnx.attribute("a", int: 1)])])),
      "65 The attribute 'a' is given twice"
    ),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], attributes: [Onnx.attribute("a", reference: "b")])])),
      "65 The attribute 'a' refers to the attribute 'b' of a function, but is in none"
    ),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], attributes: [Wire.text(1, "a") + Wire.int(20, 4)])])),
      "65 The attribute 'a' has no value of its type"
    ),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], attributes: [Wire.text(1, "a") + Wire.int(20, 77)])])),
      "65 The attribute 'a' has no value of its type"
    ),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], attributes: [Wire.text(1, "a")])])),
      "65 The attribute 'a' has no type and 0 values"
    ),
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x", "x"], ["y"], name: "n")])), "65 The node has 2 inputs; the operator takes 1"),
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", [], ["y"], name: "n")])), "65 The node has 0 inputs; the operator takes 1"),
    (Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y", "z"], name: "n")])), "65 The node has 2 outputs; the operator takes 1"),
    (
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], name: "n")], inputs: [], Wire.data(11, Onnx.value("x", type: 7)))),
      "65 The input 'X' is int64, which the operator does not allow"
    ),
  ]

  @Test(arguments: wrong.indices) func refuses(_ index: Int) {
    let (bytes, text) = Self.wrong[index]
    let reason = Self.reason(bytes)
    #expect(reason.hasPrefix(String(text.prefix(3))) && reason.contains(text.dropFirst(3)), "\(reason)")
  }

  @Test func errorsSayTheNodeAndTheBodyAroundIt() {
    let body = Onnx.graph(nodes: [Onnx.node("Sqrt", ["nobody"], ["z"], name: "inner")], inputs: [], outputs: ["z"])
    let bytes = Onnx.model(
      Onnx.graph(nodes: [Onnx.node("If", ["x"], ["y"], name: "outer", attributes: [Onnx.attribute("then_branch", graph: body)])]))
    let error = failure { () throws(OnyxError) in try Self.load(bytes) }
    #expect(error?.trail == ["inner (Sqrt)", "outer (If)"])
  }

  static func sparse(_ dims: [Int64], values: [Float], indices: [Int64], indexDims: [Int64]) -> [UInt8] {
    let indices = Onnx.tensor("", type: 7, dims: indexDims, Wire.data(7, indices.flatMap { Wire.varint(UInt64(bitPattern: $0)) }))
    let fields = Wire.data(1, Onnx.raw("w", floats: values)) + Wire.data(2, indices) + dims.flatMap { Wire.int(3, $0) }
    let graph = Onnx.graph(
      nodes: [Onnx.node("Concat", ["x", "w"], ["y"], attributes: [Onnx.attribute("axis", int: 0)])], Wire.data(15, fields))
    return Onnx.model(graph)
  }

  @Test func sparseInitializersBecomeDense() throws {
    let linear = try Self.load(Self.sparse([2, 3], values: [7, 8], indices: [1, 5], indexDims: [2])).graph
    #expect(try linear.initializers.values.first?.doubles() == [0, 7, 0, 0, 0, 8])
    let coordinates = try Self.load(Self.sparse([2, 3], values: [7, 8], indices: [0, 2, 1, 0], indexDims: [2, 2])).graph
    #expect(try coordinates.initializers.values.first?.doubles() == [0, 0, 7, 8, 0, 0])
    #expect(try coordinates.initializers.values.first?.shape == Shape([2, 3]))
  }

  @Test func badSparseInitializersAreRefused() {
    #expect(Self.reason(Self.sparse([1 << 20, 1 << 20], values: [7], indices: [1], indexDims: [1])).hasPrefix("75 "))
    #expect(Self.reason(Self.sparse([2, 3], values: [7], indices: [6], indexDims: [1])).contains("outside its shape"))
    #expect(Self.reason(Self.sparse([2, 3], values: [7], indices: [-1], indexDims: [1])).contains("outside its shape"))
    #expect(Self.reason(Self.sparse([2, 3], values: [7], indices: [0, 3], indexDims: [1, 2])).contains("outside its shape"))
    #expect(Self.reason(Self.sparse([2, 3], values: [7, 8], indices: [1, 1], indexDims: [2])).contains("ascending"))
    #expect(Self.reason(Self.sparse([2, 3], values: [7, 8], indices: [1, 2, 3], indexDims: [3])).contains("indices have the shape"))
    #expect(Self.reason(Self.sparse([-2, 3], values: [7], indices: [1], indexDims: [1])).contains("negative dimension"))
  }
}
