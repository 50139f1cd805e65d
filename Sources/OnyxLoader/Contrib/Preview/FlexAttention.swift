import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Attention of four axes [batch, heads, positions, head width] whose scores and probabilities go through bodies of the node. Several
/// heads of queries may share one of keys and values. ONNX: ai.onnx.preview.FlexAttention (1).
enum FlexAttention {
  static func apply(_ t: inout Translation) throws(OnyxError) {
    let (q, k, v) = (try t.input(0), try t.input(1), try t.input(2))
    for id in [q, k, v] {
      guard let rank = t.shape(of: id)?.count, rank != 4 else { continue }
      throw .invalid("FlexAttention takes tensors of rank 4; one has rank \(rank).")
    }
    if let keys = t.shape(of: k)?[1].known, let values = t.shape(of: v)?[1].known, keys != values {
      throw .invalid("FlexAttention has \(keys) heads of keys and \(values) of values.")
    }
    let type = try t.requiredType(of: q)
    let precision = try t.attributes.elementType("softmax_precision") ?? (type == .float64 ? .float64 : .float32)
    guard precision.isFloating else { throw .invalid("softmax_precision is \(precision), which is no floating type.") }
    let heads = try Heads(q, k, v, &t)

    // Queries and keys are scaled by the root each, so that products of 16 bits do not overflow.
    let (root, signedRoot) = try rootsOfScale(q, &t)
    let scaled = (try t.value("Mul", [heads.queries, root], "scaled_q"), try t.value("Mul", [heads.keys, signedRoot], "scaled_k"))
    let columns = try t.value("Transpose", [scaled.1], "columns", ["perm": .ints(heads.transposition)])
    var scores = try heads.merged(try t.value("MatMul", [scaled.0, columns], "scores"), "merged_scores", &t)
    scores = try cast(scores, to: precision, from: type, "wide_scores", &t)
    if let body = try t.attributes.graph("score_mod") { scores = try modified(scores, body, "score_mod", &t) }
    var probabilities = try t.value("Softmax", [scores], "probabilities", ["axis": .int(-1)])
    if let body = try t.attributes.graph("prob_mod") { probabilities = try modified(probabilities, body, "prob_mod", &t) }
    let values = try cast(heads.values, to: precision, from: type, "wide_v", &t)
    let product = try t.value("MatMul", [try heads.grouped(probabilities, &t), values], "product")
    let y = try heads.mergedResult(product, &t)
    try t.result("Cast", [y], ["to": .int(Int64(type.rawValue))])
  }

  private static func modified(_ x: ValueID, _ body: Graph, _ role: String, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let results = try t.inline(body, [x], role)
    guard results.count == 1 else { throw .invalid("The body \(role) gives \(results.count) values; FlexAttention takes one.") }
    return results[0]
  }

  private static func cast(
    _ x: ValueID, to type: ElementType, from source: ElementType, _ role: String, _ t: inout Translation
  ) throws(OnyxError) -> ValueID {
    type == source ? x : try t.value("Cast", [x], role, ["to": .int(Int64(type.rawValue))])
  }

  /// Two factors whose product is `scale`, or one over the root of the head width: the square root of its magnitude, taken in float32,
  /// and the same with its sign.
  private static func rootsOfScale(_ q: ValueID, _ t: inout Translation) throws(OnyxError) -> (ValueID, signed: ValueID) {
    if let scale = try t.attributes.float("scale") {
      let value = scale.magnitude.squareRoot()
      let root = try t.scalar(value, like: q, "root_of_scale")
      return (root, scale < 0 ? try t.scalar(-value, like: q, "negative_root_of_scale") : root)
    }
    if let width = t.shape(of: q)?[3].known, width > 0 {
      let root = try t.scalar((1 / Float(width).squareRoot()).squareRoot(), like: q, "root_of_scale")
      return (root, root)
    }
    let width = try t.value("Shape", [q], "head_width", ["start": .int(3), "end": .int(4)])
    let float = try t.value("Cast", [width], "head_width_float32", ["to": .int(Int64(ElementType.float32.rawValue))])
    let scale = try t.value("Reciprocal", [try t.value("Sqrt", [float], "root_of_width")], "scale")
    let root = try t.value("CastLike", [try t.value("Sqrt", [scale], "wide_root_of_scale"), q], "root_of_scale")
    return (root, root)
  }

  /// Queries, keys and values with the heads of queries that share keys along an axis of their own, unless each has its own keys.
  private struct Heads {
    let queries, keys, values: ValueID
    /// Sizes [batch, heads of keys, heads that share them]; nil when each head of queries has keys of its own.
    private let groups: ValueID?
    /// [batch, heads, queries], [keys] and [width of values].
    private let outer, keyCount, valueWidth, queryCount: ValueID?

    init(_ q: ValueID, _ k: ValueID, _ v: ValueID, _ t: inout Translation) throws(OnyxError) {
      if let heads = t.shape(of: q)?[1], let shared = t.shape(of: k)?[1], heads == shared {
        (queries, keys, values) = (q, k, v)
        (groups, outer, keyCount, valueWidth, queryCount) = (nil, nil, nil, nil, nil)
        return
      }
      if let heads = t.shape(of: q)?[1].known, let shared = t.shape(of: k)?[1].known, shared < 1 || heads % shared != 0 {
        throw .invalid("\(heads) heads of queries cannot share \(shared) heads of keys equally.")
      }
      func sizes(_ x: ValueID, _ start: Int64, _ end: Int64, _ role: String) throws(OnyxError) -> ValueID {
        try t.value("Shape", [x], role, ["start": .int(start), "end": .int(end)])
      }
      let shared = try sizes(k, 1, 2, "shared_heads")
      let share = try t.value("Div", [try sizes(q, 1, 2, "heads"), shared], "heads_per_key")
      let groups = try t.value("Concat", [try sizes(q, 0, 1, "batch"), shared, share], "groups", ["axis": .int(0)])
      let rows = try sizes(q, 2, 4, "rows")
      queries = try t.value("Reshape", [q, try t.value("Concat", [groups, rows], "grouped_shape", ["axis": .int(0)])], "grouped_q")
      let axis = try t.constant([2], "group_axis")
      keys = try t.value("Unsqueeze", [k, axis], "grouped_k")
      values = try t.value("Unsqueeze", [v, axis], "grouped_v")
      self.groups = groups
      outer = try sizes(q, 0, 3, "outer")
      queryCount = try sizes(q, 2, 3, "query_count")
      keyCount = try sizes(k, 2, 3, "key_count")
      valueWidth = try sizes(v, 3, 4, "value_width")
    }

    /// What makes columns of the rows of keys.
    var transposition: [Int64] { groups == nil ? [0, 1, 3, 2] : [0, 1, 2, 4, 3] }

    /// Scores [batch, heads, queries, keys].
    func merged(_ scores: ValueID, _ role: String, _ t: inout Translation) throws(OnyxError) -> ValueID {
      guard groups != nil else { return scores }
      return try t.value("Reshape", [scores, try t.value("Concat", [outer, keyCount], role + "_shape", ["axis": .int(0)])], role)
    }

    func grouped(_ probabilities: ValueID, _ t: inout Translation) throws(OnyxError) -> ValueID {
      guard let groups else { return probabilities }
      let shape = try t.value("Concat", [groups, queryCount, keyCount], "grouped_probabilities_shape", ["axis": .int(0)])
      return try t.value("Reshape", [probabilities, shape], "grouped_probabilities")
    }

    func mergedResult(_ y: ValueID, _ t: inout Translation) throws(OnyxError) -> ValueID {
      guard groups != nil else { return y }
      return try t.value("Reshape", [y, try t.value("Concat", [outer, valueWidth], "result_shape", ["axis": .int(0)])], "merged_result")
    }
  }
}
