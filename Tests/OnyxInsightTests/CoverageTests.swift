import OnyxGraph
import OnyxInsight
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

@Suite struct CoverageTests {
  private static func model(_ opset: Int64, _ nodes: [UInt8]...) throws -> ModelGraph {
    try ModelLoader.load(bytes: Onnx.model(opset: opset, Onnx.graph(nodes: nodes)))
  }

  @Test func usesOfSeveralModelsAreCountedTogether() throws {
    let first = try Self.model(21, Onnx.node("Sqrt", ["x"], ["a"]), Onnx.node("Sqrt", ["a"], ["y"]))
    let second = try Self.model(21, Onnx.node("Sqrt", ["x"], ["a"]), Onnx.node("Mystery", ["a"], ["y"]))
    let third = try Self.model(13, Onnx.node("Sqrt", ["x"], ["y"]))
    let coverage = Coverage(of: [first, second, third])
    #expect(
      coverage.operators.map { "\($0.fullName) \($0.opset) \($0.count) \($0.isSupported)" } == [
        "Mystery 21 1 false", "Sqrt 13 1 true", "Sqrt 21 3 true",
      ])
    #expect(!coverage.isSupported && coverage.missing.map(\.name) == ["Mystery"])
    #expect(
      coverage.description
        == """
        domain   operator  opset  count  supported            fast for
        --------------------------------------------------------------
        ai.onnx  Mystery      21      1  no: not implemented
        ai.onnx  Sqrt         13      1  yes                  all
        ai.onnx  Sqrt         21      3  yes                  all

        2 of 3 operators are supported.

        """)
  }

  @Test func nodesInFunctionsAndBodiesCount() throws {
    let body = Onnx.graph(nodes: [Onnx.node("Deep", ["x"], ["z"], domain: "com.example")], inputs: [], outputs: ["z"])
    let holder = Onnx.node("Holder", ["x"], ["y"], attributes: [Onnx.attribute("body", graph: body)])
    #expect(Coverage(of: [try Self.model(21, holder)]).missing.map(\.fullName) == ["Holder", "com.example.Deep"])
  }

  /// ONNX has more than 200 operators at opset 28; Conv is one of those that every network has.
  @Test func theStandardIsThere() {
    let standard = Coverage.standard
    #expect(standard.operators.count > 200 && standard.operators.allSatisfy { $0.count == 1 })
    #expect(standard.operators.contains { $0.fullName == "Conv" && $0.isSupported })
    #expect(Set(standard.operators.map(\.fullName)).count == standard.operators.count)
  }
}
