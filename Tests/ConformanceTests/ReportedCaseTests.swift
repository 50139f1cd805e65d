import Foundation
import Onyx
import OnyxCases
import OnyxTensor
import OnyxTestSupport
import Testing

/// Small graphs distilled from public bug reports of runtimes and exporters, in `cases/`: `why.txt` beside each says why its value is
/// right. PyTorch, numpy or whole numbers computed the values.
@Suite("Cases from bug reports") struct ReportedCaseTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "cases").path(percentEncoded: false)
  static let cases: [BackendCase] = (try? BackendCase.find(in: [folder])) ?? []

  /// Every instruction set of the machine, with and without rewrites, on one and on two threads.
  static let setups: [SessionOptions] = SessionOptions.InstructionSet.allCases.flatMap { isa in
    SessionOptions.Optimization.allCases.flatMap { optimization in
      [1, 2].map { threads in
        var options = SessionOptions(threads: threads)
        (options.instructionSet, options.optimization) = (isa, optimization)
        return options
      }
    }
  }

  @Test func areAllFound() { #expect(Self.cases.count == 16) }

  @Test(arguments: cases.map(\.name)) func passesInEverySetup(_ name: String) throws {
    let test = try #require(Self.cases.first { $0.name == name })
    var ran = 0
    for options in Self.setups {
      // Sets that the machine lacks are refused before anything runs.
      if failure({ () throws(OnyxError) in try Session(path: test.modelPath, options: options) })?.code == .usage { continue }
      var report = CaseReport()
      let row = report.run(test, options: options, tolerance: Tolerance())
      #expect(row.result == .pass, "\(row.text) with \(options)")
      ran += 1
    }
    #expect(ran >= 12)
  }

  /// The two official cases of ONNX that contradict its text: `length_resized` is "the length of the resized tensor", which PyTorch,
  /// ONNX Runtime and `resize_align_corners_linear_scale1p5` take for a whole number. The expected outputs of ONNX come from its reference
  /// evaluator, which takes 0.6 · 4 = 2.4 instead of 2.
  @Test(arguments: ["linear", "cubic"]) func alignedCornersAreCorners(_ mode: String) throws {
    let node = Onnx.node(
      "Resize", ["x", "", "scales"], ["y"],
      attributes: [
        Wire.text(1, "mode") + Wire.text(4, mode) + Wire.int(20, 3),
        Wire.text(1, "coordinate_transformation_mode") + Wire.text(4, "align_corners") + Wire.int(20, 3),
      ])
    let session = try Session(
      bytes: Onnx.model(opset: 19, Onnx.graph(nodes: [node], initializers: [Onnx.raw("scales", floats: [0.6])])))
    let x = try Tensor([1, 2, 3, 4] as [Float], shape: [4])
    #expect(try session.run(["x": x])["y"]?.elements(as: Float.self) == [1, 4])
  }
}
