import OnyxGraph
import OnyxTensor

/// How one old form of some operators becomes today's form.
package struct OpsetAdapter: Sendable {
  package let operators: [String]
  /// The operator set versions whose form is the old one.
  package let opsets: Range<Int>
  /// Turns the node itself into today's form; the editor takes the constants and nodes that it needs around it.
  let apply: @Sendable (inout Node, inout NodeEditor) throws(OnyxError) -> Void

  init(_ operators: String..., opsets: Range<Int>, apply: @escaping @Sendable (inout Node, inout NodeEditor) throws(OnyxError) -> Void) {
    self.operators = operators
    self.opsets = opsets
    self.apply = apply
  }

  /// The row for an operator in a version; nil when its form is today's.
  package static func row(for name: String, opset: Int) -> OpsetAdapter? { byName[name]?.first { $0.opsets.contains(opset) } }

  private static let byName: [String: [OpsetAdapter]] = {
    var rows: [String: [OpsetAdapter]] = [:]
    for row in table { for name in row.operators { rows[name, default: []].append(row) } }
    return rows
  }()
}
