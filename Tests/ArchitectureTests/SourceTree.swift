import Foundation

/// The repository's own files, as the tests of this target read them.
enum SourceTree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path()

  struct File: CustomStringConvertible {
    /// Relative to the root: "Sources/OnyxGraph/Graph.swift".
    let path: String
    let lines: [String]

    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var isGenerated: Bool { path.contains("pb-c") || path.hasSuffix("StandardOperators.swift") }
    var description: String { path }
  }

  /// Files below `folder` whose names end in one of `endings`, sorted by path.
  static func files(in folder: String, endings: [String]) -> [File] {
    let enumerator = FileManager.default.enumerator(atPath: root + folder)
    var paths: [String] = []
    while let path = enumerator?.nextObject() as? String {
      // A package of its own may have been built where it lies.
      if !path.contains("/.build"), endings.contains(where: path.hasSuffix) { paths.append("\(folder)/\(path)") }
    }
    return paths.sorted().map(file)
  }

  static func file(at path: String) -> File {
    let text = (try? String(contentsOfFile: root + path, encoding: .utf8)) ?? ""
    return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  static let swiftSources = files(in: "Sources", endings: [".swift"])
  static let cSources = files(in: "Sources", endings: [".c", ".h", ".inc"])
  static let tests = files(in: "Tests", endings: [".swift"])
  static let tools = files(
    in: "tools",
    endings: [
      ".py", ".sh", ".swift", "bench_peers", "build_examples", "check_debug", "check_examples", "check_kernels", "demo", "docs", "fuzz",
      "install", "test",
    ])
  static let manifest = file(at: "Package.swift")
  static var all: [File] { (swiftSources + cSources + tests + tools).filter { !$0.isGenerated } }
}
