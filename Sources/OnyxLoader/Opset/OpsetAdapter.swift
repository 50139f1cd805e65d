import OnyxGraph
import OnyxTensor

/// How one old form of some operators becomes today's form.
package struct OpsetAdapter: Sendable {
  package let operators: [OperatorName]
  /// The operator set versions whose form is the old one.
  package let opsets: Range<Int>
  /// Turns the node itself into today's form; the editor takes the constants and nodes that it needs around it.
  let apply: @Sendable (inout Node, inout NodeEditor) throws(OnyxError) -> Void

  init(
    _ operators: String..., domain: String = "", opsets: Range<Int>,
    apply: @escaping @Sendable (inout Node, inout NodeEditor) throws(OnyxError) -> Void
  ) {
    self.operators = operators.map { OperatorName($0, domain: domain) }
    self.opsets = opsets
    self.apply = apply
  }

  /// The row for an operator in a version; nil when its form is today's.
  package static func row(for op: OperatorName, opset: Int) -> OpsetAdapter? { byName[op]?.first { $0.opsets.contains(opset) } }

  private static let byName: [OperatorName: [OpsetAdapter]] = {
    var rows: [OperatorName: [OpsetAdapter]] = [:]
    for row in table { for op in row.operators { rows[op, default: []].append(row) } }
    return rows
  }()
}
