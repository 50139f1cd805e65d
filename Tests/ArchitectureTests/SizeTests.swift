import Foundation
import Testing

@Suite("Files and functions stay small")
struct SizeTests {
  @Test(arguments: SourceTree.all) func fileIsAtMost600Lines(_ file: SourceTree.File) {
    #expect(file.lines.count <= 600, "\(file) has \(file.lines.count) lines")
  }

  /// swift-format wraps code there but leaves comments and literals as they are.
  @Test func linesAreAtMost140Columns() {
    for file in SourceTree.all + [SourceTree.manifest] where file.path.hasSuffix(".swift") {
      for (number, line) in file.lines.enumerated() { #expect(line.count <= 140, "\(file):\(number + 1) has \(line.count) columns") }
    }
  }

  @Test func mostSourceFilesAreShort() {
    let counts = (SourceTree.swiftSources + SourceTree.cSources).filter { !$0.isGenerated }.map(\.lines.count).sorted()
    #expect(counts[counts.count / 2] <= 120)
    #expect(counts[counts.count * 9 / 10] <= 350)
  }

  /// Start line and length of every function and initializer of a Swift file, by brace depth.
  static func functions(_ lines: [String]) -> [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    var open: [(line: Int, depth: Int)] = []
    var depth = 0
    for (number, line) in lines.enumerated() {
      let text = code(line)
      let words = text.split { !$0.isLetter }
      if words.contains("func") || words.first == "init"
        || words.contains("init") && text.contains("(") && text.hasSuffix("{") && words.first != "self"
      {
        if !text.contains("= init"), text.contains("func ") || text.contains("init(") && !text.contains(".init(") {
          open.append((number, depth))
        }
      }
      depth += text.count { $0 == "{" } - text.count { $0 == "}" }
      while let last = open.last, depth <= last.depth, text.contains("}") || number > last.line {
        if text.contains("}") { found.append((last.line + 1, number - last.line + 1)) } else if number == last.line { break }
        open.removeLast()
      }
    }
    return found
  }

  /// A line without its comment; braces in strings are rare enough to leave.
  private static func code(_ line: String) -> String {
    guard let comment = line.range(of: "//") else { return line }
    return String(line[..<comment.lowerBound])
  }

  @Test(arguments: SourceTree.swiftSources) func functionsAreAtMost60Lines(_ file: SourceTree.File) {
    for function in Self.functions(file.lines) { #expect(function.length <= 60, "\(file):\(function.line) has \(function.length) lines") }
  }

  @Test func longFunctionsAreFound() {
    let lines = ["struct A {", "  func f() {"] + Array(repeating: "    g()", count: 70) + ["  }", "}"]
    #expect(Self.functions(lines).map(\.length) == [72])
  }
}
