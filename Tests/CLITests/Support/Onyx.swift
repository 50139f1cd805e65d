import Foundation
import OnyxTestSupport
import Testing

/// Runs the `onyx` of this build in `models/`, or in the folder given.
func onyx(_ arguments: String..., directory: URL = Repository.models, environment: [String: String] = [:]) throws -> ProcessResult {
  try onyx(arguments, directory: directory, environment: environment)
}

func onyx(_ arguments: [String], directory: URL = Repository.models, environment: [String: String] = [:]) throws -> ProcessResult {
  let result = try runProcess(
    try #require(onyxExecutable), arguments, environment: ["COLUMNS": "80"].merging(environment) { $1 }, directory: directory)
  // Swift and C end a process by a signal when they trap; none of our codes is that large.
  #expect(result.exitCode < 128, "crashed: onyx \(arguments.joined(separator: " "))\n\(result.standardError.suffix(2000))")
  return result
}

/// Runs a line of the shell in `models/`; it finds this build's `onyx` as a function and by the path `$onyx`, and a folder as `$folder`.
func shell(_ line: String, folder: TemporaryDirectory? = nil, timeout: Double = 120 * Double(Sanitizer.patience)) throws -> ProcessResult {
  try runProcess(
    URL(filePath: "/bin/bash"), ["-c", "onyx() { \"$onyx\" \"$@\"; }; " + line],
    environment: ["onyx": try #require(onyxExecutable).path(percentEncoded: false), "folder": folder?.path ?? ""],
    directory: Repository.models, timeout: timeout)
}

/// What every failing call must hold to: its code, no report, a message.
func expectError(
  _ result: ProcessResult, _ code: Int32, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.exitCode == code, "\(result.standardError)", sourceLocation: sourceLocation)
  #expect(result.standardOutput == "", sourceLocation: sourceLocation)
  #expect(messages(result) == text, sourceLocation: sourceLocation)
}

/// The one JSON document that stdout must be.
func json(_ result: ProcessResult) throws -> [String: Any] {
  let document = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
  return try #require(document as? [String: Any])
}

/// What stands on stderr but for the sentence that inputs were generated.
func messages(_ result: ProcessResult) -> String {
  result.standardError.split(separator: "\n", omittingEmptySubsequences: false).filter {
    !($0.hasPrefix("note: '") && $0.contains("generated"))
  }.joined(separator: "\n")
}

func keys(_ object: Any?) -> Set<String> { Set((object as? [String: Any] ?? [:]).keys) }
func rows(_ object: Any?) -> [[String: Any]] { object as? [[String: Any]] ?? [] }
