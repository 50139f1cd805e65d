import Foundation
import Onyx
import OnyxFiles
import OnyxReport
import OnyxTensor
import OnyxTestSupport
import Testing

/// Gates and maps equal those that forward hooks saw in PyTorch, or that Keras's layers give, within 1e-5.
@Suite struct AttentionGateTests {
  static let rows = ModelCase.all.filter { $0.name.hasPrefix("attention/") && !$0.name.contains("gap-head") }

  private static func expected(_ folder: URL) throws -> [String: Tensor] {
    let stored = try TensorFile.read(folder.appending(path: "gates.npz").path(percentEncoded: false))
    return Dictionary(stored.compactMap { entry in entry.name.map { ($0, entry.tensor) } }, uniquingKeysWith: { first, _ in first })
  }

  /// The largest difference as a share of the largest expected magnitude; shapes may differ by axes of one element.
  private static func error(_ actual: Tensor, _ expected: Tensor) throws -> Double {
    let (got, want) = (try actual.doubles(), try expected.doubles())
    #expect(actual.shape.dimensions.filter { $0 != 1 } == expected.shape.dimensions.filter { $0 != 1 })
    try #require(got.count == want.count)
    let scale = want.map(\.magnitude).max() ?? 1
    return (zip(got, want).map { ($0 - $1).magnitude }.max() ?? 0) / scale
  }

  @Test(arguments: rows) func row(_ model: ModelCase) throws {
    let session = try Session(path: model.path)
    let inputs = try #require(try model.dataSets().first).inputs
    let named = Dictionary(zip(session.inputs.map(\.name), inputs), uniquingKeysWith: { first, _ in first })
    let study = try AttentionStudy(
      model: model.name, session, rounds: [AttentionRun.Round(inputs: named, pictures: [], name: "data set 0")], observes: true)
    let expected = try Self.expected(model.url.deletingLastPathComponent())
    #expect(study.report.blocks.count == 1 && study.tensors.count == 1)
    let found = Dictionary(
      (study.tensors.first ?? []).map { (String($0.name.split(separator: "/").last ?? ""), $0.tensor) },
      uniquingKeysWith: { first, _ in first })
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, tensor) in expected { #expect(try Self.error(try #require(found[name]), tensor) < 1e-5, "\(name)") }
  }

  /// What the command writes for the digits.
  @Test func digits() throws {
    let folder = try TemporaryDirectory()
    let result = try onyx(
      "attention", "digits/model.onnx", "--input", "digits/test_data_set_0/input_0.pb", "--output-dir", folder.path("out"))
    #expect(result.exitCode == 0, "\(result.standardError)")
    let written = try TensorFile.read(folder.path("out/tensors.npz"))
    let expected = try Self.expected(Repository.models.appending(path: "digits"))
    #expect(written.count == 4 && expected.count == 4)
    for (name, tensor) in expected {
      let key = name.replacing(".gate", with: "/gate").replacing(".map", with: "/map")
      let actual = try #require(written.first { $0.name == key }?.tensor, "\(key)")
      #expect(try Self.error(actual, tensor) < 1e-5, "\(name)")
    }
    let table = try String(contentsOfFile: folder.path("out/02-stage2.attention-gates.csv"), encoding: .utf8)
    let lines = table.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(lines.count == 33 && lines[0].count == 5 + 8 && lines[0][0] == "channel")
    let gates = try #require(expected["stage2.attention.gate"]).doubles()
    for channel in 0..<32 {
      let pictures = (0..<8).map { gates[$0 * 32 + channel] }
      #expect(abs((Double(lines[channel + 1][1]) ?? 0) - pictures.reduce(0, +) / 8) < 1e-5)
      for picture in 0..<8 { #expect(abs((Double(lines[channel + 1][5 + picture]) ?? 0) - pictures[picture]) < 1e-5) }
    }
  }
}
