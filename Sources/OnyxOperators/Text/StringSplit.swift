import OnyxGraph
import OnyxTensor

/// The parts of each text between delimiters, along a new last axis that empty texts fill up, and how many there are.
/// ONNX: StringSplit (20).
///
/// Without a delimiter the parts stand between runs of white space (Unicode's and the separators U+001C … U+001F), and white space at
/// both ends is no part; once `maxsplit` splits are done, the rest keeps what follows it. With a delimiter an empty text is one empty
/// part. That is Python's `str.split`, which the ONNX reference runs; ONNX Runtime knows no white space but the space, strips the rest
/// too, and counts no parts in an empty text.
package struct StringSplit: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "StringSplit", versions: [20], inputs: [.required("X", "T1")], outputs: [.required("Y", "T2"), .required("Z", "T3")],
      types: ["T1": [.string], "T2": [.string], "T3": [.int64]]), StringSplit.init)

  /// The bytes between two parts; nil: white space.
  package let delimiter: [UInt8]?
  /// The most splits; nil: no bound.
  package let maxsplit: Int?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let text = try attributes.text("delimiter") ?? ""
    delimiter = text.isEmpty ? nil : Array(text.utf8)
    maxsplit = try attributes.int("maxsplit").flatMap { $0 < 0 ? nil : $0 }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    var longest = context.unknown("parts")
    if let constant = x.constant { longest = Dimension(parts(of: try constant.strings()).map { $0.count }.max() ?? 0) }
    return [
      Inferred(.string, try x.shape.map { (shape) throws(OnyxError) in try (shape + [longest]).checked() }), Inferred(.int64, x.shape),
    ]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let rows = parts(of: try x.strings())
    let longest = rows.map(\.count).max() ?? 0
    let shape = try Shape(x.shape.dimensions + [longest]).affordable()
    var texts: [String] = []
    texts.reserveCapacity(shape.elementCount)
    for row in rows {
      texts += row
      texts += repeatElement("", count: longest - row.count)
    }
    return [try Tensor(texts, shape: shape), try Tensor(rows.map { Int64($0.count) }, shape: x.shape)]
  }

  private func parts(of texts: [String]) -> [[String]] {
    if let delimiter {
      let search = ByteSearch(delimiter)
      return texts.map { parts(of: Array($0.utf8), search) }
    }
    return texts.map(words)
  }

  /// A delimiter is whole scalars and so are the texts, so that it is found only between scalars.
  private func parts(of bytes: [UInt8], _ search: ByteSearch) -> [String] {
    var parts: [String] = []
    var start = 0
    while maxsplit.map({ parts.count < $0 }) ?? true, let end = search.first(in: bytes, from: start) {
      parts.append(String(decoding: bytes[start..<end], as: UTF8.self))
      start = end + search.pattern.count
    }
    return parts + [String(decoding: bytes[start...], as: UTF8.self)]
  }

  private func words(of text: String) -> [String] {
    var words: [String] = []
    var rest = text.unicodeScalars[...].drop(while: \.isPythonSpace)
    while !rest.isEmpty {
      if let maxsplit, words.count >= maxsplit { return words + [String(rest)] }
      let word = rest.prefix { !$0.isPythonSpace }
      words.append(String(word))
      rest = rest[word.endIndex...].drop(while: \.isPythonSpace)
    }
    return words
  }
}

extension Unicode.Scalar {
  /// What Python's `str.isspace` holds for: Unicode's white space and the four information separators.
  fileprivate var isPythonSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }
}

/// Finds a pattern of bytes in O(text) (Knuth, Morris and Pratt, Fast Pattern Matching in Strings, 1977).
private struct ByteSearch {
  let pattern: [UInt8]
  /// For each length of a match so far, the longest shorter one that the same bytes end with.
  private let shorter: [Int]

  init(_ pattern: [UInt8]) {
    self.pattern = pattern
    var shorter = [0, 0]
    for index in pattern.indices.dropFirst() {
      var length = shorter[index]
      while length > 0, pattern[length] != pattern[index] { length = shorter[length] }
      shorter.append(pattern[length] == pattern[index] ? length + 1 : 0)
    }
    self.shorter = shorter
  }

  /// Where the first match at or after `start` begins.
  func first(in bytes: [UInt8], from start: Int) -> Int? {
    var length = 0
    for index in start..<bytes.count {
      while length > 0, pattern[length] != bytes[index] { length = shorter[length] }
      if pattern[length] == bytes[index] { length += 1 }
      if length == pattern.count { return index + 1 - length }
    }
    return nil
  }
}
