import OnyxGraph
import OnyxTensor

/// Scaled dot-product attention with masks, grouped heads, a key-value cache and sliding windows.
/// ONNX: Attention (23, 24, 25).
///
/// Computed in `Double`, at least the precision that `softmax_precision` asks for. Head counts are read for inputs of
/// rank 3 only.
package struct Attention: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Attention", versions: [23, 24, 25],
      inputs: [
        .required("Q", "T1"), .required("K", "T1"), .required("V", "T2"), .optional("attn_mask", "U"), .optional("past_key", "T1"),
        .optional("past_value", "T2"), .optional("nonpad_kv_seqlen", "int64"),
      ],
      outputs: [
        .required("Y", "T1"), .optional("present_key", "T1"), .optional("present_value", "T2"), .optional("qk_matmul_output", "T1"),
      ],
      types: ["T1": .floats, "T2": .floats, "U": .numbers.union([.bool])]), Attention.init)

  /// What the output `qk_matmul_output` holds.
  package enum ScoreStage: Int, Sendable, Hashable { case raw, capped, biased, probabilities }

  /// Whether keys after the query are hidden.
  package let isCausal: Bool
  /// Query heads of inputs of rank 3.
  package let queryHeads: Int?
  /// Key and value heads of inputs of rank 3.
  package let keyHeads: Int?
  /// nil: 1 / √(head size).
  package let scale: Float?
  /// 0: none.
  package let softcap: Float
  /// When `qk_matmul_output` is taken.
  package let scoreStage: ScoreStage
  /// Visible keys before the query's own position; nil: all.
  package let leftWindow: Int?
  /// Visible keys after the query's own position; nil: all.
  package let rightWindow: Int?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    isCausal = try attributes.flag("is_causal", default: false)
    queryHeads = try attributes.int("q_num_heads")
    keyHeads = try attributes.int("kv_num_heads")
    scale = try attributes.float("scale")
    softcap = try attributes.float("softcap", default: 0)
    leftWindow = try Self.window("left_window_size", &attributes)
    rightWindow = try Self.window("right_window_size", &attributes)
    let mode = try attributes.int("qk_matmul_output_mode", default: 0)
    guard let stage = ScoreStage(rawValue: mode) else {
      throw .invalid("The attribute 'qk_matmul_output_mode' is \(mode); it must be 0 … 3.")
    }
    scoreStage = stage
    if let type = try attributes.typeUnlessZero("softmax_precision"), !Set.floats.contains(type) {
      throw .invalid("The attribute 'softmax_precision' is \(type); it must be a floating type of at least 16 bits.")
    }
    for heads in [queryHeads, keyHeads] {
      if let heads, heads < 1 { throw .invalid("The number of heads is \(heads); it must be at least 1.") }
    }
  }

  private static func window(_ name: String, _ attributes: inout AttributeReader) throws(OnyxError) -> Int? {
    let size = try attributes.int(name, default: -1)
    guard size >= -1 else { throw .invalid("The attribute '\(name)' is \(size); it must be at least -1.") }
    return size < 0 ? nil : size
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard context.has(4) == context.has(5) else { throw .invalid("Past keys and past values must be given together.") }
    guard !(context.has(4) && context.has(6)) else { throw .invalid("'nonpad_kv_seqlen' cannot be used together with past keys.") }
    let (element, valueElement) = (try context.elementType(0), try context.elementType(2))
    let types = [element, element, valueElement, element]
    let unknown = types.map { Inferred($0, nil) }
    let count = max(1, context.outputCount)
    guard let q = try context.shape(0), let k = try context.shape(1), let v = try context.shape(2) else {
      return Array(unknown.prefix(count))
    }
    guard q.count == 3 || q.count == 4, k.count == q.count, v.count == q.count else {
      throw .invalid("The inputs have ranks \(q.count), \(k.count) and \(v.count); all must be 3, or all must be 4.")
    }
    let query = try heads(q, queryHeads, "q_num_heads")
    let key = try heads(k, keyHeads, "kv_num_heads")
    let value = try heads(v, keyHeads, "kv_num_heads")
    try checkAgreement(query, key, value)
    var total: Dimension? = key[2]
    if context.has(4) { total = try pastLength(context, key, value).map { (past) throws(OnyxError) in try past + key[2] } }
    if let mask = context.optional(3)?.shape, let total { try checkMask(mask, [query[0], query[1], query[2], total]) }
    if let lengths = context.optional(6)?.shape {
      guard lengths.count == 1, agree(lengths[0], query[0]) else {
        throw .invalid("'nonpad_kv_seqlen' has the shape \(lengths); it must be [\(query[0])].")
      }
    }
    let result = q.count == 4 ? [query[0], query[1], query[2], value[3]] : [query[0], query[2], try query[1] * value[3]]
    let sequence = total ?? context.unknown("total_sequence")
    let shapes = [
      result, [key[0], key[1], sequence, key[3]], [value[0], value[1], sequence, value[3]], [query[0], query[1], query[2], sequence],
    ]
    return Array(zip(types, shapes).map { Inferred($0, $1) }.prefix(count))
  }

  /// The shape as batch, heads, sequence, features of a head.
  private func heads(_ shape: [Dimension], _ count: Int?, _ name: String) throws(OnyxError) -> [Dimension] {
    if shape.count == 4 { return shape }
    guard let count else { throw .invalid("Inputs of rank 3 need the attribute '\(name)'.") }
    if let features = shape[2].known, features % count != 0 {
      throw .invalid("\(features) features cannot be shared between \(count) heads.")
    }
    return [shape[0], Dimension(count), shape[1], try shape[2].dividedDown(by: Dimension(count))]
  }

  private func agree(_ a: Dimension, _ b: Dimension) -> Bool { a.known == nil || b.known == nil || a == b }

  private func checkAgreement(_ query: [Dimension], _ key: [Dimension], _ value: [Dimension]) throws(OnyxError) {
    guard agree(query[0], key[0]), agree(query[0], value[0]), agree(query[3], key[3]), agree(key[1], value[1]), agree(key[2], value[2])
    else {
      throw .invalid("Queries \(query), keys \(key) and values \(value) (batch, heads, sequence, head size) do not fit together.")
    }
    guard let groups = query[1].known, let heads = key[1].known else { return }
    guard heads == 0 ? groups == 0 : groups % heads == 0 else {
      throw .invalid("\(groups) query heads cannot be shared between \(heads) key heads.")
    }
  }

  /// The length of the cache; nil when its rank is unknown.
  private func pastLength(_ context: InferenceContext, _ key: [Dimension], _ value: [Dimension]) throws(OnyxError) -> Dimension? {
    var length: Dimension?
    for (index, current) in [(4, key), (5, value)] {
      guard let past = try context.shape(index) else { continue }
      guard past.count == 4, [0, 1, 3].allSatisfy({ agree(past[$0], current[$0]) }), agree(length ?? past[2], past[2]) else {
        throw .invalid("A cache of shape \(past) does not fit the shape \(current) (batch, heads, sequence, head size).")
      }
      length = length?.known == nil ? past[2] : length
    }
    return length
  }

  /// A mask broadcasts to `scores`, except that its last axis may be shorter.
  private func checkMask(_ mask: [Dimension], _ scores: [Dimension]) throws(OnyxError) {
    var fits = (1...4).contains(mask.count)
    for (axis, (size, full)) in zip(mask.reversed(), scores.reversed()).enumerated() {
      guard let size = size.known, let full = full.known else { continue }
      if axis == 0 ? size > full : size != full && size != 1 { fits = false }
    }
    guard fits else { throw .invalid("A mask of shape \(mask) does not fit scores of shape \(scores).") }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard let shapes = try? infer(InferenceContext(inputs: inputs.map { $0.map { Inferred($0) } }, outputCount: 4)).map(\.shape),
      let keys = shapes[1], let values = shapes[2], let scores = shapes[3]
    else { return nil }
    return try? scores.product() * (keys[3] + values[3])
  }
}
