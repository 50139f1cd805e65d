import Foundation
import OnyxFuzzing
import OnyxTestSupport
import Testing

/// Inputs that found something once, named by their target: each is accepted or refused.
@Suite struct FoundTests {
  static let folder = Repository.root.appending(path: "Tests/OnyxFuzzingTests/Found")
  static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()) ?? []

  @Test func thereAreSome() { #expect(!Self.names.isEmpty) }

  @Test(arguments: names) func isNoFindingAnyMore(_ name: String) throws {
    let target = try #require(FuzzTargets.named(String(name.prefix { $0 != "." }))).init()
    _ = try target.run([UInt8](try Data(contentsOf: Self.folder.appending(path: name))))
  }
}
