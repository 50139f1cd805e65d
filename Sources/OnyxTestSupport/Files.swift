import Foundation

/// Folders of the repository.
package enum Repository {
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// Small models with their inputs and expected outputs.
  package static let models = root.appending(path: "models")
}

/// A folder of its own, removed with everything in it when the last reference goes.
package final class TemporaryDirectory: Sendable {
  package let url: URL
  package var path: String { url.path(percentEncoded: false) }

  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "onyx-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file or folder inside; nothing is made.
  package func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

  /// Makes a file and returns its path.
  package func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = path(name)
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }
}

/// The bytes of base64 text; whitespace is ignored. Traps on anything else: fixtures are written by us.
package func base64(_ text: String) -> [UInt8] {
  guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else { preconditionFailure("The fixture is no base64.") }
  return [UInt8](data)
}
