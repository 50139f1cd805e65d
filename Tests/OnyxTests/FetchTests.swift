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

  /// Everything that nodes make, for every model: as the unoptimized run has it, and the outputs as their framework has them.
  @Test(arguments: ModelCase.all) func allEqualsTheUnoptimizedRun(_ model: ModelCase) throws {
    let (plain, session) = (try Self.session(model, .none), try Self.session(model, .full))
    for (inputs, outputs) in try model.named(plain) {
      let expected = try plain.run(inputs, fetching: ["all"])
      let results = try session.run(inputs, fetching: ["all"])
      #expect(Set(results.keys) == Set(session.madeTensorNames).union(outputs.keys))
      #expect(try difference(results, expected) == nil)
      #expect(try difference(results.filter { outputs[$0.key] != nil }, outputs) == nil)
    }
  }

  @Test func patterns() throws {
    let session = try Self.session(ModelCase("digits"), .full)
    #expect(try session.tensorNames(matching: ["relu"]) == ["relu"])
    let relus = try session.tensorNames(matching: ["relu*"])
    #expect(relus.count == 9 && relus.first == "relu" && relus.allSatisfy { $0.hasPrefix("relu") })
    #expect(try session.tensorNames(matching: ["relu_?"]).count == 8)
    #expect(try session.tensorNames(matching: ["relu_1", "relu*", "relu_1"]) == ["relu_1"] + relus.filter { $0 != "relu_1" })
    #expect(try session.tensorNames(matching: ["all"]) == session.madeTensorNames)
    #expect(try session.tensorNames(matching: ["*"]) == session.madeTensorNames)
    #expect(try session.tensorNames(matching: []).isEmpty)
    let inputs = try #require(try ModelCase("digits").named(session).first?.inputs)
    #expect(Set(try session.run(inputs, fetching: ["relu_?"]).keys) == Set(relus).subtracting(["relu"]).union(["logits"]))
    for (name, text) in [
      ("relu_88", "The graph has no tensor 'relu_88'.\n  Did you mean 'relu_8'?"),
      ("rely_8*", "No tensor that nodes make matches 'rely_8*'.\n  Did you mean 'relu_8'?"),
    ] {
      let error = #expect(throws: OnyxError.self) { try session.run(inputs, fetching: [name]) }
      #expect(error?.code == .usage && error?.description == text)
    }
  }

  /// A tensor of that very name is meant, though the name looks like a pattern.
  @Test func anExactNameWins() throws {
    let nodes = [Onnx.node("Sqrt", ["x"], ["all"]), Onnx.node("Neg", ["all"], ["a*"]), Onnx.node("Abs", ["a*"], ["y"])]
    let session = try Session(bytes: Onnx.model(Onnx.graph(nodes: nodes)))
    #expect(try session.run(["x": vector(4)], fetching: ["all"]).keys.sorted() == ["all", "y"])
    #expect(try session.run(["x": vector(4)], fetching: ["a*"]).keys.sorted() == ["a*", "y"])
    #expect(try session.run(["x": vector(4)], fetching: ["*"]).keys.sorted() == ["a*", "all", "y"])
  }

  /// 'stage1*' of an exporter that names tensors after operators: the tensors that leave its modules.
  @Test func modulesAndBlocksAreFetchedByName() throws {
    let session = try Self.session(ModelCase("digits"), .full)
    let model = try Model(path: ModelCase("digits").path)
    let blocks = try model.attentionBlocks()
    #expect(blocks.map(\.name) == ["stage1.attention", "stage2.attention", "stage3.attention"])
    for block in blocks {
      #expect(try session.tensorNames(matching: [block.name]) == [block.output])
      #expect(try session.tensorNames(matching: ["\(block.kind) \(block.name)"]) == [block.output])
    }
    let nodes = try model.summary().nodes
    let stage = try session.tensorNames(matching: ["stage1*"])
    #expect(!stage.isEmpty && stage.contains(blocks[0].output))
    let made = nodes.filter { $0.module?.hasPrefix("stage1") ?? false }.flatMap(\.outputs)
    #expect(Set(stage).isSubset(of: made))
    let weights = model.initializers.map(\.name).filter { $0.hasPrefix("stage1") }
    #expect(!weights.isEmpty && Set(stage).isDisjoint(with: weights))
    #expect(try session.tensorNames(matching: [weights[0]]) == [weights[0]])
    let inputs = try #require(try ModelCase("digits").named(session).first?.inputs)
    #expect(Set(try session.run(inputs, fetching: ["stage1.attention"]).keys) == ["logits", blocks[0].output])
  }

  @Test func patternsOfWeightsAreRefused() throws {
    let error = failure { () throws(OnyxError) in try Session(bytes: Onnx.good).tensorNames(matching: ["w*"]) }
    #expect(error?.description == "No tensor that nodes make matches 'w*'.\n  Inputs and weights are fetched by their full names.")
  }

  @Test func patternsMatchLikeAShell() {
    for (pattern, name, isMatch) in [
      ("*", "", true), ("?", "", false), ("a*c", "abbc", true), ("a*c", "abcb", false), ("a?c", "abc", true), ("*b*b*", "abab", true),
      ("**a", "ba", true), ("a", "a", true), ("a", "A", false), ("/layer?/*/Relu*", "/layer1/x/Relu_output_0", true), ("ü?", "üé", true),
    ] { #expect(NamePattern(pattern).matches(name) == isMatch, "\(pattern) \(name)") }
    // Backtracking over every star would take longer than the world stands.
    #expect(!NamePattern(String(repeating: "*a", count: 200) + "b").matches(String(repeating: "a", count: 2000)))
  }

  @Test func fetchingInputsOutputsAndConstants() throws {
    let session = try Session(bytes: Onnx.good)
    let results = try session.run(["x": vector(4, 9)], fetching: ["x", "w", "y", "t", "t"])
    #expect(try results.mapValues { try $0.doubles() } == ["x": [4, 9], "w": [3, 4], "y": [2, 3, 3, 4], "t": [2, 3]])
    #expect(try session.run(["x": vector(4)]).keys.sorted() == ["y"])
  }
}
