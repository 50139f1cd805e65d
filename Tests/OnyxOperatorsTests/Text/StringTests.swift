import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// StringConcat, StringSplit, StringNormalizer. Expected texts: NumPy's and Python's functions of strings, unless said otherwise.
struct StringTests {
  static let concatenations: [OperatorCase] = [
    OperatorCase("StringConcat", [strings(["abc", "", "é"]), strings(["def", "x", ""])], gives: strings(["abcdef", "x", "é"])),
    OperatorCase(
      "StringConcat", [strings(["a", "b"], [2, 1]), strings(["1", "2", "3"])],
      gives: strings(["a1", "a2", "a3", "b1", "b2", "b3"], [2, 3])),
    OperatorCase("StringConcat", [strings(["a"], []), strings(["🙂"], [])], gives: strings(["a🙂"], [])),
    OperatorCase("StringConcat", [strings([], [0]), strings(["x"])], gives: strings([], [0])),
  ]

  @Test(arguments: concatenations) func concatenates(_ row: OperatorCase) throws { try row.run() }

  /// An accent behind its letter stays a scalar of its own.
  @Test func concatenationComposesNothing() throws {
    let result = try evaluate("StringConcat", [strings(["e"]), strings(["\u{301}"])])[0]
    #expect(try result.strings().map { Array($0.unicodeScalars.map(\.value)) } == [[0x65, 0x301]])
  }

  static let splits: [OperatorCase] = [
    OperatorCase(
      "StringSplit", [strings(["  a b  c ", "", "   "])],
      gives: strings(["a", "b", "c", "", "", "", "", "", ""], [3, 3]), i64([3, 0, 0])),
    OperatorCase(
      "StringSplit", [strings(["a\u{1D}b\u{85}c\u{2003}d", "x"], [1, 2])], ["delimiter": .text("")],
      gives: strings(["a", "b", "c", "d", "x", "", "", ""], [1, 2, 4]), i64([4, 1], [1, 2])),
    OperatorCase(
      "StringSplit", [strings(["  a b  c ", "x"])], ["maxsplit": .int(0)], gives: strings(["a b  c ", "x"], [2, 1]), i64([1, 1])),
    OperatorCase(
      "StringSplit", [strings(["  a b  c ", "a\tb ", " a "])], ["maxsplit": .int(1)],
      gives: strings(["a", "b  c ", "a", "b ", "a", ""], [3, 2]), i64([2, 2, 1])),
    OperatorCase(
      "StringSplit", [strings(["a,b,,c,", "", ","])], ["delimiter": .text(",")],
      gives: strings(["a", "b", "", "c", "", "", "", "", "", "", "", "", "", "", ""], [3, 5]), i64([5, 1, 2])),
    OperatorCase(
      "StringSplit", [strings(["a,b,,c", "d"])], ["delimiter": .text(","), "maxsplit": .int(2)],
      gives: strings(["a", "b", ",c", "d", "", ""], [2, 3]), i64([3, 1])),
    OperatorCase(
      "StringSplit", [strings(["a,b"])], ["delimiter": .text(","), "maxsplit": .int(-1)], gives: strings(["a", "b"], [1, 2]), i64([2])),
    OperatorCase(
      "StringSplit", [strings(["aabaabaaabaab"])], ["delimiter": .text("aab")], gives: strings(["", "", "a", "", ""], [1, 5]), i64([5])),
    OperatorCase("StringSplit", [strings(["aaa"])], ["delimiter": .text("aa")], gives: strings(["", "a"], [1, 2]), i64([2])),
    OperatorCase("StringSplit", [strings(["näöhöl"])], ["delimiter": .text("ö")], gives: strings(["nä", "h", "l"], [1, 3]), i64([3])),
    OperatorCase("StringSplit", [strings(["a b"], [])], gives: strings(["a", "b"], [2]), i64([2], [])),
    OperatorCase("StringSplit", [strings([], [2, 0])], gives: strings([], [2, 0, 0]), i64([], [2, 0])),
    OperatorCase("StringSplit", [strings([" ", ""])], gives: strings([], [2, 0]), i64([0, 0])),
  ]

  @Test(arguments: splits) func splitsTexts(_ row: OperatorCase) throws { try row.run() }

  static let words = ["Monday", "tuesday", "MONDAY", "é", "e\u{301}", "Straße", ""]

  /// By hand after the standard's text; is_case_sensitive = 1 as ONNX Runtime 1.32 gives it too.
  static let normalizations: [OperatorCase] = [
    OperatorCase("StringNormalizer", [strings(words)], gives: strings(words)),
    OperatorCase(
      "StringNormalizer", [strings(words)], ["stopwords": .strings([Array("monday".utf8), Array("é".utf8)])],
      gives: strings(["tuesday", "e\u{301}", "Straße", ""])),
    OperatorCase(
      "StringNormalizer", [strings(words)], ["stopwords": .strings([Array("Monday".utf8)]), "is_case_sensitive": .int(1)],
      gives: strings(["tuesday", "MONDAY", "é", "e\u{301}", "Straße", ""])),
    OperatorCase(
      "StringNormalizer", [strings(words, [1, 7])],
      ["stopwords": .strings([Array("TUESDAY".utf8)]), "case_change_action": .text("UPPER"), "locale": .text("de_DE")],
      gives: strings(["MONDAY", "MONDAY", "É", "E\u{301}", "STRASSE", ""], [1, 6])),
    OperatorCase("StringNormalizer", [strings(["ÀB", "ß"])], ["case_change_action": .text("LOWER")], gives: strings(["àb", "ß"])),
    OperatorCase("StringNormalizer", [strings(["A", "a"])], ["stopwords": .strings([Array("a".utf8)])], gives: strings([""])),
    OperatorCase("StringNormalizer", [strings(["a"], [1, 1])], ["stopwords": .strings([Array("a".utf8)])], gives: strings([""], [1, 1])),
    OperatorCase("StringNormalizer", [strings([], [1, 0])], gives: strings([""], [1, 1])),
  ]

  @Test(arguments: normalizations) func normalizes(_ row: OperatorCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("StringConcat", [strings(["a", "b"]), strings(["a", "b", "c"])], says: "cannot be broadcast"),
    FailureCase("StringConcat", [strings(["a"]), i64([1])], says: "does not allow"),
    FailureCase("StringSplit", [i64([1])], outputs: 2, says: "does not allow"),
    FailureCase("StringNormalizer", [strings(["a", "b"], [2, 1])], says: "2 rows"),
    FailureCase("StringNormalizer", [strings(["a"], [])], says: "rank 0"),
    FailureCase("StringNormalizer", [strings(["a"])], ["case_change_action": .text("TITLE")], says: "'TITLE'"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }

  /// A delimiter that nearly matches everywhere is searched for in linear time.
  @Test func searchesInLinearTime() throws {
    let text = String(repeating: "a", count: 200_000)
    let delimiter = String(repeating: "a", count: 100_000) + "b"
    let result = try make("StringSplit", ["delimiter": .text(delimiter)], outputs: 2).evaluate([strings([text])], outputCount: 2)
    #expect(try result[1].ints() == [1])
  }

  /// One text of 200,001 parts beside 200,000 others would be 4 · 10^10 texts.
  @Test func boundsWhatIsFilledUp() throws {
    let texts = [String(repeating: ",", count: 200_000)] + [String](repeating: "", count: 200_000)
    let split = try make("StringSplit", ["delimiter": .text(",")], outputs: 2)
    let error = #expect(throws: OnyxError.self) { try split.evaluate([strings(texts)], outputCount: 2) }
    #expect(error?.code == .budgetExceeded)
  }
}
