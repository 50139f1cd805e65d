import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

@Suite struct ModelLoaderTests {
  typealias Load = GraphAssemblyTests

  static let foreign: [(bytes: [UInt8], text: String)] = [
    ([], "it is empty"),
    (Array("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 9\n".utf8), "git-lfs pointer"),
    (Array("<!DOCTYPE html><html>".utf8), "HTML page"),
    (Array("\n  <HTML lang=en>".utf8), "HTML page"),
    (Array("<?xml version='1.0'?><net>".utf8), "XML text"),
    (Array("{\"a\": 1}".utf8), "JSON text"),
    (Array("[{\"a\": 1}]".utf8), "JSON text"),
    ([0x50, 0x4B, 3, 4, 20, 0], "zip archive"),
    ([0x80, 0x02, 0x7D], "Python pickle"),
    ([0x10, 0, 0, 0, 0, 0, 0, 0] + Array("{\"w\":{}}".utf8), "safetensors"),
    ([0x1C, 0, 0, 0] + Array("TFL3".utf8), "TensorFlow Lite"),
    ([0x1C, 0, 0, 0] + Array("ORTM".utf8), "ONNX Runtime's own format"),
    ([0x93] + Array("NUMPY".utf8), "NumPy array"),
    ([0x89] + Array("PNG\r\n".utf8), "PNG image"),
    (Array("GGUF".utf8), "GGUF"),
    ([0x89] + Array("HDF\r\n".utf8), "HDF5"),
    (Onnx.raw("w", floats: [1, 2]), "it is a single tensor (TensorProto)"),
    (Wire.int(1, 8), "it has no graph"),
    (Array("onnx model, honest".utf8), "is no valid ONNX model"),
    (Array(repeating: 0, count: 64), "is no valid ONNX model"),
  ]

  @Test(arguments: foreign.indices) func saysWhatAFileIsInstead(_ index: Int) throws {
    let (bytes, text) = Self.foreign[index]
    let folder = TemporaryFolder()
    let path = try folder.write("model.onnx", bytes)
    let error = failure { () throws(OnyxError) in try ModelLoader.load(contentsOf: path) }
    #expect(error?.code == .invalidModel)
    #expect(error?.reason.contains(text) == true, "\(error?.reason ?? "no error")")
    #expect(error?.reason.hasPrefix("The file '\(path)'") == true)
    #expect(error?.remedy?.isEmpty == false)
  }

  @Test func missingFilesAndFoldersAreMissing() {
    let folder = TemporaryFolder()
    for (path, text) in [
      (folder.path + "/none.onnx", "does not exist"), (folder.path, "is a folder"), ("", "is not the path of a file"),
      ("a\0b", "is not the path"),
    ] {
      let error = failure { () throws(OnyxError) in try ModelLoader.load(contentsOf: path) }
      #expect(error?.code == .missingFile)
      #expect(error?.reason.contains(text) == true, "\(error?.reason ?? "no error")")
    }
  }

  @Test func refusesOperatorsThatOnlyOnyxMakes() {
    let nodes = [Onnx.node("BlockedConv", ["x"], ["y"], name: "first", domain: "onyx")]
    let error = failure { () throws(OnyxError) in try Load.load(Onnx.model(Onnx.graph(nodes: nodes))) }
    #expect(error?.code == .unsupported)
    #expect(error?.reason.contains("is made by Onyx itself") == true, "\(error?.reason ?? "no error")")
  }

  @Test func listsAllUnknownOperatorsAtOnce() {
    let body = Onnx.graph(nodes: [Onnx.node("Deep", ["x"], ["z"], domain: "com.example")], inputs: [], outputs: ["z"])
    let nodes = [
      Onnx.node("Mystery", ["x"], ["a"], name: "first"), Onnx.node("Sqrt", ["a"], ["b"]),
      Onnx.node("Mystery", ["b"], ["c"], name: "second"),
      Onnx.node("Holder", ["c"], ["y"], name: "holder", attributes: [Onnx.attribute("body", graph: body)]),
    ]
    let error = failure { () throws(OnyxError) in try Load.load(Onnx.model(Onnx.graph(nodes: nodes))) }
    #expect(error?.code == .unsupported)
    #expect(
      error?.reason == """
        The model uses 3 operators that Onyx does not have:
            Holder (opset 21): 1 node, for example node holder
            Mystery (opset 21): 2 nodes, for example node first
            com.example.Deep (opset 1): 1 node, for example node making 'z'
        """)
  }

  @Test func unknownOperatorsCanBeLookedAt() throws {
    let model = try Load.load(Onnx.model(opset: 99, Onnx.graph(nodes: [Onnx.node("Mystery", ["x"], ["y"], name: "m")])), checks: false)
    #expect(model.graph.nodes[0].label == "m (Mystery)")
    #expect(model.census == [OperatorCount(op: OperatorName("Mystery"), opset: 99, count: 1, example: "m")])
  }

  @Test func newerOpsetsAreUnsupported() throws {
    let newest = Int64(Catalog.newestOpset)
    let graph = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])])
    #expect(try Load.load(Onnx.model(opset: newest, graph)).opsets == ["": Catalog.newestOpset])
    let reason = Load.reason(Onnx.model(opset: newest + 1, graph))
    #expect(reason.hasPrefix("69 The model needs the operator set \(newest + 1); Onyx knows those up to \(newest)."))
    #expect(reason.contains("Export the model with opset \(newest) or older."))
  }

  /// A newer set of another of the standard's domains cannot be run, but looked at.
  @Test func newerOpsetsOfOtherDomainsAreUnsupported() throws {
    func model(_ version: Int64) -> [UInt8] {
      let graph = Onnx.graph(nodes: [Onnx.node("Scaler", ["x"], ["y"], domain: "ai.onnx.ml")])
      return Wire.int(1, 10) + Wire.message(8, Wire.text(1, "ai.onnx.ml"), Wire.int(2, version)) + Wire.data(7, graph)
    }
    #expect(try Load.load(model(1)).graph.nodes[0].opset == 5)
    #expect(Load.reason(model(6)).hasPrefix("69 The model needs the operator set 6 of ai.onnx.ml; Onyx knows those up to 5."))
    #expect(try Load.load(model(6), checks: false).graph.nodes[0].opset == 6)
  }

  @Test func opsetsAreChecked() throws {
    let graph = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])])
    func model(_ ir: Int64, _ opsets: [(String, Int64)]) -> [UInt8] {
      Wire.int(1, ir) + opsets.flatMap { Wire.message(8, Wire.text(1, $0.0), Wire.int(2, $0.1)) } + Wire.data(7, graph)
    }
    #expect(try Load.load(model(10, [("ai.onnx", 17), ("", 17)])).opsets == ["": 17])
    #expect(Load.reason(model(10, [("", 17), ("ai.onnx", 18)])).contains("in the versions 17 and 18"))
    #expect(Load.reason(model(10, [("", 0)])).contains("imports version 0"))
    #expect(Load.reason(model(10, [])).contains("imports no operator set"))
    #expect(Load.reason(model(10, [("custom", 1)])).contains("without importing a version"))
    #expect(try Load.load(model(2, [])).graph.nodes[0].opset == Catalog.newestOpset)
  }

  @Test func newerIRVersionsLoadUnlessTheyUseNewFields() throws {
    let graph = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])])
    #expect(try Load.load(Onnx.model(ir: 99, graph)).irVersion == 99)
    #expect(
      Load.reason(Onnx.model(ir: 99, graph, Wire.int(77, 1))).hasPrefix(
        "69 The model has IR version 99 and uses parts of the format newer than version 14"))
    #expect(try Load.load(Onnx.model(ir: 10, graph, Wire.int(77, 1))).irVersion == 10)
  }

  @Test func pythonsOldModelLoads() throws {
    let graph = try Load.load(base64(ModelFixture.old)).graph
    #expect(Load.names(graph, graph.inputs) == ["x"])
    #expect(try graph.initializers.values.first?.doubles() == [3, 4])
    #expect(graph.nodes[0].opset == Catalog.newestOpset)
  }
}
