import Foundation
import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

/// Where models and inputs come from: pipes, folders, archives, requests of servers.
@Suite struct InputTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test func standardInput() throws {
    let picture = "digits/samples/digit-7-1314.png"
    let wanted = try onyx("run", "digits/model.onnx", "--input", picture, "--top", "1").standardOutput
    #expect(try shell("onyx run digits/model.onnx --input - --top 1 < \(picture)").standardOutput == wanted)
    #expect(try shell("cat \(picture) | onyx run digits/model.onnx --input image=- --top 1").standardOutput == wanted)
    #expect(try shell("cat digits/model.onnx | onyx run - --input \(picture) --top 1").standardOutput == wanted)
    let summary = try onyx("summary", "digits/model.onnx").standardOutput
    #expect(try shell("onyx summary - < digits/model.onnx").standardOutput == summary)
    #expect(try shell("echo no model | onyx summary -").exitCode == 65)
  }

  @Test func foldersWithAModel() throws {
    #expect(try onyx("summary", "digits").standardOutput == onyx("summary", "digits/model.onnx").standardOutput)
    #expect(try onyx("check", "digits/").standardOutput.hasPrefix("digits/model.onnx: valid;"))
    #expect(try onyx("compare", "digits", "--reference", "digits").exitCode == 0)
    let all = try onyx("coverage", "attention/cbam-fc")
    #expect(all.exitCode == 0 && all.standardOutput.hasSuffix(" are supported.\n"))
    #expect(try onyx("coverage", "digits/samples").exitCode == 66)
  }

  /// s = a − b.
  private func difference() throws -> String {
    try folder.write(
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sub", ["a", "b"], ["s"])], inputs: ["a", "b"], outputs: ["s"])), to: "sub.onnx")
  }

  private func archive(_ tensors: [(String, [Float])]) throws -> String {
    let path = folder.path("\(tensors.map(\.0).joined()).npz")
    try TensorFile.write(try tensors.map { ($0.0, try Tensor($0.1, shape: [$0.1.count])) }, to: path, as: .npz)
    return path
  }

  @Test func archivesOfInputsAndOutputs() throws {
    let model = try difference()
    let good = try archive([("a", [5, 6]), ("b", [1, 1]), ("s", [4, 5])])
    let result = try onyx("run", model, "--input", good)
    #expect(result.standardOutput.hasPrefix("s: float32[2]\n  4.0, 5.0\n") && result.standardError == "")
    // Its inputs are those of the run, its outputs what is expected.
    let same = try onyx("compare", model, "--reference", good)
    #expect(same.exitCode == 0 && same.standardError == "", "\(same)")
    #expect(try onyx("compare", model, "--reference", try archive([("b", [1, 1]), ("a", [5, 6]), ("s", [4, 7])])).exitCode == 1)
    let inputsOnly = try archive([("b", [1, 1]), ("a", [5, 6])])
    expectError(
      try onyx("compare", model, "--reference", inputsOnly), 64,
      "error: The reference '\(inputsOnly)' holds no expected tensor.\n  Name its tensors as outputs.\n")
    let named = try onyx("run", model, "--input", "a=\(good)", "--input", "b=\(good)")
    #expect(named.standardOutput.hasPrefix("s: float32[2]\n  4.0, 5.0\n"))
    let others = try archive([("p", [5]), ("q", [1])])
    expectError(
      try onyx("run", model, "--input", "a=\(others)"), 64,
      "error: '\(others)' holds 2 arrays, 'p', 'q', and none is named 'a'.\n  Give a file with one array.\n")
  }

  static let texts = [
    #"{"a": [5, 6], "b": [1.0, 1]}"#,
    #"{"inputs": [{"name": "b", "shape": [2], "datatype": "FP32", "data": [1, 1]},"#
      + #"{"name": "a", "shape": [2], "datatype": "FP32", "data": [5, 6]}]}"#,
    #"[{"name": "a", "type": "float32", "shape": [2], "data": [5, 6]}, {"name": "b", "type": "float32", "shape": [2], "data": [1, 1]}]"#,
  ]

  @Test(arguments: texts) func jsonOfEveryForm(_ text: String) throws {
    let path = try folder.write(Array(text.utf8), to: "inputs.json")
    let result = try onyx("run", try difference(), "--input", path)
    #expect(result.standardOutput.hasPrefix("s: float32[2]\n  4.0, 5.0\n") && result.standardError == "", "\(result)")
  }

  @Test func listsHaveTheTypeOfTheirInput() throws {
    let model = try folder.write(
      Onnx.model(
        Onnx.graph(
          nodes: [Onnx.node("Identity", ["x"], ["y"])], inputs: [], outputs: [], Wire.data(11, Onnx.value("x", type: 3)),
          Wire.data(12, Onnx.value("y", type: 3)))), to: "int8.onnx")
    let good = try folder.write(Array("[1, -128]".utf8), to: "good.json")
    #expect(try onyx("run", model, "--input", good).standardOutput == "y: int8[2]\n  1, -128\n")
    let wide = try folder.write(Array("[1, 128]".utf8), to: "wide.json")
    expectError(
      try onyx("run", model, "--input", wide), 65,
      "error: '\(wide)': A number is not one of int8.\n  Give numbers that the input holds.\n")
    // What 'onyx run --json' prints is an input again.
    let printed = try folder.write(Array(try onyx("run", model, "--input", good, "--json").standardOutput.utf8), to: "printed.json")
    #expect(try onyx("run", model, "--input", printed).standardOutput == "y: int8[2]\n  1, -128\n")
  }

  @Test func sizesThatExportersMultiply() throws {
    let model = try folder.write(
      Onnx.model(
        Onnx.graph(
          nodes: [Onnx.node("Sqrt", ["x"], ["y"])], inputs: [], outputs: [], Wire.data(11, Onnx.value("x", dims: [Wire.text(2, "8*h8")])),
          Wire.data(12, Onnx.value("y", dims: [Wire.text(2, "8*h8")])))), to: "eight.onnx")
    #expect(try onyx("run", model, "--dim", "h8=2").standardOutput.hasPrefix("y: float32[16]\n"))
    #expect(try onyx("run", model, "--dim", "8*h8=24").standardOutput.hasPrefix("y: float32[24]\n"))
    expectError(
      try onyx("run", model, "--dim", "8*h8=63"), 64, "error: '--dim 8*h8=63' is no multiple of 8, as the name says.\n  Give one.\n")
    // Shapes have the sizes that were given.
    #expect(try onyx("summary", model, "--dim", "h8=2").standardOutput.contains("\ninput   x: float32[16]\noutput  y: float32[16]\n"))
    #expect(try onyx("graph", model, "-o", folder.path("g.dot"), "--dim", "h8=2").exitCode == 0)
    let dot = try String(contentsOf: folder.url.appending(path: "g.dot"), encoding: .utf8)
    #expect(dot.contains("16") && !dot.contains("h8"))
  }
}
