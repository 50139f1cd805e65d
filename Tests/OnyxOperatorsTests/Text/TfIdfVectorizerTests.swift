import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// TfIdfVectorizer. Expected numbers: ONNX Runtime 1.32, unless said otherwise.
struct TfIdfVectorizerTests {
  /// Three single tokens and the pair 1, 2.
  static func attributes(_ mode: String, _ changes: [String: Attribute] = [:]) -> [String: Attribute] {
    let base: [String: Attribute] = [
      "mode": .text(mode), "min_gram_length": .int(1), "max_gram_length": .int(2), "max_skip_count": .int(0),
      "ngram_counts": .ints([0, 3]),
      "ngram_indexes": .ints([4, 0, 2, 1]), "pool_int64s": .ints([1, 2, 3, 2, 1]),
    ]
    return base.merging(changes) { $1 }
  }

  static let row = i64([1, 2, 1, 2, 3, 3])
  static let weights: [String: Attribute] = ["weights": .floats([10, 20, 30, 40])]
  static let pairs: [String: Attribute] = ["pool_int64s": .ints([1, 2, 3, 1, 2])]

  static let values: [OperatorCase] = [
    OperatorCase("TfIdfVectorizer", [row], attributes("TF", pairs), gives: f32([2, 2, 2, 0, 2])),
    OperatorCase("TfIdfVectorizer", [row], attributes("TF", pairs.merging(weights) { $1 }), gives: f32([2, 2, 2, 0, 2])),
    OperatorCase("TfIdfVectorizer", [row], attributes("IDF", pairs.merging(weights) { $1 }), gives: f32([20, 40, 30, 0, 10])),
    OperatorCase("TfIdfVectorizer", [row], attributes("TFIDF", pairs.merging(weights) { $1 }), gives: f32([40, 80, 60, 0, 20])),
    OperatorCase("TfIdfVectorizer", [row], attributes("IDF", pairs), gives: f32([1, 1, 1, 0, 1])),
    OperatorCase("TfIdfVectorizer", [row], attributes("TFIDF"), gives: f32([2, 1, 2, 0, 2]), note: "the pair 2, 1; by hand"),
    OperatorCase(
      "TfIdfVectorizer", [row], attributes("TFIDF", pairs.merging(weights) { $1 }.merging(["ngram_indexes": .ints([0, 0, 1, 1])]) { $1 }),
      gives: f32([60, 140]), note: "outputs shared"),
    OperatorCase(
      "TfIdfVectorizer", [i64([1, 9, 2, 1, 9, 9, 2, 3])], attributes("TF", pairs.merging(["max_skip_count": .int(2)]) { $1 }),
      gives: f32([2, 2, 1, 0, 2])),
    OperatorCase(
      "TfIdfVectorizer", [ints(.int32, [1, 9, 2, 1, 2, 3, 1, 9, 2, 9, 3])],
      attributes(
        "TF",
        [
          "min_gram_length": .int(2), "max_gram_length": .int(3), "max_skip_count": .int(1), "ngram_counts": .ints([0, 2, 4]),
          "ngram_indexes": .ints([0, 1, 2, 3]), "pool_int64s": .ints([1, 2, 1, 2, 1, 2, 3]),
        ]), gives: f32([0, 0, 3, 2])),
    OperatorCase(
      "TfIdfVectorizer", [i64([1, 2, 3, 3, 2, 1], [2, 3])], attributes("TF", pairs), gives: f32([1, 1, 1, 0, 1, 1, 0, 1, 0, 1], [2, 5]),
      note: "by hand"),
    OperatorCase(
      "TfIdfVectorizer", [strings(["é", "e\u{301}", "b", "é", "b"])],
      [
        "mode": .text("TF"), "min_gram_length": .int(1), "max_gram_length": .int(2), "max_skip_count": .int(0),
        "ngram_counts": .ints([0, 2]),
        "ngram_indexes": .ints([0, 1, 2]), "pool_strings": .strings([Array("é".utf8), Array("b".utf8), Array("é".utf8), Array("b".utf8)]),
      ], gives: f32([2, 2, 1]), note: "texts, by hand"),
    OperatorCase(
      "TfIdfVectorizer", [row], attributes("TF", ["pool_int64s": .ints([1, 1, 3, 9, 9])]), gives: f32([2, 0, 2, 0, 2]),
      note: "a token twice in the pool, by the standard's text"),
    OperatorCase("TfIdfVectorizer", [i64([])], attributes("TF"), gives: f32([0, 0, 0, 0, 0])),
    OperatorCase("TfIdfVectorizer", [i64([], [2, 0])], attributes("TF"), gives: f32([Double](repeating: 0, count: 10), [2, 5])),
    OperatorCase("TfIdfVectorizer", [i64([], [0, 2])], attributes("TF"), gives: f32([], [0, 5])),
    OperatorCase(
      "TfIdfVectorizer", [i64([2, 9, 1, 1])], attributes("TF", ["max_skip_count": .int(.max), "max_gram_length": .int(.max)]),
      gives: f32([1, 2, 0, 0, 2]), note: "every distance, by hand"),
  ]

  @Test(arguments: values) func counts(_ row: OperatorCase) throws { try row.run() }

  /// Steps that reach no token of an n-gram are not taken. By hand.
  @Test(.timeLimit(.minutes(Sanitizer.patience)), arguments: [1, 2]) func skipsCostWhatTheyCount(_ longest: Int) throws {
    let row = i64(Array(repeating: 9, count: 30_000) + [1, 9, 2])
    let changes: [String: Attribute] = ["max_gram_length": .int(Int64(longest)), "max_skip_count": .int(.max)]
    let results = try evaluate("TfIdfVectorizer", [row], attributes: Self.attributes("TF", Self.pairs.merging(changes) { $1 }))
    #expect(results[0] == f32([1, longest == 2 ? 1 : 0, 0, 0, 1]))
  }

  static let refusals: [FailureCase] = [
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["min_gram_length": .int(0)]), says: "0 to 2"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["min_gram_length": .int(3)]), says: "3 to 2"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["max_skip_count": .int(-1)]), says: "'max_skip_count' is -1"),
    FailureCase("TfIdfVectorizer", [row], attributes("XX"), says: "'XX'"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["ngram_counts": .ints([0, 6])]), says: "1-grams at 0 ..< 6"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["ngram_counts": .ints([0, 2])]), says: "2-grams at 2 ..< 5"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["ngram_counts": .ints([0, .min])]), says: "1-grams at 0"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["ngram_counts": .ints([1, 3])]), says: "must be 0"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["ngram_indexes": .ints([0, 1, 2])]), says: "'ngram_indexes' 3 numbers"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["ngram_indexes": .ints([0, 1, 2, -1])]), says: "no index"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["ngram_indexes": .ints([0, 1, 2, .max])]), says: "no index"),
    FailureCase(
      "TfIdfVectorizer", [row], attributes("TF", ["ngram_indexes": .ints([0, 1, 2, 1 << 60])]), code: .budgetExceeded, says: "too large"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["weights": .floats([1])]), says: "1 weights"),
    FailureCase("TfIdfVectorizer", [row], attributes("TF", ["pool_strings": .strings([])]), says: "Exactly one"),
    FailureCase("TfIdfVectorizer", [strings(["a"])], attributes("TF"), says: "holds integers"),
    FailureCase("TfIdfVectorizer", [i64([1], [])], attributes("TF"), says: "rank 0"),
    FailureCase("TfIdfVectorizer", [i64([1], [1, 1, 1])], attributes("TF"), says: "rank 3"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
