import OnyxAttention
import OnyxGraph
import Testing

struct ModuleScopeTests {
  private static func node(_ name: String, scopes: String? = nil, classes: String? = nil) -> Node {
    var metadata: [String: String] = [:]
    metadata["pkg.torch.onnx.name_scopes"] = scopes
    metadata["pkg.torch.onnx.class_hierarchy"] = classes
    return Node(name: name, op: OperatorName("Mul"), opset: 20, inputs: [], outputs: [], metadata: metadata)
  }

  @Test func pathsOfTorchScript() {
    let nodes = [
      Self.node("/layer1/layer1.0/se/fc1/Conv"), Self.node("/layer1/layer1.0/se/Mul"), Self.node("/layer1/layer1.0/se/fc2/Conv"), Self.node("orphan"),
    ]
    #expect(ModuleScope(around: nodes)?.path == "layer1.0.se")
    #expect(ModuleScope(of: Self.node("/blocks/blocks.1/blocks.1.0/attn/Mul_2"))?.path == "blocks.1.0.attn")
    #expect(ModuleScope(around: [nodes[0], Self.node("/layer2/Mul")])?.path == "")
    #expect(ModuleScope(of: Self.node("/Mul"))?.depth == 1 && ModuleScope(of: Self.node("Mul_7")) == nil && ModuleScope(of: Self.node("")) == nil)
  }

  @Test func metadataOfDynamo() throws {
    let nodes = [
      Self.node("n1", scopes: "['', 'a', 'a.se', 'a.se.fc', 'linear']", classes: "['Net', 'Stage', 'my.SE', 'torch.Linear', 'aten.linear']"),
      Self.node("n2", scopes: "['', 'a', 'a.se', 'mul']", classes: "['Net', 'Stage', 'my.SE', 'aten.mul']"),
    ]
    let scope = try #require(ModuleScope(around: nodes))
    #expect(scope.path == "a.se" && scope.moduleClass == "my.SE" && scope.depth == 3)
    #expect(ModuleScope(of: Self.node("n", scopes: "['', 'a', 'mul']", classes: "['Net']"))?.moduleClass == nil)
  }

  @Test(arguments: ["", "[", "'", "[]", "['']", "no list", "['a'", "[''''''']"]) func brokenMetadata(_ text: String) {
    _ = ModuleScope(of: Self.node("n", scopes: text, classes: text))?.path
    #expect(ModuleScope(of: Self.node("n", scopes: String(repeating: "'a', ", count: 100_000))) == nil)
  }

  @Test func pathsOfTensorFlow() {
    #expect(ModuleScope(around: [Self.node("model/cbam/mul/Mul"), Self.node("model/cbam/dense/MatMul")])?.path == "model.cbam")
  }
}
