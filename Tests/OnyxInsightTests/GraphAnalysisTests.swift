import OnyxGraph
import OnyxInsight
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

/// What is known of graphs, with and without operators that Onyx lacks.
@Suite struct GraphAnalysisTests {
  static let matrix = [Wire.text(2, "n"), Wire.int(1, 3)]

  /// x[n,3] · w[3,2] → a; Mystery(a) → b; Neg(b) → y, of which the file says nothing; Abs(a) → z.
  static func mystery(_ more: [UInt8]...) throws -> ModelGraph {
    let nodes = [
      Onnx.node("MatMul", ["x", "w"], ["a"], name: "product"), Onnx.node("Mystery", ["a"], ["b"], name: "what", domain: "com.example"),
      Onnx.node("Neg", ["b"], ["y"], name: "minus"), Onnx.node("Abs", ["a"], ["z"], name: "size"),
    ]
    let graph = Onnx.graph(
      nodes: nodes, inputs: [], outputs: [],
      initializers: [Onnx.tensor("w", dims: [3, 2], Wire.data(9, Wire.floats([1, 2, 3, 4, 5, 6])))],
      Wire.data(11, Onnx.value("x", dims: matrix)) + Wire.data(12, Wire.text(1, "y")) + Wire.data(12, Wire.text(1, "z"))
        + more.flatMap { $0 })
    return try ModelLoader.load(bytes: Onnx.model(graph))
  }

  @Test func whatStandsBeforeAnUnknownOperatorIsKnown() throws {
    let summary = Summary(try GraphAnalysis(try Self.mystery(), dimensions: ["n": 5]))
    #expect(summary.nodes.map(\.name) == ["product", "what", "minus", "size"])
    let shape: [Summary.Extent] = [.fixed(5), .fixed(2)]
    #expect(summary.nodes.map(\.shape) == [shape, nil, nil, shape])
    // 5·3·2 products; 6 weights of 4 bytes; 5·2 floats.
    #expect(summary.nodes.map(\.macs) == [30, 0, 0, 0] && summary.nodes.map(\.params) == [6, 0, 0, 0])
    #expect(summary.nodes.map(\.bytes) == [40, 0, 0, 40])
    #expect(summary.totals.weightsBytes == 24 && summary.totals.peakActivationBytes == nil && summary.uncounted == nil)
    let missing = try #require(summary.unsupported.first)
    #expect(summary.unsupported.count == 1 && missing.fullName == "com.example.Mystery" && missing.reason == "not implemented")
  }

  /// A branch within a branch; its weight is the node's.
  @Test func bodiesCountBesideTheNodesAround() throws {
    func branch(_ nodes: [[UInt8]], _ more: [UInt8] = []) -> [UInt8] {
      nodes.flatMap { Wire.data(1, $0) } + Wire.text(2, "b") + Wire.data(12, Wire.text(1, "r")) + more
    }
    func choice(_ output: String, _ body: [UInt8]) -> [UInt8] {
      Onnx.node(
        "If", ["c"], [output], name: output,
        attributes: [Onnx.attribute("then_branch", graph: body), Onnx.attribute("else_branch", graph: body)])
    }
    let weight = Wire.data(5, Onnx.tensor("w", dims: [2], Wire.data(9, Wire.floats([1, 2]))))
    let inner = branch([Onnx.node("Add", ["w", "w"], ["h"]), Onnx.node("Neg", ["h"], ["r"])], weight)
    let graph = Onnx.graph(
      nodes: [choice("y", branch([choice("r", inner)]))], inputs: [], Wire.data(11, Onnx.value("c", type: 9, dims: [])))
    let summary = Summary(try GraphAnalysis(try ModelLoader.load(bytes: Onnx.model(opset: 18, graph)), dimensions: [:]))
    #expect(summary.totals.nodes == 1 && summary.totals.bodyNodes == 2 + 4 * 2)
    #expect(summary.totals.params == 4 * 2 && summary.totals.weightsBytes == 4 * 8)
    #expect(summary.description.contains("1 node and 10 in bodies, "))
  }

  /// The file says what the unknown operator makes: from there on all is known again.
  @Test func declaredTypesStandForUnknownOperators() throws {
    let declared = Wire.data(13, Onnx.value("b", dims: [Wire.text(2, "n"), Wire.int(1, 7)]))
    let summary = Summary(try GraphAnalysis(try Self.mystery(declared)))
    #expect(summary.nodes.map(\.shape)[1...2] == [[.symbolic("n"), .fixed(7)], [.symbolic("n"), .fixed(7)]])
  }

  @Test func nodesOfANewerStandardArePassedOver() throws {
    let graph = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["t"]), Onnx.node("Neg", ["t"], ["y"])])
    let analysis = try GraphAnalysis(try ModelLoader.load(bytes: Onnx.model(opset: 4000, graph)))
    #expect(analysis.unsupported.map(\.name) == ["Neg", "Sqrt"] && analysis.unsupported.allSatisfy { $0.opset == 4000 })
    #expect(Summary(analysis).nodes.map(\.shape) == [nil, [.symbolic("n")]])
  }

  @Test func invalidNodesAreStillRefused() throws {
    let nodes = [Onnx.node("Mystery", ["x"], ["t"]), Onnx.node("Concat", ["x", "w"], ["y"], attributes: [Onnx.attribute("axis", int: 4)])]
    let graph = Onnx.graph(nodes: nodes, initializers: [Onnx.raw("w", floats: [1])])
    let model = try ModelLoader.load(bytes: Onnx.model(graph))
    #expect(failure { () throws(OnyxError) in try GraphAnalysis(model) }?.code == .invalidModel)
  }

  @Test func dimensionsAreChecked() throws {
    let model = try Self.mystery()
    let error = failure { () throws(OnyxError) in try GraphAnalysis(model, dimensions: ["m": 1]) }
    #expect(error?.description == "The model has no dynamic dimension 'm'.\n  The dynamic dimensions are: 'n'.")
    #expect(failure { () throws(OnyxError) in try GraphAnalysis(model, dimensions: ["n": -1]) }?.code == .usage)
    #expect(try GraphAnalysis(model).sizes == ["n": 1])
  }

  /// A size that was assumed and does not suit the model leaves nothing counted; one that was given is an error.
  @Test func assumedSizesMayNotSuit() throws {
    let graph = Onnx.graph(
      nodes: [Onnx.node("Concat", ["x", "w"], ["y"], attributes: [Onnx.attribute("axis", int: 0)])], inputs: [],
      initializers: [Onnx.tensor("w", dims: [1, 2], Wire.data(9, Wire.floats([3, 4])))],
      Wire.data(11, Onnx.value("x", dims: [Wire.int(1, 1), Wire.text(2, "h")])))
    let model = try ModelLoader.load(bytes: Onnx.model(graph))
    let summary = Summary(try GraphAnalysis(model))
    #expect(summary.uncounted != nil && summary.nodes[0].bytes == 0 && summary.totals.peakActivationBytes == nil)
    #expect(summary.text().contains("\nMACs and memory cannot be counted with h = 1: "))
    #expect(failure { () throws(OnyxError) in try GraphAnalysis(model, dimensions: ["h": 3]) }?.code == .invalidModel)
    #expect(Summary(try GraphAnalysis(model, dimensions: ["h": 2])).nodes[0].bytes == 16)
  }

  /// Costs for tensors are those for their sizes.
  @Test func tensorsBindSizes() throws {
    let model = try Self.mystery()
    let x = try Tensor([Float](repeating: 0, count: 15), shape: [5, 3])
    #expect(try GraphAnalysis(model, inputs: ["x": x]).macs == [30, 0, 0, 0])
    #expect(try GraphAnalysis(model, inputs: [:]).macs == [0, 0, 0, 0])
  }
}
