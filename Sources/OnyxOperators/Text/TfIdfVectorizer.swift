import OnyxGraph
import OnyxTensor

/// How often each n-gram of a pool occurs in a row of tokens. ONNX: TfIdfVectorizer (9).
///
/// [C] tokens give [max(ngram_indexes) + 1] numbers, [N,C] give one such row each. An n-gram may leave out the same number of tokens,
/// 0 … `max_skip_count`, between any two of its own; single tokens are counted once. `weights` belong to the n-grams of the pool, as the
/// standard's text and ONNX Runtime have it (the ONNX reference takes them by output). N-grams that share an output add up; ONNX Runtime
/// keeps the weight of the last one it meets in the mode IDF.
package struct TfIdfVectorizer: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "TfIdfVectorizer", versions: [9], inputs: [.required("X", "T")], outputs: [.required("Y", "T1")],
      types: ["T": [.string, .int32, .int64], "T1": [.float32]]), TfIdfVectorizer.init)

  /// What an output is made of.
  package enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Occurrences.
    case frequency = "TF"
    /// The weight of every n-gram that occurs.
    case presence = "IDF"
    /// Occurrences times weight.
    case weighted = "TFIDF"
  }

  /// What an output is made of.
  package let mode: Mode
  /// The lengths of the n-grams that count.
  package let lengths: ClosedRange<Int>
  /// The most tokens that are left out between two of an n-gram.
  package let skips: Int
  /// Outputs for each row.
  package let width: Int
  /// The n-grams of the pool.
  private let grams: GramTrie
  /// The output of each n-gram.
  package let outputs: [Int]
  /// The weight of each n-gram.
  package let weights: [Float]
  private let holdsTexts: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    mode = try attributes.choice("mode")
    let shortest = try attributes.required("min_gram_length", try attributes.int("min_gram_length"))
    let longest = try attributes.required("max_gram_length", try attributes.int("max_gram_length"))
    guard shortest >= 1, longest >= shortest else { throw .invalid("N-grams of \(shortest) to \(longest) tokens cannot be counted.") }
    lengths = shortest...longest
    skips = try attributes.required("max_skip_count", try attributes.int("max_skip_count"))
    guard skips >= 0 else { throw .invalid("The attribute 'max_skip_count' is \(skips).") }
    let starts = try attributes.required("ngram_counts", try attributes.ints("ngram_counts"))
    outputs = try attributes.required("ngram_indexes", try attributes.ints("ngram_indexes"))
    let (numbers, texts) = (try attributes.ints("pool_int64s"), try attributes.texts("pool_strings"))
    guard (numbers == nil) != (texts == nil) else { throw .invalid("Exactly one of 'pool_int64s' and 'pool_strings' must be given.") }
    holdsTexts = texts != nil
    let pool = numbers.map { $0.map { Token.number(Int64($0)) } } ?? (texts ?? []).map { Token.text(Array($0.utf8)) }
    grams = try GramTrie(pool, starts: starts)
    guard outputs.count == grams.count else {
      throw .invalid("The pool has \(grams.count) n-grams, and 'ngram_indexes' \(outputs.count) numbers.")
    }
    guard outputs.allSatisfy({ $0 >= 0 && $0 < Int.max }) else { throw .invalid("A number of 'ngram_indexes' is no index.") }
    width = (outputs.max() ?? -1) + 1
    weights = try attributes.floats("weights") ?? [Float](repeating: 1, count: outputs.count)
    guard weights.count == outputs.count else {
      throw .invalid("\(weights.count) weights were given for \(outputs.count) n-grams.")
    }
  }

  /// The n-grams of a pool of integers: tokens as small numbers, the edges of their trie, and the n-grams that end at its nodes.
  package var integerPool: GramPool { grams.integerPool }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    guard (x.elementType == .string) == holdsTexts else {
      throw .invalid("The pool holds \(holdsTexts ? "texts" : "integers"), and the input does not.")
    }
    guard let shape = x.shape else { return [Inferred(.float32, nil)] }
    guard shape.count == 1 || shape.count == 2 else {
      throw .invalid("The input has rank \(shape.count).", remedy: "Give tokens of shape [C] or [N,C].")
    }
    return [Inferred(.float32, try (shape.dropLast() + [Dimension(width)]).checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let tokens = try grams.numbers(of: x)
    var results = try shape.filled(with: Float(0))
    if tokens.isEmpty || results.isEmpty { return [try Tensor(results, shape: shape)] }
    let length = x.shape[x.shape.rank - 1]
    for row in 0..<(x.shape.rank == 1 ? 1 : x.shape[0]) {
      for (gram, count) in counts(in: tokens[row * length..<(row + 1) * length]) {
        let times = mode == .presence ? 1 : Float(count)
        results[row * width + outputs[gram]] += mode == .frequency ? times : times * weights[gram]
      }
    }
    return [try Tensor(results, shape: shape)]
  }

  /// The n-grams of the pool that occur in a row, in their order, and how often.
  private func counts(in row: ArraySlice<Int?>) -> [(gram: Int, count: Int)] {
    var counts: [Int: Int] = [:]
    let longest = min(lengths.upperBound, grams.longest)
    let starts = row.indices.filter { index in row[index].map { grams.child(of: GramTrie.root, $0) != nil } ?? false }
    // Steps of the row's length or more reach no second token, and single tokens need none.
    for step in 1...(longest == 1 ? 1 : min(skips, row.count) + 1) {
      // Single tokens are the same for every step.
      let shortest = step == 1 ? lengths.lowerBound : max(2, lengths.lowerBound)
      for start in starts {
        var node = GramTrie.root
        for (index, position) in stride(from: start, to: row.endIndex, by: step).enumerated() {
          guard index < longest, let token = row[position], let next = grams.child(of: node, token) else { break }
          node = next
          if index + 1 >= shortest { for gram in grams.ends(at: node) { counts[gram, default: 0] += 1 } }
        }
      }
    }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
