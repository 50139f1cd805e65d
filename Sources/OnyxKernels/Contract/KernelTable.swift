import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The rows, best first; the scalar reference of the operator stands behind the last one.
package struct KernelTable: Sendable {
  private let rowsByOperator: [OperatorName: [KernelRow]]
  private let disabled: Set<String>

  /// All rows except those whose names are in `disabled`.
  package init(disabled: Set<String> = []) {
    var byOperator: [OperatorName: [KernelRow]] = [:]
    for row in Self.rows where !disabled.contains(row.name) {
      for op in row.operators { byOperator[op, default: []].append(row) }
    }
    rowsByOperator = byOperator
    self.disabled = disabled
  }

  /// A table without fast rows: every node runs its scalar reference.
  package static let referenceOnly = KernelTable(disabled: Set(rows.map(\.name)))

  /// The name of the row that stands for the scalar reference.
  package static let referenceName = "reference"

  /// The rows of one operator, best first: what is looked up once for a node of which many plans are made.
  package struct Rows: Sendable {
    let rows: [KernelRow]
    /// Outputs that the operator must have.
    let requiredOutputs: [Int]
  }

  package func rows(of op: OperatorName) -> Rows { Rows(rows: rowsByOperator[op] ?? [], requiredOutputs: Self.requiredOutputs(of: op)) }

  private static func requiredOutputs(of op: OperatorName) -> [Int] {
    let outputs = Catalog.definition(of: op)?.signature.outputs ?? []
    return outputs.indices.filter { if case .required = outputs[$0].presence { true } else { false } }
  }

  /// The first row that serves the query, with its kernel bound; nil when only the reference is left. `rows` are those of its operator.
  package func select(_ query: KernelQuery, among rows: Rows? = nil) throws(OnyxError) -> (name: String, kernel: PreparedKernel)? {
    let rows = rows ?? self.rows(of: query.node.op)
    guard query.isOrdinary else { return nil }
    let isOpen = !query.has(rows.requiredOutputs)
    for row in rows.rows where row.findsSizes == isOpen && row.elements.serves(query) {
      if case .kernel(let kernel) = try row.prepareServed(query) { return (row.name, kernel) }
    }
    return nil
  }

  /// What the row that serves the query runs when the extents of its inputs change; nil when it needs them, or there is no row.
  package func open(_ query: KernelQuery, among rows: Rows, served name: String) throws(OnyxError) -> OpenKernel? {
    try rows.rows.first { $0.name == name }?.open(query)
  }

  /// A row that lists the operator of a query, and what it makes of it.
  package struct Candidate: Sendable {
    package let name: String
    /// Why the row does not serve; nil when it does.
    package let declined: String?
  }

  /// Every row of the query's operator, best first, those behind the chosen one and those that are switched off too.
  package func candidates(_ query: KernelQuery) throws(OnyxError) -> [Candidate] {
    var candidates: [Candidate] = []
    for row in Self.rows where row.operators.contains(query.node.op) {
      guard !disabled.contains(row.name) else {
        candidates.append(Candidate(name: row.name, declined: "it is switched off"))
        continue
      }
      guard query.isOrdinary, row.findsSizes != query.has(Self.requiredOutputs(of: query.node.op)) else {
        let reason = row.findsSizes ? "the sizes of the outputs are known" : "an output is missing, or a size is out of proportion"
        candidates.append(Candidate(name: row.name, declined: reason))
        continue
      }
      switch try row.prepare(query) {
      case .kernel: candidates.append(Candidate(name: row.name, declined: nil))
      case .declinedBecause(let reason): candidates.append(Candidate(name: row.name, declined: reason()))
      }
    }
    return candidates
  }

  /// The element types that an operator takes where rows look at them, in its first input as a rule, and those of them for which some
  /// row makes a fast kernel, geometry permitting. Both are empty for an operator that is not in the catalog.
  package static func elements(of op: OperatorName) -> (allowed: Set<ElementType>, fast: Set<ElementType>) {
    guard let signature = Catalog.definition(of: op)?.signature else { return ([], []) }
    let rows = rows.filter { $0.operators.contains(op) }
    let parameter: Parameter? =
      switch rows.first?.elements.place {
      case .input(let index): signature.inputs[index]
      case .output(let index): signature.outputs[index]
      case .everywhere, nil: signature.inputs.first ?? signature.outputs.first
      }
    guard let type = parameter?.type else { return ([], []) }
    let allowed = signature.types[type] ?? Set(ElementType.allCases.filter { $0.description == type })
    return (allowed, rows.reduce(into: []) { $0.formUnion($1.elements.types.intersection(allowed)) })
  }
}
