import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// RegexFullMatch. Expected answers: google-re2 1.1.20251105.
struct RegexFullMatchTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let pattern: String
    let texts: [String]
    let matches: [Bool]

    init(_ pattern: String, _ texts: [String], _ matches: [Bool]) {
      self.pattern = pattern
      self.texts = texts
      self.matches = matches
    }

    var testDescription: String { pattern }
  }

  static let rows: [Row] = [
    Row(#"www\.[\w.-]+\.\bcom\b"#, ["www.google.com", "www.facebook.com", "www.bbc.co.uk"], [true, true, false]),
    Row(#""#, ["", "a"], [true, false]),
    Row(#"a|b|"#, ["", "a", "b", "ab"], [true, true, true, false]),
    Row(#"(a|b)*abb"#, ["abb", "ababb", "ab"], [true, true, false]),
    Row(#"a{2,3}"#, ["a", "aa", "aaa", "aaaa"], [false, true, true, false]),
    Row(#"(?:ab){2,}"#, ["ab", "abab", "ababab"], [false, true, true]),
    Row(#"a{,3}"#, ["a{,3}", "aaa"], [true, false]),
    Row(#"a{01}"#, ["a", "a{01}"], [false, true]),
    Row(#"x{0}y"#, ["y", "xy"], [true, false]),
    Row(#"(a*)*b"#, ["aaab", "b", "aac"], [true, true, false]),
    Row(#"(|a)+"#, ["", "aaa", "b"], [true, true, false]),
    Row(#"a+?b??"#, ["aab", "a", "abb"], [true, true, false]),
    Row(#"."#, ["a", "\u{A}", "é", "🙂", "e\u{301}"], [true, false, true, true, false]),
    Row(#"(?s)."#, ["\u{A}"], [true]),
    Row(#"[^a]"#, ["\u{A}", "b", "a"], [true, true, false]),
    Row(#"(?m)^a$\n^b$"#, ["a\u{A}b", "a\u{A}"], [true, false]),
    Row(#"a$\nb"#, ["a\u{A}b"], [false]),
    Row(#"^*a$"#, ["a"], [true]),
    Row(#"\Aa\z"#, ["a", "a\u{A}"], [true, false]),
    Row(#"\bfoo\b.\Bx"#, ["foo x", "foo- x", "foo.x"], [false, false, false]),
    Row(#"\B"#, ["", "a"], [true, false]),
    Row(#"é\b"#, ["é"], [false]),
    Row(#"\d+\D\s\S\w\W"#, ["12a x_!", "12 \u{B} x_!", "٣a xy-"], [true, false, false]),
    Row(#"[[:alpha:]][[:^digit:]][[:word:]]"#, ["ab_", "a1_", "é1_"], [true, false, false]),
    Row(#"[]a]-[^]a]"#, ["]-b", "a-]"], [true, false]),
    Row(#"[a\-z][a-c-e]"#, ["-d", "-e", "b-"], [false, true, false]),
    Row(#"[a-]"#, ["-", "b"], [true, false]),
    Row(#"[\x{3b1}-\x{3c9}]\x41\101\0"#, ["βAA\u{0}", "aAA\u{0}"], [true, false]),
    Row(#"\a\f\n\r\t\v\.\_"#, ["\u{7}\u{C}\u{A}\u{D}\u{9}\u{B}._"], [true]),
    Row(#"\Qa.b*\E+"#, ["a.b*", "a.b**", "axb*"], [true, true, false]),
    Row(#"\Qab"#, ["ab"], [true]),
    Row(#"\pL\p{Lu}\PL\p{^Ll}\P{^Ll}"#, ["éÉ1Aa", "1É1Aa"], [true, false]),
    Row(#"\p{Nd}\pN\p{Sc}\p{Zs}"#, ["٣²€ ", "a²€ "], [true, false]),
    Row(#"\p{Greek}+\p{Han}[\p{Cyrillic}_]"#, ["αβ漢ж", "αβ漢_", "ab漢ж"], [true, true, false]),
    Row(#"\p{Any}"#, ["\u{A}", "🙂"], [true, true]),
    Row(#"\p{C}"#, ["\u{AD}", "\u{378}", "\u{E000}"], [true, false, true]),
    Row(#"(?i)straße"#, ["STRAßE", "STRAẞE", "STRASSE"], [true, true, false]),
    Row(#"(?i)k[s-t]"#, ["\u{212A}ſ", "KS", "kT"], [true, true, true]),
    Row(#"(?i)[^k]"#, ["\u{212A}", "K", "x"], [false, false, true]),
    Row(#"(?i)\W"#, ["ſ", "!"], [false, true]),
    Row(#"(?i)σ\x{398}"#, ["ςϑ", "Σθ", "σϴ"], [true, true, true]),
    Row(#"(?i)ıİ"#, ["\u{131}\u{130}", "I\u{130}", "\u{131}i"], [true, false, false]),
    Row(#"(?i)\p{Lu}[[:lower:]]"#, ["aA", "1a"], [true, false]),
    Row(#"(?i:a)b(?-i)C"#, ["AbC", "ABC", "abc"], [true, false, false]),
    Row(#"a(?i)b|c"#, ["aB", "AB", "C"], [true, false, true]),
    Row(#"(a(?i)b)c"#, ["aBc", "aBC"], [true, false]),
    Row(#"(?is-m:A.)"#, ["a\u{A}"], [true]),
    Row(#"(?U)a+(?P<n>b)(?<m>c)"#, ["aabc"], [true]),
    Row(#"(?i)"#, ["", "a"], [true, false]),
    Row(#"(?:(?:x{10}){10}){10}"#, [String(repeating: "x", count: 1000), String(repeating: "x", count: 999)], [true, false]),
    Row(#"\w+@\w+\.com"#, ["a@b.com", "a@b.org"], [true, false]),
  ]

  @Test(arguments: rows) func matches(_ row: Row) throws {
    try OperatorCase("RegexFullMatch", [strings(row.texts)], ["pattern": .text(row.pattern)], gives: bools(row.matches)).run()
  }

  @Test func keepsTheShape() throws {
    let pattern: [String: Attribute] = ["pattern": .text("a+")]
    try OperatorCase("RegexFullMatch", [strings(["a", "b"], [2, 1])], pattern, gives: bools([true, false], [2, 1])).run()
    try OperatorCase("RegexFullMatch", [strings(["aa"], [])], pattern, gives: bools([true], [])).run()
    try OperatorCase("RegexFullMatch", [strings([], [0])], pattern, gives: bools([], [0])).run()
  }

  /// Patterns that RE2 refuses.
  @Test(arguments: [
    "a**", "a*??", "a++", "a{2}{3}", "a?{2}", "a{1001}", "a{2,1}", "(?:a{1000}){2}", "(?:x{0}){1001}", "*a", "(*)", "|*", "(?i)*", "a)",
    "(",
    "(?i:a", "\\", "\\q", "\\8", "\\1", "(a)\\1", "\\Z", "\\E", "\\G", "\\X", "\\ü", "\\x4", "\\x{}", "\\x{110000}", "[a-\\d]", "[a-", "[]",
    "[z-a]", "[\\b]", "[[:foo:]]", "[[:alpha:", "\\pX", "\\p", "\\p{", "\\p{Foo}", "\\p{Cn}", "\\p{greek}", "(?P<>a)", "(?P<n-x>a)",
    "(?P=n)",
    "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "(?#a)", "(?-)", "(?i-)", "(?x)a", "(?--i)", "(?P<n",
  ])
  func refuses(_ pattern: String) {
    FailureCase("RegexFullMatch", [strings(["a"])], ["pattern": .text(pattern)], says: "is no RE2 pattern").run()
  }

  static let refusals: [FailureCase] = [
    FailureCase("RegexFullMatch", [strings(["a"])], says: "'pattern' is missing"),
    FailureCase("RegexFullMatch", [i64([1])], ["pattern": .text("a")], says: "does not allow"),
    FailureCase("RegexFullMatch", [strings(["a"])], ["pattern": .text("\\C")], code: .unsupported, says: "single byte"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }

  private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  /// Patterns that would take much memory, and how the refusal begins.
  static let hostile: [(String, OnyxError.Code)] = [
    (repeated("(", 200_000), .invalidModel),
    (repeated("(?:", 200_000) + repeated(")", 200_000), .invalidModel),
    (repeated("(?:a{10}", 5) + repeated("){10}", 5), .invalidModel),
    ("(?:" + repeated("a", 2000) + "){1000}", .budgetExceeded),
    (repeated("a{1000}", 200), .budgetExceeded),
    (repeated("(a{1000}", 900) + repeated(")", 900), .budgetExceeded),
    (repeated("|", 200_000), .budgetExceeded),
    (repeated("()*", 200_000), .budgetExceeded),
    ((0..<2000).map { "[\\pL\\x{\(String(0xE000 + 2 * $0, radix: 16))}]" }.joined(), .budgetExceeded),
    ((0..<4000).map { "[\\pL\\d\\x{\(String(0x40 + $0 % 2, radix: 16))}]" }.joined(), .budgetExceeded),
    ("(?i)" + repeated("[\\x{100}-\\x{10FFFF}]", 4000), .budgetExceeded),
    (repeated("[[:", 200_000), .invalidModel),
  ]

  @Test(arguments: hostile.indices) func boundsHostilePatterns(_ index: Int) {
    let (pattern, code) = Self.hostile[index]
    #expect(failure("RegexFullMatch", [strings(["a"])], attributes: ["pattern": .text(pattern)])?.code == code)
  }

  /// What takes exponential time by backtracking.
  @Test(arguments: ["(a+)+", "(a*)*", "(a|a)*", "(a|aa)+", "(.*)*", "(a?){200}a{200}"]) func doesNotBacktrack(_ pattern: String) throws {
    let texts = [Self.repeated("a", 1000) + "!", Self.repeated("a", 200)]
    let result = try make("RegexFullMatch", ["pattern": .text(pattern)]).evaluate([strings(texts)])[0]
    #expect(try result.booleans() == [pattern == "(.*)*", true])
  }

  /// Every script as Swift's own regular expressions know it, over the code points that they know.
  @Test func scriptsAreThoseOfUnicode() throws {
    var text = String.UnicodeScalarView()
    for value in UInt32(0)...0x3FFFF {
      if let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .unassigned { text.append(scalar) }
    }
    let all = String(text)
    for name in ["Latin", "Greek", "Cyrillic", "Han", "Hiragana", "Arabic", "Common", "Inherited", "Old_Italic", "Nko", "Garay"] {
      let members = try Regex("\\p{Script=\(name)}+").matchingSemantics(.unicodeScalar)
      let letters = Set(all.matches(of: members).flatMap { all[$0.range].unicodeScalars })
      // Some of the others are enough.
      let chosen = text.filter { letters.contains($0) || $0.value % 97 == 5 }
      let found = try make("RegexFullMatch", ["pattern": .text("\\p{\(name)}")]).evaluate([strings(chosen.map { String($0) })])[0]
      #expect(try found.booleans() == chosen.map { letters.contains($0) } && !letters.isEmpty, "\(name)")
    }
  }

  /// A script and a folded class are searched for once, however often a pattern names them.
  @Test(.timeLimit(.minutes(Sanitizer.patience)), arguments: ["\\p{Greek}", "(?i:\\p{Lu})", "(?i:\\P{Lu})?", "(?i:[[:upper:]])?"])
  func namedClassesAreKept(_ part: String) throws {
    let pattern = Self.repeated(part, 10_000)
    let result = try make("RegexFullMatch", ["pattern": .text(pattern)]).evaluate([strings([Self.repeated("ω", 10_000), "a"])])[0]
    #expect(try result.booleans() == [part == "\\p{Greek}" || part == "(?i:\\p{Lu})", part == "(?i:[[:upper:]])?"])
  }

  /// One text after the other: what a match leaves behind must not reach the next.
  @Test func matchesDoNotMeet() throws {
    let texts = ["ab", "a", "ab", "", "abab", "b", "ab"]
    let result = try make("RegexFullMatch", ["pattern": .text("(ab)+")]).evaluate([strings(texts)])[0]
    #expect(try result.booleans() == [true, false, true, false, true, false, true])
  }

  @Test func aClassThatRepeatsItselfStaysSmall() throws {
    let result = try make("RegexFullMatch", ["pattern": .text("[" + Self.repeated("\\pL", 20_000) + "]")]).evaluate([strings(["é", "1"])])[
      0]
    #expect(try result.booleans() == [true, false])
  }
}
