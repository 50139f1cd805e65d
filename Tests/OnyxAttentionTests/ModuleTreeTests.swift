import OnyxAttention
import OnyxGraph
import OnyxTensor
import Testing

struct ModuleTreeTests {
  private static func node(_ name: String, scopes: String? = nil, classes: String? = nil) -> Node {
    var metadata: [String: String] = [:]
    metadata["pkg.torch.onnx.name_scopes"] = scopes
    metadata["pkg.torch.onnx.class_hierarchy"] = classes
    return Node(name: name, op: OperatorName("Mul"), opset: 20, inputs: [], outputs: [], metadata: metadata)
  }

  private static func tree(_ nodes: [Node]) -> ModuleTree {
    var graph = Graph()
    graph.nodes = nodes
    return ModuleTree(graph)
  }

  /// The module around all of the nodes.
  private static func module(_ nodes: [Node]) -> ModuleTree.Module? {
    let tree = tree(nodes)
    return tree.common(nodes.indices).map { tree.modules[$0] }
  }

  @Test func pathsOfTorchScript() {
    let nodes = [
      Self.node("/layer1/layer1.0/se/fc1/Conv"), Self.node("/layer1/layer1.0/se/Mul"), Self.node("/layer1/layer1.0/se/fc2/Conv"),
      Self.node("orphan"),
    ]
    #expect(Self.module(nodes)?.name == "layer1.0.se")
    #expect(Self.tree(nodes).modules.map(\.name) == ["layer1", "layer1.0", "layer1.0.se", "layer1.0.se.fc1", "layer1.0.se.fc2"])
    #expect(Self.module([Self.node("/blocks/blocks.1/blocks.1.0/attn/Mul_2")])?.name == "blocks.1.0.attn")
    #expect(Self.module([nodes[0], Self.node("/layer2/Mul")]) == nil)
    #expect(Self.module([nodes[0], Self.node("/Mul")]) == nil)
    #expect(Self.tree([Self.node("/Mul"), Self.node("Mul_7"), Self.node("")]).modules.isEmpty)
  }

  @Test func metadataOfDynamo() throws {
    let nodes = [
      Self.node(
        "n1", scopes: "['', 'a', 'a.se', 'a.se.fc', 'linear']", classes: "['Net', 'Stage', 'my.SE', 'torch.Linear', 'aten.linear']"),
      Self.node("n2", scopes: "['', 'a', 'a.se', 'mul']", classes: "['Net', 'Stage', 'my.SE', 'aten.mul']"),
    ]
    let module = try #require(Self.module(nodes))
    #expect(module.name == "a.se" && module.moduleClass == "my.SE" && module.type == "SE" && module.depth == 2)
    #expect(Self.module([Self.node("n", scopes: "['', 'a', 'mul']", classes: "['Net']")])?.moduleClass == nil)
    #expect(Self.module(nodes + [Self.node("n3", scopes: "['', 'mul']")]) == nil)
  }

  @Test(arguments: ["", "[", "'", "[]", "['']", "no list", "['a'", "[''''''']"]) func brokenMetadata(_ text: String) {
    #expect(Self.tree([Self.node("n", scopes: text, classes: text)]).modules.allSatisfy { $0.name.count <= text.count })
  }

  /// Metadata and names that nest deeper than any network make no more modules than `ScopePath.deepest`.
  @Test func endlessPaths() {
    let scopes = "[" + String(repeating: "'a', ", count: 100_000) + "]"
    #expect(Self.tree([Self.node("n", scopes: scopes), Self.node(String(repeating: "/a", count: 100_000))]).modules.count <= 64)
  }

  @Test func pathsOfTensorFlow() {
    #expect(Self.module([Self.node("model/cbam/mul/Mul"), Self.node("model/cbam/dense/MatMul")])?.name == "model.cbam")
  }
}
