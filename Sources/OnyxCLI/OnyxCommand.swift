import ArgumentParser
import COnyxSystem
import Onyx
import OnyxFiles
import OnyxInsight
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The command line. Reports go to stdout, everything else to stderr; exit codes are those of `OnyxError.Code` and 1 for a
/// failed comparison or test.
@main
struct OnyxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "onyx", abstract: "Runs ONNX graphs on the CPU and tells what is in them.",
    discussion: """
      Start with:
        onyx run model.onnx --input photo.png --top 5  its answer for an image
        onyx summary model.onnx                        what it consists of
        onyx run model.onnx --fetch NAME               any tensor inside it
        onyx attention model.onnx                      its attention blocks
        onyx graph model.onnx -o model.html            a picture to move about in
        onyx bench model.onnx                          how fast it runs
        onyx profile model.onnx                        where the time goes
        onyx serve models                              a folder of models over HTTP and gRPC

      Reports go to stdout, messages to stderr; with --json stdout is one JSON document. Exit codes: 0 success, 1 a test or comparison \
      failed, 64 wrong usage, 65 invalid model or tensor file, 66 missing file, 69 unsupported operator, type or version, 70 a bug of \
      Onyx, 74 the output could not be written, 75 a memory budget or deadline was exceeded.
      """,
    version: "onyx \(Session.version)",
    subcommands: [
      RunCommand.self, SummaryCommand.self, AttentionCommand.self, GraphCommand.self, CoverageCommand.self, CheckCommand.self,
      ExplainCommand.self,
      BenchCommand.self, ProfileCommand.self, TestCommand.self, CompareCommand.self, ServeCommand.self,
    ])

  static func main() {
    csystem_open_standard_streams()
    csystem_handle_ending_signals()
    do {
      let words = CommandLine.arguments.dropFirst()
      try checkCommandName(words.first)
      if words.first == "help" { try checkCommandName(words.dropFirst().first) }
      var command = try parseAsRoot()
      try command.run()
      try Console.check()
    } catch let error as OnyxError {
      Console.error("error: \(error)")
      if CommandLine.arguments.contains("--json") { Console.document(FailureDocument(error).text) }
      exitProcess(error.code.exitCode)
    } catch {
      let (code, text) = (exitCode(for: error), fullMessage(for: error))
      if code.isSuccess {
        Console.out(text + "\n")
      } else if !text.isEmpty {
        // ArgumentParser's messages start with a capital; ours look the same from wherever they come.
        Console.error(text.hasPrefix("Error: ") ? "error: " + text.dropFirst(7) : text)
      }
      do throws(OnyxError) { try Console.check() } catch {
        Console.error("error: \(error)")
        exitProcess(error.code.exitCode)
      }
      exitProcess(code.rawValue)
    }
  }

  /// Throws `usage` for a first argument that is neither a flag nor a command.
  private static func checkCommandName(_ name: String?) throws(OnyxError) {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let name, !name.hasPrefix("-"), name != "help", !names.contains(name) else { return }
    throw .usage("There is no command '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "commands"))
  }
}

/// What --json prints where a command has no report: its error.
private struct FailureDocument: Encodable {
  private struct Failure: Encodable {
    let code: Int32
    let message: String
    let remedy: String?
  }

  private let error: Failure

  init(_ error: OnyxError) { self.error = Failure(code: error.code.exitCode, message: error.reason, remedy: error.remedy) }

  var text: String { (try? JSONText.encode(self)) ?? "{}" }
}

/// `exit` of the C library; inside a command the name means ArgumentParser's.
private func exitProcess(_ code: Int32) -> Never { exit(code) }
