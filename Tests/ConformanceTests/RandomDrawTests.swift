import Foundation
import Onyx
import OnyxCases
import OnyxTestSupport
import Testing

/// Of random numbers a case can promise types and shapes; of everything else it promises the elements too.
@Suite struct RandomDrawTests {
  /// The result of the case in which an operator makes y of x = [1, 1] and these elements are expected.
  private static func result(_ op: String, expecting y: [Float]) throws -> CaseReport.Result {
    let folder = try TemporaryDirectory()
    _ = try folder.write(Onnx.model(opset: 15, Onnx.graph(nodes: [Onnx.node(op, ["x"], ["y"])])), to: "model.onnx")
    try FileManager.default.createDirectory(at: folder.url.appending(path: "test_data_set_0"), withIntermediateDirectories: true)
    _ = try folder.write(Onnx.raw("x", floats: [1, 1]), to: "test_data_set_0/input_0.pb")
    _ = try folder.write(Onnx.raw("y", floats: y), to: "test_data_set_0/output_0.pb")
    var report = CaseReport()
    let cases = try BackendCase.find(in: [folder.path])
    return try #require(
      cases.map { report.run($0, options: SessionOptions(), tolerance: Tolerance(relative: 1e-3, absolute: 1e-7)).result }.first)
  }

  @Test func elementsOfDrawsAreNotCompared() throws {
    #expect(try Self.result("RandomUniformLike", expecting: [2, 2]) == .pass)
    #expect(try Self.result("RandomUniformLike", expecting: [2, 2, 2]) == .fail)
  }

  /// Dropout draws in training only.
  @Test func whatDoesNotDrawIsCompared() throws {
    #expect(try Self.result("Dropout", expecting: [1, 1]) == .pass)
    #expect(try Self.result("Dropout", expecting: [2, 2]) == .fail)
  }
}
