import Foundation
import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

/// `onyx compare`: every kind of reference, its numbers, and the first node that diverges.
@Suite struct CompareTests {
  private static let model = "attention/cbam-fc/dynamo-dynamic/model.onnx"
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private static func report(_ arguments: String..., code: Int32 = 0) throws -> [String: Any] {
    let result = try onyx(["compare"] + arguments + ["--json"])
    #expect(result.exitCode == code, "\(result.standardError)")
    return try json(result)
  }

  /// y = −√(x + c): the nodes "add", "root", "minus".
  private func shifted(_ name: String, by c: Float, root: String = "Sqrt") throws -> String {
    let nodes = [
      Onnx.node("Add", ["x", "c"], ["a"], name: "add"), Onnx.node(root, ["a"], ["b"], name: "root"),
      Onnx.node("Neg", ["b"], ["y"], name: "minus"),
    ]
    return try folder.write(Onnx.model(Onnx.graph(nodes: nodes, initializers: [Onnx.raw("c", floats: [c])])), to: name)
  }

  private func file(_ name: String, _ tensors: [(String, [Float])], as format: TensorFile.Format) throws -> String {
    let path = folder.path(name)
    try TensorFile.write(try tensors.map { ($0.0, try Tensor($0.1, shape: try Shape([$0.1.count]))) }, to: path, as: format)
    return path
  }

  @Test(arguments: ModelCase.all.filter { $0.name.hasPrefix("attention/") && $0.name.hasSuffix("dynamo-dynamic") || $0.name == "digits" })
  func itselfWithoutRewritesAgrees(_ model: ModelCase) throws {
    let report = try Self.report("\(model.name)/model.onnx", "--dim", "batch=2")
    #expect(keys(report) == ["model", "reference", "tensors", "first_divergence"] && report["first_divergence"] is NSNull)
    #expect(report["reference"] as? String == "itself without rewrites")
    for row in rows(report["tensors"]) {
      #expect(keys(row) == ["name", "type", "agrees", "reason", "max_abs", "max_rel", "cosine", "psnr"])
      #expect(row["agrees"] as? Bool == true && row["max_rel"] as? Double ?? 1 <= 1e-5 && row["cosine"] as? Double ?? 0 > 0.99999)
      #expect((row["psnr"] as? String) == "Infinity" || row["psnr"] as? Double ?? 0 > 90)
    }
  }

  @Test func anotherExportersModelAgrees() throws {
    let report = try Self.report(Self.model, "--reference", "attention/cbam-fc/torchscript-dynamic/model.onnx", "--dim", "batch=2")
    #expect(rows(report["tensors"]).allSatisfy { $0["agrees"] as? Bool == true })
  }

  @Test func directoriesOfTensors() throws {
    for path in ["digits", "digits/test_data_set_0"] {
      let report = try Self.report("digits/model.onnx", "--reference", path)
      #expect(rows(report["tensors"]).map { $0["name"] as? String } == ["logits"] && rows(report["tensors"])[0]["agrees"] as? Bool == true)
    }
    expectError(
      try onyx("compare", "digits/model.onnx", "--reference", "digits/samples"), 64,
      "error: 'digits/samples' holds no output_0.pb.\n  A reference directory holds output_N.pb, or test_data_set_0 with them.\n")
    #expect(try onyx("compare", "digits/model.onnx", "--reference", "nowhere").exitCode == 66)
  }

  @Test func numbersOfATensor() throws {
    let model = try shifted("m.onnx", by: 0)
    let x = try file("x.npy", [("x", [4, 9])], as: .npy)
    let expected = try file("y.npz", [("y", [-2, -3.5])], as: .npz)
    let row = try #require(rows(try Self.report(model, "--input", x, "--reference", expected, code: 1)["tensors"]).first)
    #expect(
      row["agrees"] as? Bool == false && row["max_abs"] as? Double == 0.5
        && (row["reason"] as? String)?.contains("the first at [1]: -3.0, expected -3.5") == true)
    #expect(abs((row["max_rel"] as? Double ?? 0) - 0.5 / 3.5) < 1e-12)
    #expect(abs((row["cosine"] as? Double ?? 0) - 14.5 / (13.0.squareRoot() * 16.25.squareRoot())) < 1e-9)
    #expect(abs((row["psnr"] as? Double ?? 0) - 20 * log10(3.5 / 0.125.squareRoot())) < 1e-9)
    #expect(try onyx("compare", model, "--input", x, "--reference", expected, "--atol", "0.6").exitCode == 0)
  }

  /// The node where it begins is named, not those behind it.
  @Test func theFirstDivergingNode() throws {
    let x = try file("x.npy", [("x", [4, 9])], as: .npy)
    for (other, node, tensor) in [(try shifted("b.onnx", by: 1), "add", "a"), (try shifted("c.onnx", by: 0, root: "Abs"), "root", "b")] {
      let report = try Self.report(try shifted("a.onnx", by: 0), "--input", x, "--reference", other, code: 1)
      let first = try #require(report["first_divergence"] as? [String: Any])
      #expect(keys(first) == ["node", "op", "tensor", "reason", "inputs_agree"])
      #expect(
        first["node"] as? String == node && first["tensor"] as? String == tensor && first["inputs_agree"] as? Bool == true, "\(first)")
    }
    let text = try onyx("compare", try shifted("a.onnx", by: 0), "--input", x, "--reference", try shifted("b.onnx", by: 1))
    #expect(text.exitCode == 1 && text.standardOutput.contains("\nfirst diverging node: add (Add), which makes 'a'\n"))
    #expect(text.standardOutput.hasSuffix("\n  What it reads agrees.\n"))
  }

  /// A file says only what it holds: the cause may lie between.
  @Test func aFileWithTensorsInside() throws {
    let model = try shifted("m.onnx", by: 0)
    let x = try file("x.npy", [("x", [4, 9])], as: .npy)
    let inside = try file("i.npz", [("a", [4, 9]), ("b", [2, 4]), ("y", [-2, -4])], as: .npz)
    let first = try #require(try Self.report(model, "--input", x, "--reference", inside, code: 1)["first_divergence"] as? [String: Any])
    #expect(first["node"] as? String == "root" && first["inputs_agree"] as? Bool == true)
    let outside = try file("o.npz", [("y", [-2, -4])], as: .npz)
    let last = try #require(try Self.report(model, "--input", x, "--reference", outside, code: 1)["first_divergence"] as? [String: Any])
    #expect(last["node"] as? String == "minus" && last["inputs_agree"] as? Bool == false)
    let unknown = try file("u.npz", [("z", [1])], as: .npz)
    let error = try onyx("compare", model, "--input", x, "--reference", unknown)
    #expect(error.exitCode == 64 && error.standardError.hasPrefix("error: The graph has no tensor 'z'."), "\(error)")
  }

  /// With rewrites, in a real network: something differs by rounding, and a node is named.
  @Test func roundingIsFound() throws {
    let report = try Self.report(Self.model, "--dim", "batch=2", "--rtol", "0", code: 1)
    let first = try #require(report["first_divergence"] as? [String: Any])
    #expect((first["node"] as? String)?.isEmpty == false && first["inputs_agree"] as? Bool == true)
  }
}
