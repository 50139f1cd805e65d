import Foundation
import Onyx
import Testing

/// What can be told of a model with the product alone.
@Suite struct ModelTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "models").path(percentEncoded: false)
  static let se = folder + "/attention/se-avg/dynamo-dynamic/model.onnx"

  @Test func metadata() throws {
    let model = try Model(path: Self.se)
    #expect(model.producerName == "pytorch" && model.producerVersion == "2.15.0" && model.irVersion == 10)
    #expect(model.opsets == ["ai.onnx": 20])
    #expect(model.inputs.map(\.description) == ["x: float32[batch,54,8,8]"])
    #expect(model.outputs.map(\.description) == ["output: float32[batch,54,8,8]"])
    #expect(model.domain.isEmpty && model.documentation.isEmpty && model.functions.isEmpty)
    let small = try Model(bytes: SmallModel.described)
    #expect(small.producerName == "tests" && small.version == 3 && small.domain == "com.example" && small.documentation == "What it is.")
    #expect(small.metadata == ["author": "me"])
    #expect(try Model(contentsOf: URL(filePath: Self.se)).inputs == model.inputs)
  }

  @Test func nodesAndInitializers() throws {
    let model = try Model(bytes: SmallModel.described)
    #expect(model.nodes.map(\.name) == ["root", "join"] && model.nodes.map(\.op) == ["Sqrt", "Concat"])
    let join = model.nodes[1]
    #expect(join.inputs == ["t", "w"] && join.outputs == ["y"] && join.attributes == ["axis"] && join.domain == "ai.onnx")
    let weights = try #require(model.initializers.first)
    #expect(model.initializers.count == 1 && weights.name == "w" && weights.elementType == .float32 && weights.shape == [2])
  }

  @Test func functions() throws {
    let model = try Model(bytes: SmallModel.function)
    let function = try #require(model.functions.first)
    #expect(function.name == "Twice" && function.domain == "local" && function.inputs == ["a"] && function.outputs == ["b"])
    #expect(function.operators == ["Add"])
    // Its nodes stand in place of the call.
    #expect(model.nodes.map(\.op) == ["Add"])
    #expect(try Session(model).run(["x": vector(3)])["y"]?.doubles() == [6])
  }

  @Test func coverage() throws {
    let coverage = try Model(path: Self.se).coverage()
    #expect(coverage.isSupported && coverage.missing.isEmpty)
    #expect(coverage.operators.map(\.name) == ["Gemm", "Mul", "ReduceMean", "Relu", "Reshape", "Sigmoid"])
    #expect(coverage.operators.map(\.count) == [2, 1, 1, 1, 2, 1])
    let model = try Model(bytes: SmallModel.mystery)
    #expect(!model.coverage().isSupported)
    let missing = try #require(model.coverage().missing.first)
    #expect(missing.fullName == "com.example.Mystery" && missing.opset == 1 && missing.count == 2 && missing.reason == "not implemented")
    #expect(Coverage(of: [model, model]).missing.map(\.count) == [4])
    #expect("\(coverage)".hasSuffix("\n6 of 6 operators are supported.\n"))
    #expect(Coverage.standard.operators.contains { $0.name == "Conv" && $0.isSupported })
    let error = #expect(throws: OnyxError.self) { try Session(model) }
    #expect(error?.code == .unsupported)
  }

  @Test func summary() throws {
    let summary = try Model(path: Self.se).summary(dimensions: ["batch": 2])
    #expect(summary.irVersion == 10 && summary.producer == "pytorch 2.15.0" && summary.opsets == ["ai.onnx": 20])
    #expect(summary.nodes.count == 8 && summary.dimensions == ["batch": 2])
    let gemm = try #require(summary.nodes.first { $0.op == "Gemm" })
    #expect(gemm.macs == 2 * 54 * 6 && gemm.params == 54 * 6 && gemm.bytes == 2 * 6 * 4 && gemm.shape == [.fixed(2), .fixed(6)])
    #expect(summary.totals.params == 648 && summary.totals.macs == 1296)
    let output = 2 * 54 * 8 * 8 * MemoryLayout<Float>.stride
    let peak: Int = try #require(summary.totals.peakActivationBytes)
    #expect(peak >= output)
    #expect(summary.modules.map(\.name) == ["pool", "fc", "fc.0", "fc.1", "fc.2", "fc.3"])
    #expect(summary.modules[1].type == "Sequential" && summary.modules[1].nodes == 4 && summary.modules[1].macs == 1296)
    #expect(
      summary.csv.hasPrefix(
        "name,op,domain,module,block,shape,params,macs,bytes\r\nnode_mean,ReduceMean,ai.onnx,pool,SE 1,2x54x1x1,0,0,"))
    let open = try #require(try Model(path: Self.se).summary().nodes.first { $0.op == "Gemm" })
    #expect(open.shape == [.symbolic("batch"), .fixed(6)])
    #expect("\(summary)" == summary.text(depth: 2) && summary.text(depth: 0) != summary.text())
    let error = #expect(throws: OnyxError.self) { try Model(path: Self.se).summary(dimensions: ["bach": 1]) }
    #expect(error?.code == .usage)
  }

  @Test func attentionBlocks() throws {
    let model = try Model(path: Self.folder + "/digits/model.onnx")
    let blocks = try model.attentionBlocks(dimensions: ["batch": 1])
    #expect(blocks.map(\.kind) == ["CBAM", "SE", "ECA"])
    let cbam = blocks[0]
    #expect(cbam.name == "stage1.attention" && cbam.label == "stage1.attention" && cbam.moduleClass == "export.blocks.CBAM")
    #expect(cbam.channels == .fixed(16) && cbam.hidden == 4 && cbam.reduction == 4 && cbam.kernel == [7, 7] && cbam.heads == nil)
    #expect(cbam.gate == "sigmoid" && cbam.map == "sigmoid_1" && cbam.pooling == "both" && cbam.activation == "sigmoid")
    #expect(cbam.params == 226 && cbam.shape == [1, 16, 28, 28])
    #expect(try model.summary(dimensions: ["batch": 1]).attention == blocks)
    // Names that it tells can be fetched.
    let session = try Session(model)
    let image = try Tensor([Float](repeating: 0.5, count: 28 * 28), shape: [1, 1, 28, 28])
    let gates = try session.run(["image": image], fetching: blocks.flatMap { $0.gates + $0.maps })
    #expect(gates["sigmoid"]?.elementCount == 16 && gates["sigmoid_1"]?.elementCount == 28 * 28)
  }

  @Test func valuesSurviveTheirJSON() throws {
    for model in [try Model(path: Self.se), try Model(path: Self.folder + "/digits/model.onnx"), try Model(bytes: SmallModel.mystery)] {
      let (summary, coverage) = (try model.summary(), model.coverage())
      #expect(try JSONDecoder().decode(Summary.self, from: JSONEncoder().encode(summary)) == summary)
      #expect(try JSONDecoder().decode(Coverage.self, from: JSONEncoder().encode(coverage)) == coverage)
      let ports = model.inputs + model.outputs
      #expect(try JSONDecoder().decode([TensorSpecification].self, from: JSONEncoder().encode(ports)) == ports)
    }
  }

  @Test func sessionsShareAModel() throws {
    let model = try Model(path: Self.se)
    let x = try Tensor([Float](repeating: 0.5, count: 54 * 8 * 8), shape: [1, 54, 8, 8])
    var plain = SessionOptions(threads: 1)
    plain.optimization = .none
    #expect(plain == plain && plain != SessionOptions(threads: 1) && Set([plain, plain]).count == 1)
    let (a, b) = (try Session(model).run(["x": x]), try Session(model, options: plain).run(["x": x]))
    #expect(try difference(a, b) == nil)
  }

  @Test func errorsSayWhatToDo() {
    let error = OnyxError(.missingFile, "There is no file.", remedy: "Check the path.")
    #expect("\(error.code)" == "missingFile" && "\(OnyxError.Code.invalidModel)" == "invalidModel")
    #expect((error as any Error).localizedDescription == "There is no file.\n  Check the path.")
    #expect(error.recoverySuggestion == "Check the path." && error.failureReason == "There is no file.")
  }
}
