import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor

/// Which operators of some models, or of the standard, Onyx has.
package struct Coverage: Encodable, Sendable {
  package struct Row: Encodable, Sendable {
    package let domain: String
    package let op: String
    package let opset: Int
    /// Uses in the models; 1 for each operator of the standard.
    package let count: Int
    package let supported: Bool
    /// Why it is not supported.
    package let reason: String?

    enum CodingKeys: String, CodingKey { case domain, op, opset, count, supported, reason }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(domain, forKey: .domain)
      try container.encode(op, forKey: .op)
      try container.encode(opset, forKey: .opset)
      try container.encode(count, forKey: .count)
      try container.encode(supported, forKey: .supported)
      try container.encode(reason, forKey: .reason)
    }
  }

  package let supported: Bool
  package let operators: [Row]

  /// Of models as their files spell the operators.
  package init(of models: [ModelGraph]) {
    var counts: [Key: Int] = [:]
    for use in models.flatMap(\.census) { counts[Key(op: use.op, opset: use.opset), default: 0] += use.count }
    self.init(counts)
  }

  /// Of the whole ONNX standard, each operator at its newest version.
  package static var ofStandard: Coverage {
    Coverage(
      Dictionary(StandardOperators.all.map { (Key(op: $0.op, opset: $0.versions.last ?? 1), 1) }, uniquingKeysWith: { first, _ in first }))
  }

  private struct Key: Hashable {
    let op: OperatorName
    let opset: Int
  }

  private init(_ counts: [Key: Int]) {
    operators = counts.sorted { ($0.key.op.domain, $0.key.op.name, $0.key.opset) < ($1.key.op.domain, $1.key.op.name, $1.key.opset) }.map {
      key, count in
      let reason = Catalog.reasonAgainst(key.op, opset: key.opset)
      return Row(
        domain: key.op.domain.isEmpty ? "ai.onnx" : key.op.domain, op: key.op.name, opset: key.opset, count: count,
        supported: reason == nil,
        reason: reason)
    }
    supported = operators.allSatisfy(\.supported)
  }

  /// The table that `onyx coverage` prints.
  package var text: String {
    var table = TextTable([("domain", .left), ("operator", .left), ("opset", .right), ("count", .right), ("supported", .left)])
    for row in operators { table.append(row.domain, row.op, "\(row.opset)", "\(row.count)", row.reason.map { "no: \($0)" } ?? "yes") }
    let covered = operators.filter(\.supported).count
    return table.text + "\n\(covered) of \(operators.count) operators are supported.\n"
  }
}
