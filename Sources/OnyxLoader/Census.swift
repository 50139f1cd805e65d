import OnyxGraph
import OnyxProto

/// Counts the operators of a file as it spells them. Calls of model-local functions do not count, since the nodes of the
/// functions do, once for each function.
struct Census {
  private struct Row: Hashable {
    let op: OperatorName
    let opset: Int
  }

  private var found: [Row: (count: Int, example: String)] = [:]

  init(_ model: ModelMessage, _ opsets: [String: Int], _ functions: FunctionTable) {
    for function in model.functions {
      let imports = opsets.merging((try? function.opsets.byDomain()) ?? [:], uniquingKeysWith: { $1 })
      function.forEachNode { if functions.function(of: $0) == nil { count($0, imports) } }
    }
    if let graph = model.graph { forEachNode(graph.nodes) { if functions.function(of: $0) == nil { count($0, opsets) } } }
  }

  private mutating func count(_ node: NodeMessage, _ opsets: [String: Int]) {
    let op = OperatorName(node.op, domain: node.domain)
    let row = Row(op: op, opset: opsets[op.domain] ?? 1)
    let example = node.name.isEmpty ? "making '\(node.outputs.first ?? "")'" : node.name
    found[row, default: (0, example)].count += 1
  }

  /// By domain and name.
  var counts: [OperatorCount] {
    let rows = found.map { OperatorCount(op: $0.key.op, opset: $0.key.opset, count: $0.value.count, example: $0.value.example) }
    return rows.sorted { ($0.op.domain, $0.op.name, $0.opset) < ($1.op.domain, $1.op.name, $1.opset) }
  }
}
