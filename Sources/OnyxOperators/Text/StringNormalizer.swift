import OnyxGraph
import OnyxTensor

/// Takes stop words out of a list of texts, then changes the case of the others. ONNX: StringNormalizer (10).
///
/// X is [C] or [1,C]; when nothing is left the result is one empty text. An element is removed when it equals a stop word, scalar by
/// scalar, or, unless `isCaseSensitive`, when both have the same lower case. Case follows Unicode's full mapping ("ß" becomes "SS") and no
/// language: `locale` is read and has no effect, so that a model gives the same on every machine. The ONNX reference also strips accents
/// and removes stop words inside of elements, which the standard's text does not say and ONNX Runtime does not do.
package struct StringNormalizer: TensorOperator {
  static let definition = OperatorDefinition(
    Signature("StringNormalizer", versions: [10], inputs: [.required("X", "string")], outputs: [.required("Y", "string")], types: [:]),
    StringNormalizer.init)

  /// What is done to the texts that stay.
  package enum CaseChange: String, Sendable, Hashable, CaseIterable {
    case lower = "LOWER"
    case upper = "UPPER"
    case none = "NONE"
  }

  /// What is done to the texts that stay.
  package let caseChange: CaseChange
  /// Whether stop words differ by case.
  package let isCaseSensitive: Bool
  /// Stop words as UTF-8, in lower case unless case matters.
  private let stopwords: Set<[UInt8]>

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    caseChange = try attributes.choice("case_change_action", default: .none)
    let isCaseSensitive = try attributes.flag("is_case_sensitive", default: false)
    self.isCaseSensitive = isCaseSensitive
    _ = try attributes.text("locale")
    stopwords = Set((try attributes.texts("stopwords") ?? []).map { Self.key($0, isCaseSensitive: isCaseSensitive) })
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    guard let shape = x.shape else { return [Inferred(.string, nil)] }
    guard shape.count == 1 || shape.count == 2 else { throw .invalid("The input has rank \(shape.count).", remedy: Self.remedy) }
    if shape.count == 2, let rows = shape[0].known, rows != 1 { throw .invalid("The input has \(rows) rows.", remedy: Self.remedy) }
    let count: Dimension
    if let constant = x.constant {
      count = Dimension(max(1, try constant.strings().count { !isStopword($0) }))
    } else if stopwords.isEmpty, let known = shape[shape.count - 1].known {
      count = Dimension(max(1, known))
    } else {
      count = context.unknown("words")
    }
    return [Inferred(.string, shape.count == 2 ? [1, count] : [count])]
  }

  private static let remedy = "Give a tensor of shape [C] or [1,C]."

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    guard x.shape.rank == 1 || x.shape.rank == 2 && x.shape[0] == 1 else {
      throw .invalid("The input has the shape \(x.shape).", remedy: Self.remedy)
    }
    var words = try x.strings().filter { !isStopword($0) }
    switch caseChange {
    case .lower: words = words.map { $0.lowercased() }
    case .upper: words = words.map { $0.uppercased() }
    case .none: break
    }
    if words.isEmpty { words = [""] }
    return [try Tensor(words, shape: try Shape(x.shape.rank == 2 ? [1, words.count] : [words.count]))]
  }

  private func isStopword(_ text: String) -> Bool {
    !stopwords.isEmpty && stopwords.contains(Self.key(text, isCaseSensitive: isCaseSensitive))
  }

  /// Bytes, since Swift takes texts for equal that differ in how they compose accents.
  private static func key(_ text: String, isCaseSensitive: Bool) -> [UInt8] {
    Array((isCaseSensitive ? text : text.lowercased()).utf8)
  }
}
