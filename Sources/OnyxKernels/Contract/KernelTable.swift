import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The rows, best first; the scalar reference of the operator stands behind the last one.
package struct KernelTable: Sendable {
  private let rowsByOperator: [OperatorName: [KernelRow]]

  /// All rows except those whose names are in `disabled`.
  package init(disabled: Set<String> = []) {
    var byOperator: [OperatorName: [KernelRow]] = [:]
    for row in Self.rows where !disabled.contains(row.name) {
      for op in row.operators { byOperator[op, default: []].append(row) }
    }
    rowsByOperator = byOperator
  }

  /// A table without fast rows: every node runs its scalar reference.
  package static let referenceOnly = KernelTable(disabled: Set(rows.map(\.name)))

  /// The name of the row that stands for the scalar reference.
  package static let referenceName = "reference"

  /// The first row that serves the query, with its kernel bound; nil when only the reference is left.
  package func select(_ query: KernelQuery) throws(OnyxError) -> (name: String, kernel: PreparedKernel)? {
    for row in rowsByOperator[query.node.op] ?? [] {
      if let kernel = try row.prepare(query) { return (row.name, kernel) }
    }
    return nil
  }
}
