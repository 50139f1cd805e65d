import ArgumentParser
import Onyx

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
    subcommands: [
      RunCommand.self, SummaryCommand.self, CoverageCommand.self, CheckCommand.self, ExplainCommand.self, BenchCommand.self, TestCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as OnyxError {
      Console.error("error: \(error)")
      exitProcess(error.code.exitCode)
    } catch {
      exit(withError: error)
    }
  }
}

/// `exit` of the C library; inside a command the name means ArgumentParser's.
private func exitProcess(_ code: Int32) -> Never { exit(code) }
