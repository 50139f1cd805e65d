import Testing

@Suite("The public face is documented")
struct DocumentationTests {
  /// The targets whose symbols a user of the package sees.
  static let targets = ["OnyxTensor", "OnyxInsight", "Onyx", "OnyxTesting"]
  /// Of `OnyxFiles` and `OnyxCases` they see one type each.
  static let sources = SourceTree.swiftSources.filter { (targets + ["OnyxFiles", "OnyxCases"]).contains($0.target) }

  /// Lines (from 1) that declare something public without a `///` line above; attributes may stand in between.
  static func undocumented(_ lines: [String]) -> [Int] {
    var found: [Int] = []
    var isDocumented = false
    for (number, line) in lines.enumerated() {
      let text = line.drop { $0 == " " }
      if text.hasPrefix("///") {
        isDocumented = true
        continue
      }
      var words = text.split(separator: " ")
      while let first = words.first, first.hasPrefix("@") { words.removeFirst() }
      if text.hasPrefix("@"), words.isEmpty { continue }
      // `public internal(set) var` declares, `public extension` only says how its members are seen.
      let declares = words.first.map { $0 == "public" || $0 == "open" || $0 == "public(set)" } ?? false
      if declares, words.dropFirst().first != "extension", !isDocumented { found.append(number + 1) }
      isDocumented = false
    }
    return found
  }

  /// Every test that a page names as the one that holds its words is there.
  @Test(arguments: ["docs/security.md", "docs/numerics.md"]) func namedTestsExist(_ page: String) {
    let names = SourceTree.file(at: page).lines.flatMap { line in
      line.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }.filter { $0.hasSuffix("Tests") && !$0.contains("/") }
    #expect(!names.isEmpty)
    for name in Set(names) {
      let isThere = SourceTree.tests.contains { file in
        file.path.hasSuffix("/\(name).swift") || file.lines.contains { $0.contains("struct \(name)") }
      }
      #expect(isThere, "\(page) names \(name)")
    }
  }

  /// Cases of public enums, which carry no `public` of their own.
  static func undocumentedCases(_ lines: [String]) -> [Int] {
    var found: [Int] = []
    var enumIndent: Int?
    var isDocumented = false
    for (number, line) in lines.enumerated() {
      let text = line.drop { $0 == " " }
      let indent = line.count - text.count
      if text.hasPrefix("///") {
        isDocumented = true
        continue
      }
      if text.hasPrefix("public "), text.contains("enum ") { enumIndent = indent }
      if let open = enumIndent, indent == open, text == "}" { enumIndent = nil }
      if let open = enumIndent, indent == open + 2, text.hasPrefix("case "), !isDocumented { found.append(number + 1) }
      isDocumented = false
    }
    return found
  }

  static func isDocComment(_ line: String) -> Bool { line.drop { $0 == " " }.hasPrefix("///") }

  @Test(arguments: sources) func everyPublicDeclarationIsDocumented(_ file: SourceTree.File) {
    #expect(Self.undocumented(file.lines) == [], "\(file) has public declarations without a doc comment in these lines")
    #expect(Self.undocumentedCases(file.lines) == [], "\(file) has public cases without a doc comment in these lines")
  }

  /// One line in five says what a declaration does: shapes, units, errors, costs.
  @Test(arguments: targets) func aFifthOfTheLinesAreDocComments(_ target: String) {
    let lines = Self.sources.filter { $0.target == target }.flatMap(\.lines).filter { line in line.contains { $0 != " " } }
    let share = Double(lines.count(where: Self.isDocComment)) / Double(max(lines.count, 1))
    #expect(share >= 0.2, "\(target) has \((share * 1000).rounded() / 10) % doc comments")
  }

  @Test func gapsAreFound() {
    let lines = [
      "/// Said.", "public struct A {", "  public let b: Int", "  /// Said.", "  @unsafe", "  @_disfavoredOverload public func c() {}",
      "  @discardableResult public func d() {}", "  package func e() {}", "}", "extension A: Hashable {",
      "  /// Said.", "  public internal(set) var f: Int", "", "  public init() {}", "}",
    ]
    #expect(Self.undocumented(lines) == [3, 7, 14])
    let cases = [
      "public enum A {", "  /// Said.", "  case b", "  case c", "  enum D {", "    case e", "  }", "}", "enum F {", "  case g", "}",
    ]
    #expect(Self.undocumentedCases(cases) == [4])
  }
}
