import Foundation
import Onyx
import OnyxFiles
import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import OnyxTestSupport

/// Good files that inputs are made from. They come from the repository and from the fuzzer's own graphs, in a fixed order.
package enum Seeds {
  /// Models of up to this many bytes are small enough to be tried often.
  static let largestModel = 16 << 10

  /// Models below `models/`, ONNX's own cases where `ONYX_ONNX_CASES` names their folder, random graphs, and one of each odd form.
  package static func models() throws -> [[UInt8]] {
    var found = files(below: Repository.models, named: "model.onnx")
    if let cases = ProcessInfo.processInfo.environment["ONYX_ONNX_CASES"] {
      found += files(below: URL(filePath: cases), named: "model.onnx")
    }
    for seed in 0..<48 as Range<UInt64> { found.append(try GraphMaker.make(seed: seed, nodes: 10).model()) }
    return found + OddModels.all
  }

  private static func files(below folder: URL, named name: String) -> [[UInt8]] {
    let root = folder.path(percentEncoded: false)
    let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix("/\(name)") }.sorted().compactMap { path in
      guard let bytes = try? FileBytes.read("\(root)/\(path)"), bytes.count <= largestModel else { return nil }
      return bytes
    }
  }
}

/// Models of forms that exporters seldom write, by hand.
enum OddModels {
  static var all: [[UInt8]] { [Onnx.good, functions, sparse, training, sequences, quantized, strings, loops] }

  static let functions = Onnx.model(
    Onnx.graph(nodes: [Onnx.node("f", ["x"], ["t"], domain: "local"), Onnx.node("f", ["t"], ["y"], domain: "local")]),
    Wire.message(8, Wire.text(1, "local"), Wire.int(2, 1)),
    Onnx.function(
      "f", inputs: ["a"], outputs: ["b"], attributes: ["alpha"],
      nodes: [
        Onnx.node("LeakyRelu", ["a"], ["c"], attributes: [Onnx.attribute("alpha", reference: "alpha", type: 1)]),
        Onnx.node("Neg", ["c"], ["b"]),
      ],
      Wire.message(9, Wire.int(2, 21))))

  private static let sparse = Onnx.model(
    Onnx.graph(
      nodes: [Onnx.node("Add", ["x", "s"], ["y"])],
      Wire.message(
        15, Wire.data(1, Onnx.raw("s", floats: [1, 2])),
        Wire.data(2, Onnx.tensor("", type: 7, dims: [2], Wire.data(9, Wire.little(Int64(0)) + Wire.little(Int64(2))))), Wire.int(3, 3))))

  private static let training = Onnx.model(
    Onnx.graph(nodes: [Onnx.node("Identity", ["x"], ["y"])], Wire.message(16, Wire.text(1, "k"), Wire.text(2, "v"))),
    Wire.message(
      20, Wire.data(1, Onnx.graph(nodes: [Onnx.node("Neg", ["x"], ["z"])])), Wire.message(3, Wire.text(1, "x"), Wire.text(2, "z"))))

  static let sequences = Onnx.model(
    Onnx.graph(
      nodes: [
        Onnx.node("SequenceConstruct", ["x", "x"], ["s"]), Onnx.node("SequenceInsert", ["s", "x"], ["t"]),
        Onnx.node("ConcatFromSequence", ["t"], ["y"], attributes: [Onnx.attribute("axis", int: 0)]),
        Onnx.node("SequenceLength", ["t"], ["n"]),
      ], outputs: ["y", "n", "t"]))

  private static let quantized = Onnx.model(
    Onnx.graph(
      nodes: [
        Onnx.node("QuantizeLinear", ["x", "scale", "zero"], ["q"]), Onnx.node("DequantizeLinear", ["q", "scale", "zero"], ["y"]),
      ],
      initializers: [
        Onnx.tensor("scale", dims: [], Wire.data(9, Wire.floats([0.1]))), Onnx.tensor("zero", type: 3, dims: [], Wire.data(5, [3])),
        Onnx.tensor("four", type: 22, dims: [3], Wire.data(9, [0x21, 0x03])),
        Onnx.external("away", dims: [2], [("location", "w.bin"), ("offset", "0"), ("length", "8")]),
      ],
      Wire.message(14, Wire.text(1, "x"), Wire.message(2, Wire.text(1, "SCALE_TENSOR"), Wire.text(2, "scale")))))

  private static let strings = Onnx.model(
    Onnx.graph(
      nodes: [
        Onnx.node("StringConcat", ["w", "w"], ["y"]),
        Onnx.node(
          "RegexFullMatch", ["w"], ["z"], attributes: [Wire.text(1, "pattern") + Wire.text(4, "a(b|c)*[d-f]{1,3}") + Wire.int(20, 3)]),
      ],
      outputs: ["y", "z"], initializers: [Onnx.tensor("w", type: 8, dims: [2], Wire.text(6, "abcd") + Wire.text(6, "é"))]))

  static let loops: [UInt8] = {
    let body = Onnx.graph(
      nodes: [Onnx.node("Add", ["c", "x"], ["d"]), Onnx.node("Identity", ["on"], ["go"]), Onnx.node("Neg", ["d"], ["e"])], inputs: [],
      outputs: [],
      Wire.data(11, Onnx.value("i", type: 7, dims: [])), Wire.data(11, Onnx.value("on", type: 9, dims: [])), Wire.data(11, Onnx.value("c")),
      Wire.data(12, Onnx.value("go", type: 9, dims: [])), Wire.data(12, Onnx.value("d")), Wire.data(12, Onnx.value("e")))
    return Onnx.model(
      Onnx.graph(
        nodes: [Onnx.node("Loop", ["times", "", "x"], ["last", "y"], attributes: [Onnx.attribute("body", graph: body)])],
        outputs: ["last"], initializers: [Onnx.tensor("times", type: 7, dims: [], Wire.data(9, Wire.little(Int64(3))))],
        Wire.data(12, Onnx.value("y", dims: [Wire.int(1, 3), Wire.text(2, "n")]))))
  }()
}
