import Onyx
import OnyxTestSupport
import Testing

/// Any tensor of the graph by name.
@Suite struct FetchTests {
  static let models = [
    "digits", "attention/cbam-fc/dynamo-dynamic", "attention/cbam-conv/torchscript-static", "attention/eca-view/torchscript-dynamic",
    "attention/keras-cbam/keras-dynamic", "attention/sk/torchscript-dynamic", "attention/self-attention/torchscript-dynamic",
    "attention/non-local/torchscript-dynamic", "opsets/se-avg/torchscript-opset9", "attention/se-512/dynamo-static",
  ].map { ModelCase($0) }

  private static func session(_ model: ModelCase, _ optimization: SessionOptions.Optimization) throws -> Session {
    var options = SessionOptions()
    options.optimization = optimization
    return try Session(path: model.path, options: options)
  }

  /// One by one, so that each time other fusions must give way; and all at once.
  @Test(arguments: models) func everyTensorEqualsTheUnoptimizedOne(_ model: ModelCase) throws {
    let plain = try Self.session(model, .none)
    let names = plain.tensorNames
    let inputs = try #require(try model.named(plain).first?.inputs)
    let expected = try plain.run(inputs, fetching: names)
    #expect(expected.keys.sorted() == Set(names).sorted())
    let session = try Self.session(model, .full)
    #expect(Set(session.tensorNames) == Set(names))
    #expect(try difference(try session.run(inputs, fetching: names), expected) == nil)
    let outputs = Set(session.outputs.map(\.name))
    for name in names {
      let results = try session.run(inputs, fetching: [name])
      #expect(Set(results.keys) == outputs.union([name]))
      #expect(try difference(results, expected.filter { results.keys.contains($0.key) }) == nil, "fetching \(name)")
    }
  }

  @Test func fetchingInputsOutputsAndConstants() throws {
    let session = try Session(bytes: Onnx.good)
    let results = try session.run(["x": vector(4, 9)], fetching: ["x", "w", "y", "t", "t"])
    #expect(try results.mapValues { try $0.doubles() } == ["x": [4, 9], "w": [3, 4], "y": [2, 3, 3, 4], "t": [2, 3]])
    #expect(try session.run(["x": vector(4)]).keys.sorted() == ["y"])
  }
}
