import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import Testing

/// What needs more than one node: constants, readers, bodies, other domains, errors.
struct OpsetUpgradeTests {
  /// One Resize whose scales are a constant.
  private func resize(_ scales: [Float], opset: Int = 10, asNode: Bool = false, attributes: [String: Attribute] = [:]) throws -> String {
    var builder = GraphBuilder("g", opset: opset)
    let x = builder.input("x", .float32, nil)
    let tensor = try Tensor(scales, shape: Shape([scales.count]))
    let id = asNode ? builder.node("Constant", attributes: ["value": .tensor(tensor)], name: "s") : builder.constant(tensor, name: "s")
    let inputs: [ValueID?] = opset < 11 ? [x, id] : [x, builder.constant(try Tensor([Float](), shape: [0]), name: "roi"), id]
    builder.output(builder.nodes("Resize", inputs, outputs: 1, attributes: attributes, name: "n")[0])
    return body(of: try OpsetAdapters.upgrade(builder.graph, opsets: ["": opset]))
  }

  private let rule = "coordinate_transformation_mode=\"asymmetric\", mode=\"nearest\", nearest_mode="

  @Test func nearestResizeRoundsUpWhereItShrinks() throws {
    #expect(try resize([1, 2]) == "s = [1.0, 2.0]\nn_output = Resize(x, _, s) {\(rule)\"floor\"}")
    #expect(try resize([1, 0.5]) == "s = [1.0, 0.5]\nn_output = Resize(x, _, s) {\(rule)\"ceil\"}")
    #expect(try resize([1, 0.5], asNode: true).hasSuffix("n_output = Resize(x, _, s_output) {\(rule)\"ceil\"}"))
    #expect(
      try resize([2, 0.5]) == """
        s = [2.0, 0.5]
        n/shrinking = [1.0, 0.5]
        n/growing = [2.0, 1.0]
        n/shrink_output = Resize(x, _, n/shrinking) {\(rule)"ceil"}
        n_output = Resize(n/shrink_output, _, n/growing) {\(rule)"floor"}
        """)
  }

  @Test func emptyInputsOfResizeGo() throws {
    let text = try resize([1, 2], opset: 11, attributes: ["mode": .text("nearest")])
    #expect(text.hasSuffix("n_output = Resize(x, _, s) {mode=\"nearest\"}"))
    #expect(try resize([], opset: 12, asNode: true).hasSuffix("n_output = Resize(x)"))
  }

  @Test func theCoordinateRuleThatLeftTheStandard() throws {
    var attributes: [String: Attribute] = ["coordinate_transformation_mode": .text("tf_half_pixel_for_nn"), "nearest_mode": .text("floor")]
    let text = try resize([1, 2], opset: 11, attributes: attributes)
    #expect(text.hasSuffix("Resize(x, _, s) {coordinate_transformation_mode=\"half_pixel\", nearest_mode=\"round_prefer_ceil\"}"))
    attributes["nearest_mode"] = nil
    let error = #expect(throws: OnyxError.self) { try resize([1, 2], opset: 11, attributes: attributes) }
    #expect(error?.code == .unsupported)
  }

  @Test func boundsTakeTheTypeThatTheRunWillKnow() throws {
    var builder = GraphBuilder("g", opset: 6)
    let x = builder.node("Mystery", builder.input("x", .float16, nil), name: "m")
    builder.output(builder.node("Clip", x, attributes: ["min": .float(0)], name: "n"))
    #expect(
      body(of: try OpsetAdapters.upgrade(builder.graph, opsets: ["": 6])) == """
        n/min_float32 = 0.0
        m_output = Mystery(x)
        n/min_output = CastLike(n/min_float32, m_output)
        n_output = Clip(m_output, n/min_output)
        """)
  }

  /// Five outputs of which only the first is read: exporters write inference nodes that way.
  @Test func unreadStatisticsDoNotTrain() throws {
    #expect(try batchNormalization(reading: []) == "y = BatchNormalization(x, p, p, p, p)")
    #expect(try batchNormalization(reading: [1]) == "y, mean, var = BatchNormalization(x, p, p, p, p) {training_mode=1}")
    #expect(throws: OnyxError.self) { try batchNormalization(reading: [3]) }
    #expect(throws: OnyxError.self) { try batchNormalization(reading: [1], attributes: ["is_test": .int(1)]) }
    #expect(throws: OnyxError.self) { try batchNormalization(reading: [1], attributes: ["spatial": .int(0)]) }
  }

  private func batchNormalization(reading read: [Int], attributes: [String: Attribute] = [:]) throws -> String {
    var graph = Graph(name: "g")
    graph.inputs = [graph.addValue("x"), graph.addValue("p")]
    let outputs = ["y", "mean", "var", "saved_mean", "saved_var"].map { graph.addValue($0) }
    let (x, p) = (graph.inputs[0], graph.inputs[1])
    graph.nodes = [
      Node(op: OperatorName("BatchNormalization"), opset: 6, inputs: [x, p, p, p, p], outputs: outputs, attributes: attributes)
    ]
    graph.outputs = [outputs[0]] + read.map { outputs[$0] }
    return body(of: try OpsetAdapters.upgrade(graph, opsets: ["": 6]))
  }

  @Test func bodiesAreUpgradedToo() throws {
    var inner = GraphBuilder("inner", opset: 9)
    let a = inner.input("a", .float32, [1, 4])
    inner.output(inner.node("Squeeze", a, attributes: ["axes": .ints([0])], name: "s"))
    var outer = GraphBuilder("outer", opset: 9)
    let x = outer.input("x", .bool, [])
    outer.output(outer.node("If", x, attributes: ["then_branch": .graph(inner.graph), "else_branch": .graph(inner.graph)], name: "if"))
    let graph = try OpsetAdapters.upgrade(outer.graph, opsets: ["": 9])
    for name in ["then_branch", "else_branch"] {
      let body = try #require(graph.nodes[0].attributes[name]?.graphs.first)
      #expect(OnyxLoaderTests.body(of: body) == "s/axes = [0]\ns_output = Squeeze(a, s/axes)")
      #expect(body.nodes[0].opset == Catalog.newestOpset)
    }
  }

  private func nested(_ depth: Int) -> Graph {
    var graph = GraphBuilder("leaf", opset: 11).graph
    for _ in 0..<depth {
      var builder = GraphBuilder("body", opset: 11)
      _ = builder.nodes("If", [], outputs: 0, attributes: ["then_branch": .graph(graph)], name: "if")
      graph = builder.graph
    }
    return graph
  }

  @Test func nestingIsLimited() throws {
    _ = try OpsetAdapters.upgrade(nested(Graph.deepestBody), opsets: ["": 11])
    let error = #expect(throws: OnyxError.self) { try OpsetAdapters.upgrade(nested(Graph.deepestBody + 1), opsets: ["": 11]) }
    #expect(error?.code == .invalidModel)
  }

  @Test func otherDomainsStay() throws {
    var builder = GraphBuilder("g", opset: 1)
    let x = builder.input("x", .float32, nil)
    let node = builder.nodes("Relu", [x], outputs: 1, attributes: ["consumed_inputs": .ints([0])], domain: "com.example", name: "n")
    builder.output(node[0])
    let graph = try OpsetAdapters.upgrade(builder.graph, opsets: ["": 6, "com.example": 1])
    #expect(graph.nodes[0].opset == 1)
    #expect(graph.nodes[0].attributes.keys.sorted() == ["consumed_inputs"])
  }

  /// The classes of LabelEncoder 1 are numbered from 0; a newer set than the catalog's is left alone.
  @Test func otherStandardDomainsHaveVersionsOfTheirOwn() throws {
    var builder = GraphBuilder("g", opset: 1)
    let x = builder.input("x", .string, nil)
    let attributes: [String: Attribute] = ["classes_strings": .strings([[97], [98]]), "default_int64": .int(7)]
    builder.output(builder.nodes("LabelEncoder", [x], outputs: 1, attributes: attributes, domain: "ai.onnx.ml", name: "n")[0])
    let upgraded = try OpsetAdapters.upgrade(builder.graph, opsets: ["": 17, "ai.onnx.ml": 1]).nodes[0]
    #expect(upgraded.op == OperatorName("CategoryMapper", domain: "ai.onnx.ml"))
    #expect(upgraded.opset == 5)
    #expect(upgraded.attributes["cats_int64s"]?.value(.ints) == [0, 1])
    #expect(upgraded.attributes["cats_strings"]?.value(.texts) == ["a", "b"])
    #expect(upgraded.attributes["default_int64"]?.value(.int) == 7)
    #expect(upgraded.attributes.count == 3)
    var newer = GraphBuilder("g", opset: 6)
    newer.output(newer.nodes("Scaler", [newer.input("x", .float32, nil)], outputs: 1, domain: "ai.onnx.ml", name: "n")[0])
    #expect(try OpsetAdapters.upgrade(newer.graph, opsets: ["ai.onnx.ml": 6]).nodes[0].opset == 6)
  }

  @Test func aNodeWithoutVersionFollowsTheImports() throws {
    var builder = GraphBuilder("g", opset: 0)
    builder.output(builder.node("Squeeze", builder.input("x", .float32, nil), attributes: ["axes": .ints([0])], name: "n"))
    #expect(body(of: try OpsetAdapters.upgrade(builder.graph, opsets: ["": 9])) == "n/axes = [0]\nn_output = Squeeze(x, n/axes)")
    #expect(throws: OnyxError.self) { try OpsetAdapters.upgrade(builder.graph, opsets: [:]) }
    #expect(throws: OnyxError.self) { try OpsetAdapters.upgrade(builder.graph, opsets: ["": 0]) }
  }

  struct Refusal: Sendable {
    let op: String
    let opset: Int
    let inputs: Int
    let attributes: [String: Attribute]
    let code: OnyxError.Code
    let reason: String
  }

  @Test(arguments: [
    Refusal(op: "Relu", opset: 29, inputs: 1, attributes: [:], code: .unsupported, reason: "version 29"),
    Refusal(op: "Cast", opset: 1, inputs: 1, attributes: ["to": .text("FLOAT9")], code: .invalidModel, reason: "'FLOAT9'"),
    Refusal(op: "Cast", opset: 1, inputs: 1, attributes: [:], code: .invalidModel, reason: "'to' is missing"),
    Refusal(op: "LpPool", opset: 1, inputs: 1, attributes: ["p": .float(2.5)], code: .unsupported, reason: "2.5"),
    Refusal(op: "LpPool", opset: 1, inputs: 1, attributes: ["p": .float(.nan)], code: .unsupported, reason: "nan"),
    Refusal(op: "Unsqueeze", opset: 1, inputs: 1, attributes: [:], code: .invalidModel, reason: "'axes' is missing"),
    Refusal(op: "Unsqueeze", opset: 1, inputs: 1, attributes: ["axes": .int(1)], code: .invalidModel, reason: "kind int, not ints"),
    Refusal(op: "Squeeze", opset: 11, inputs: 2, attributes: [:], code: .invalidModel, reason: "2 inputs"),
    Refusal(
      op: "Slice", opset: 1, inputs: 1, attributes: ["starts": .ints([1]), "ends": .ints([])], code: .invalidModel, reason: "lengths"),
    Refusal(op: "TopK", opset: 1, inputs: 1, attributes: [:], code: .invalidModel, reason: "'k' is missing"),
    Refusal(op: "Softmax", opset: 11, inputs: 1, attributes: ["axis": .int(.min)], code: .invalidModel, reason: "Axis"),
    Refusal(op: "Softmax", opset: 11, inputs: 0, attributes: [:], code: .invalidModel, reason: "Input 0"),
    Refusal(op: "Add", opset: 6, inputs: 2, attributes: ["broadcast": .int(1), "axis": .int(.min)], code: .invalidModel, reason: "axis"),
    Refusal(op: "Add", opset: 6, inputs: 2, attributes: ["broadcast": .int(1), "axis": .int(2)], code: .invalidModel, reason: "Axis 2"),
    Refusal(op: "GroupNormalization", opset: 18, inputs: 3, attributes: [:], code: .invalidModel, reason: "num_groups"),
    Refusal(op: "GroupNormalization", opset: 18, inputs: 3, attributes: ["num_groups": .int(3)], code: .invalidModel, reason: "3 groups"),
    Refusal(op: "Upsample", opset: 7, inputs: 1, attributes: [:], code: .invalidModel, reason: "'scales' is missing"),
  ])
  func refuses(_ row: Refusal) throws {
    var builder = GraphBuilder("g", opset: row.opset)
    let inputs = ["a", "b", "c"].prefix(row.inputs).map { builder.input($0, .float32, [4, 4]) }
    _ = builder.nodes(row.op, inputs, outputs: 1, attributes: row.attributes, name: "n")
    let error = try #require(throws: OnyxError.self) { try OpsetAdapters.upgrade(builder.graph, opsets: ["": row.opset]) }
    #expect(error.code == row.code)
    #expect(error.reason.contains(row.reason), "\(error)")
    #expect(error.trail.first?.hasPrefix("n (\(row.op))") == true)
  }
}
