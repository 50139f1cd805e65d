import Foundation
import Synchronization

/// What a finished process left behind.
package struct ProcessResult: Sendable {
  /// The exit code, or 128 + the signal that ended the process.
  package let exitCode: Int32
  package let standardOutput: String
  package let standardError: String
}

/// The `onyx` command of the build that the tests belong to: it lies next to the test bundle.
///
/// nil when the product was not built.
package let onyxExecutable: URL? = {
  let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }.map { $0.deletingLastPathComponent() }
  let own = [Bundle.main.bundleURL, URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()]
  return (bundles + own).map { $0.appending(path: "onyx") }.first {
    FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false))
  }
}()

/// Runs a program to its end. Both streams are drained while it runs, so that none can fill up and block it.
///
/// Throws when the program cannot be started. A process that outlives `timeout` seconds is killed and reports 128 + SIGKILL.
package func runProcess(
  _ executable: URL, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], directory: URL? = nil,
  timeout: Double = 120 * Double(Sanitizer.patience)
) throws -> ProcessResult {
  if !input.isEmpty { _ = brokenPipesAreErrors }
  let process = Process()
  process.executableURL = executable
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(Sanitizer.environment) { $1 }.merging(environment) { $1 }
  if let directory { process.currentDirectoryURL = directory }
  let (output, error, source) = (Pipe(), Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = error
  process.standardInput = source
  try withSignals { try process.run() }
  let group = DispatchGroup()
  let texts = [output, error].map { collect($0.fileHandleForReading, group) }
  let writer = source.fileHandleForWriting
  DispatchQueue.global().async {
    try? writer.write(contentsOf: Data(input))
    try? writer.close()
  }
  let deadline = DispatchTime.now() + timeout
  if group.wait(timeout: deadline) == .timedOut { kill(process.processIdentifier, SIGKILL) }
  process.waitUntilExit()
  group.wait()
  let code = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
  return ProcessResult(exitCode: code, standardOutput: texts[0].string, standardError: texts[1].string)
}

/// Threads of Dispatch block all signals but one, and a program inherits that of the thread that starts it.
private func withSignals(_ body: () throws -> Void) rethrows {
  var (none, before) = (sigset_t(), sigset_t())
  unsafe sigemptyset(&none)
  unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
  defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
  try body()
}

/// A program that ends without reading its input must not end the tests with a signal.
private let brokenPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

private final class Text: Sendable {
  private let bytes = Mutex(Data())
  func set(_ data: Data) { bytes.withLock { $0 = data } }
  var string: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}

private func collect(_ handle: FileHandle, _ group: DispatchGroup) -> Text {
  let text = Text()
  DispatchQueue.global().async(group: group) { text.set(handle.readDataToEndOfFile()) }
  return text
}
