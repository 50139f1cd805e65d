import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What queries and keys come from: one stream of tokens or two.
struct TokenSources {
  /// Whether queries, keys and values come from one stream, also when positions were added to some.
  let isOne: Bool
  /// Whether the keys' tokens were pooled on the way from the common stream.
  let isPooled: Bool
  /// Whether the queries are means over the stream's tokens.
  let areQueriesPooled: Bool

  /// Values that one search may see.
  private static let limit = 32

  init(_ queries: TokenOperand, _ keys: TokenOperand, _ values: TokenOperand, in view: some GraphView) {
    let q = Self.stream(queries.source, in: view)
    let k = Self.stream(keys.source, in: view)
    let v = Self.stream(values.source, in: view)
    let common = q.keys.filter { k[$0] != nil || v[$0] != nil }
    isOne = !common.isEmpty
    let near = common.filter { q[$0]?.isPooled != true }
    isPooled = keys.isPooled || !near.isEmpty && near.allSatisfy { (k[$0] ?? v[$0])?.isPooled == true }
    areQueriesPooled = !common.isEmpty && common.allSatisfy { q[$0]?.isMean == true }
  }

  private struct Way {
    var isPooled = false
    var isMean = false
    var isMixed = false
  }

  /// Operators between a stream of tokens and the layers that read it.
  private static let light = OperandStep.unary.union(OperandStep.joining).union([
    "Sqrt", "Reciprocal", "Pow", "ReduceSum", "InstanceNormalization", "Conv", "FusedConv",
  ])

  /// The values that `source` is made from without a layer between, with what stood on the way.
  private static func stream(_ source: ValueID, in view: some GraphView) -> [ValueID: Way] {
    var found: [ValueID: Way] = [:]
    var pending = [(source, Way())]
    var next = 0
    while next < pending.count, found.count < limit {
      let (value, way) = pending[next]
      next += 1
      guard found[value] == nil, view.constant(value) == nil else { continue }
      found[value] = way
      guard let node = view.producer(of: value).flatMap({ view.node($0) }), light.contains(node.op.name) else { continue }
      var behind = way
      if node.isPooling { behind.isPooled = true }
      if node.op.name == "ReduceMean" || node.op.name == "GlobalAveragePool" { behind.isMean = true }
      if node.op.name == "Conv" || node.op.name == "FusedConv" {
        guard !way.isMixed else { continue }
        behind.isMixed = true
      }
      let inputs = node.inputs.compactMap { $0 }
      let carried = OperandStep.joining.contains(node.op.name) ? inputs : Array(inputs.prefix(1))
      pending += carried.map { ($0, behind) }
    }
    return found
  }
}
