import OnyxGraph
import OnyxInsight
import OnyxLoader
import OnyxTestSupport
import Testing

/// Which tensors leave a module.
@Suite struct PartOutputsTests {
  @Test func whatOthersReadLeavesAModule() throws {
    let nodes = [
      Onnx.node("Sqrt", ["x"], ["a"], name: "/layer1/act/Sqrt"), Onnx.node("Neg", ["a"], ["b"], name: "/layer1/Neg"),
      Onnx.node("Abs", ["b"], ["c"], name: "/layer1/Abs"), Onnx.node("Add", ["b", "c"], ["y"], name: "/head/Add"),
    ]
    let graph = try ModelLoader.load(bytes: Onnx.model(Onnx.graph(nodes: nodes))).graph
    #expect(try PartOutputs(graph).byName == ["layer1.act": ["a"], "layer1": ["b", "c"], "head": ["y"]])
  }

  @Test func graphsWithoutModulesHaveNoParts() throws {
    #expect(try PartOutputs(try ModelLoader.load(bytes: Onnx.good).graph).byName.isEmpty)
  }
}
