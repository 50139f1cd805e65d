import Foundation
import Onyx
import OnyxCases
import OnyxTestSupport
import Testing

private let caseDirectory = ProcessInfo.processInfo.environment["ONYX_ONNX_CASES"]

/// The ONNX project's own backend cases, made by `tools/export_cases.py --copy DIR`.
///
/// `onnx-cases.txt` names those that pass. A listed case that fails and an unlisted one that passes both fail here;
/// `ONYX_UPDATE_CASES=1` writes the list anew.
@Suite(.serialized, .enabled(if: caseDirectory != nil, "ONYX_ONNX_CASES names no directory of cases; tools/test makes one"))
struct ONNXCaseTests {
  private static let list = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "onnx-cases.txt")

  /// Tolerances of ONNX's runner.
  private static let tolerance = Tolerance(relative: 1e-3, absolute: 1e-7)

  /// What passes only where regions of float16 are computed in float32: the file rounds exp, sum and quotient of Softmax each, and
  /// Onyx once, at the end of the region or of the node.
  private static let passingWidened: Set = ["node/test_attention_4d_causal_fp16_expanded"]

  enum Setup: CaseIterable { case standard, plain }

  private static func options(_ setup: Setup) -> SessionOptions {
    var options = SessionOptions()
    if setup == .plain {
      options = SessionOptions(threads: 1)
      options.optimization = .none
      options.instructionSet = .scalar
    }
    return options
  }

  @Test(arguments: Setup.allCases) func listedCasesPassAndNoOthers(_ setup: Setup) throws {
    let root = try #require(caseDirectory)
    let cases = try BackendCase.find(in: [root])
    #expect(cases.count > 2000)
    var report = CaseReport()
    for test in cases { report.run(test, options: Self.options(setup), tolerance: Self.tolerance) }
    let rows = report.cases.map { (name: Self.relative($0.name, to: root), row: $0) }
    for (name, row) in rows { #expect(row.reason?.contains("bug in Onyx") != true, "\(name): \(row.reason ?? "")") }
    let passing = rows.filter { $0.row.result == .pass }.map(\.name).sorted()
    if ProcessInfo.processInfo.environment["ONYX_UPDATE_CASES"] != nil, setup == .standard {
      let passing = passing.filter { !Self.passingWidened.contains($0) }
      try Data((passing.joined(separator: "\n") + "\n").utf8).write(to: Self.list)
    }
    var listed = Set(try String(contentsOf: Self.list, encoding: .utf8).split(separator: "\n").map(String.init))
    if setup == .standard { listed.formUnion(Self.passingWidened) }
    for (name, row) in rows where listed.contains(name) { #expect(row.result == .pass, "\(row.text)") }
    let unlisted = passing.filter { !listed.contains($0) }
    #expect(unlisted.isEmpty, "pass, but are not in the list; ONYX_UPDATE_CASES=1 writes it anew")
    let gone = listed.subtracting(rows.map(\.name)).sorted()
    #expect(gone.isEmpty, "are in the list, but there are no such cases")
  }

  private static func relative(_ path: String, to root: String) -> String {
    let prefix = root.hasSuffix("/") ? root : root + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }
}
