import OnyxCases
import OnyxInsight
import OnyxTensor

/// Tensors of a run beside the expected ones.
package struct OutputComparison: Encodable, Sendable {
  package struct Row: Encodable, Sendable {
    package let name: String
    /// "float32[1,1000]", as the run made it.
    package let type: String
    package let agrees: Bool
    /// Why the tensors do not agree.
    package let reason: String?
    /// nil for strings, and when types or shapes differ.
    package let maxAbsolute, maxRelative, cosine, psnr: Double?

    enum CodingKeys: String, CodingKey {
      case name, type, agrees, reason, cosine, psnr
      case maxAbsolute = "max_abs"
      case maxRelative = "max_rel"
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(type, forKey: .type)
      try container.encode(agrees, forKey: .agrees)
      try container.encode(reason, forKey: .reason)
      try container.encode(maxAbsolute, forKey: .maxAbsolute)
      try container.encode(maxRelative, forKey: .maxRelative)
      try container.encode(cosine, forKey: .cosine)
      try container.encode(psnr, forKey: .psnr)
    }
  }

  package let model: String
  /// What the expected tensors come from.
  package let reference: String
  package private(set) var tensors: [Row] = []
  /// Where differences begin; nil when nothing differs, or nothing inside the graph can be compared.
  package var firstDivergence: Divergence?

  enum CodingKeys: String, CodingKey {
    case model, reference, tensors
    case firstDivergence = "first_divergence"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(reference, forKey: .reference)
    try container.encode(tensors, forKey: .tensors)
    try container.encode(firstDivergence, forKey: .firstDivergence)
  }

  package init(model: String, reference: String) {
    self.model = model
    self.reference = reference
  }

  package var agrees: Bool { tensors.allSatisfy(\.agrees) }

  package mutating func add(_ name: String, _ actual: Tensor, expected: Tensor, tolerance: Tolerance) throws(OnyxError) {
    let comparison = try Comparison(actual, expected: expected, tolerance: tolerance)
    let isComparable = actual.elementType == expected.elementType && actual.shape == expected.shape && actual.elementType != .string
    let difference = isComparable ? try Difference(actual, expected: expected) : nil
    tensors.append(
      Row(
        name: name, type: actual.typeDescription, agrees: comparison.mismatch == nil, reason: comparison.mismatch?.description,
        maxAbsolute: difference?.maxAbsolute, maxRelative: difference?.maxRelative, cosine: difference?.cosine,
        psnr: difference?.peakSignalToNoise))
  }

  package var text: String {
    var table = TextTable([
      ("tensor", .left), ("type", .left), ("max abs", .right), ("max rel", .right), ("cosine", .right), ("PSNR dB", .right), ("", .left),
    ])
    for row in tensors {
      table.append(
        row.name, row.type, Self.number(row.maxAbsolute), Self.number(row.maxRelative),
        row.cosine.map { Quantity.decimal($0, digits: 6) } ?? "-",
        row.psnr.map { $0.isInfinite ? "inf" : Quantity.decimal($0, digits: 1) } ?? "-", row.agrees ? "agrees" : "differs")
    }
    table.fit(columns: 100, shortening: 0, to: 12, keeping: .end)
    let reasons = tensors.compactMap { row in row.reason.map { "\(row.name): \($0)\n" } }.joined()
    let divergence = firstDivergence.map { "\n" + $0.text } ?? ""
    return "\(model) against \(reference)\n\n" + table.text + (reasons.isEmpty ? "" : "\n" + reasons) + divergence
  }

  /// Three significant digits.
  private static func number(_ value: Double?) -> String {
    guard let value else { return "-" }
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    if (0.01..<1e6).contains(value) { return Quantity.decimal(value, digits: value < 1 ? 4 : 3) }
    var (digits, exponent) = (value, 0)
    while digits >= 10 { (digits, exponent) = (digits / 10, exponent + 1) }
    while digits < 1 { (digits, exponent) = (digits * 10, exponent - 1) }
    return "\(Quantity.decimal(digits, digits: 2))e\(exponent)"
  }
}
