import Foundation
import OnyxTestSupport
import Testing

/// `onyx serve` hands over to a program of another package.
@Suite struct ServeCommandTests {
  /// A folder with a link to `onyx`, and with `onyx-serve` when `script` says what that does.
  private static func folder(_ script: String?) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "onyx-serve-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let onyx = try #require(onyxExecutable)
    try FileManager.default.createSymbolicLink(at: folder.appending(path: "onyx"), withDestinationURL: onyx)
    if let script {
      let program = folder.appending(path: "onyx-serve")
      try Data(("#!/bin/sh\n" + script).utf8).write(to: program)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    }
    return folder
  }

  @Test func allArgumentsGoToTheProgramBesideOnyx() throws {
    let folder = try Self.folder(#"echo "$#:$*"; exit 7"#)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try runProcess(
      folder.appending(path: "onyx"), ["serve", "some models", "--port", "0", "--help"], environment: ["PATH": "/nowhere"])
    #expect(result.standardOutput == "4:some models --port 0 --help\n")
    #expect(result.exitCode == 7)
  }

  @Test func theProgramIsAlsoLookedForInPath() throws {
    let (folder, other) = (try Self.folder(nil), try Self.folder("echo found"))
    defer { for folder in [folder, other] { try? FileManager.default.removeItem(at: folder) } }
    let result = try runProcess(folder.appending(path: "onyx"), ["serve"], environment: ["PATH": other.path])
    #expect(result.standardOutput == "found\n")
  }

  @Test func withoutTheProgramTheErrorSaysHowToBuildIt() throws {
    let folder = try Self.folder(nil)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try runProcess(folder.appending(path: "onyx"), ["serve", "models"], environment: ["PATH": "/nowhere"])
    expectError(
      result, 66,
      "error: There is no program 'onyx-serve' beside 'onyx' or in a folder of PATH.\n  Build it in a copy of Onyx: swift build -c release "
        + "--package-path tools/serve; it is then tools/serve/.build/release/onyx-serve.\n")
  }
}
