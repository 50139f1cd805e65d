import ArgumentParser
import Onyx
import OnyxCases
import OnyxReport

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Runs ONNX backend cases: model.onnx with test_data_set_N/{input,output}_M.pb.",
    discussion: """
      An output agrees when every element differs by at most rtol times the largest expected magnitude, or with --atol by at \
      most atol + rtol·|expected|. The default rtol follows the element type: 1e-5 for float32, 1e-7 for float64, 2e-3 for \
      float16, 1.6e-2 for bfloat16. ONNX's own cases are meant for --rtol 1e-3 --atol 1e-7. Exits 1 when a case fails.
      """)

  @Argument(help: "Directories that hold cases, at any depth.")
  var directories: [String]

  @OptionGroup var session: SessionArguments

  @OptionGroup var bounds: ToleranceArguments

  @Flag(help: "Prints one JSON document.")
  var json = false

  func run() throws {
    let cases = try BackendCase.find(in: directories)
    var report = CaseReport()
    let progress = Progress("cases", of: cases.count)
    for (index, test) in cases.enumerated() {
      progress.report(index)
      let row = report.run(test, options: session.options, tolerance: bounds.tolerance)
      guard !json else { continue }
      Console.endProgress()
      Console.out(row.text)
    }
    Console.endProgress()
    if json { Console.document(try JSONText.encode(report)) } else { Console.out(report.text) }
    if report.failed > 0 { throw ExitCode(1) }
  }
}
