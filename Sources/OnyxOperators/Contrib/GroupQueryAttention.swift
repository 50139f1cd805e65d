import OnyxGraph
import OnyxTensor

/// Attention in which groups of query heads share keys and values, with a cache of fixed or growing length and rotated positions.
/// ONNX Runtime: com.microsoft.GroupQueryAttention (1).
///
/// `seqlens_k` says for each sequence how many tokens it has after this step, less one. When `total_sequence_length` is the length of the
/// queries, the step is a first prompt: the cache is written from its start, and what follows a shorter sequence is padding whose results
/// mean nothing. Otherwise the new rows follow the tokens before. Cache rows that no token has are 0. Computed in `Double`. Quantized and
/// window-sized caches, right-padded chunks and the output `output_qk` are not supported.
package struct GroupQueryAttention: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "GroupQueryAttention", domain: "com.microsoft", versions: [1],
      inputs: [
        .required("query", "T"), .optional("key", "T"), .optional("value", "T"), .optional("past_key", "T_CACHE"),
        .optional("past_value", "T_CACHE"), .required("seqlens_k", "M"), .required("total_sequence_length", "M"),
        .optional("cos_cache", "T"),
        .optional("sin_cache", "T"), .optional("position_ids", "int64"), .optional("attention_bias", "T"), .optional("head_sink", "T"),
        .optional("k_scale", "T_KV_SCALE"), .optional("v_scale", "T_KV_SCALE"), .optional("q_norm_weight", "T"),
        .optional("k_norm_weight", "T"), .optional("query_seqlens", "M"),
      ],
      outputs: [
        .required("output", "T"), .optional("present_key", "T_CACHE"), .optional("present_value", "T_CACHE"), .optional("output_qk", "T"),
      ],
      types: [
        "T": [.float16, .bfloat16, .float32], "T_CACHE": [.float16, .bfloat16, .float32, .uint8, .int8, .float8e4m3fn],
        "T_KV_SCALE": [.float32], "M": [.int32],
      ]), GroupQueryAttention.init)

  package let queryHeads: Int
  /// Heads of keys and values; divides `queryHeads`.
  package let keyHeads: Int
  /// nil: 1 / √(head size).
  package let scale: Float?
  /// 0: none.
  package let softcap: Float
  /// Visible keys, the query's own position included; nil: all.
  package let window: Int?
  /// Whether keys after the query are hidden.
  package let isCausal: Bool
  /// Whether queries and keys are rotated.
  package let rotates: Bool
  /// Whether a rotated pair is two neighbours, not one feature of each half.
  package let isInterleaved: Bool
  /// Whether a score of 0, or of `head_sink`, stands in the denominator of the softmax.
  package let isSmooth: Bool
  /// Epsilons of the normalization of queries and keys.
  package let epsilons: (query: Float, key: Float)

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    queryHeads = try attributes.required("num_heads", attributes.int("num_heads"))
    keyHeads = try attributes.required("kv_num_heads", attributes.int("kv_num_heads"))
    let factor = try attributes.float("scale") ?? 0
    scale = factor == 0 ? nil : factor
    softcap = try attributes.float("softcap") ?? 0
    let size = try attributes.int("local_window_size", default: -1)
    window = size < 0 ? nil : size
    isCausal = try attributes.flag("causal", default: true)
    rotates = try attributes.int("do_rotary") ?? 0 != 0
    isInterleaved = try attributes.int("rotary_interleaved") ?? 0 != 0
    isSmooth = try attributes.int("smooth_softmax", default: -1) == 1
    let epsilon = try attributes.float("qk_norm_epsilon", default: 1e-6)
    epsilons = (try attributes.float("q_norm_epsilon") ?? epsilon, try attributes.float("k_norm_epsilon") ?? epsilon)
    _ = try attributes.int("kv_cache_bit_width")
    let isQuantized = [try attributes.text("k_quant_type", default: "NONE"), try attributes.text("v_quant_type", default: "NONE")]
    let isWindowSized = try attributes.int("sliding_window_cache", default: 0) != 0
    let shown = try attributes.int("qk_output", default: 0)
    guard queryHeads > 0, queryHeads <= 1 << 32, keyHeads > 0, queryHeads % keyHeads == 0 else {
      throw .invalid("\(queryHeads) query heads cannot be shared between \(keyHeads) key heads.")
    }
    guard isCausal || window == nil else { throw .invalid("A window needs the attribute 'causal'.") }
    guard isQuantized == ["NONE", "NONE"], !isWindowSized, shown == 0 else {
      throw .unsupported("GroupQueryAttention with a quantized or window-sized cache or with scores as an output is not supported.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let query = try context.tensor(0)
    try checkForm(context)
    let count = max(1, context.outputCount)
    guard let q = query.shape else { return Array([query, query, query].map { $0.resized(nil) }.prefix(count)) }
    guard q.count == 3 else { throw .invalid("The queries have rank \(q.count); they must be [batch, sequence, features].") }
    let heads = context.has(1) ? queryHeads : queryHeads + 2 * keyHeads
    if let width = q[2].known, width % heads != 0 { throw .invalid("\(width) features cannot be shared between \(heads) heads.") }
    let features = try q[2].dividedDown(by: Dimension(heads))
    for index in 1...2 {
      let needed = [q[0], q[1], try features * Dimension(keyHeads)]
      if let shape = context.optional(index)?.shape { try check(shape, needed, "The input \(index == 1 ? "'key'" : "'value'")") }
    }
    var past: Dimension? = context.has(3) ? nil : 0
    for index in 3...4 {
      guard let shape = context.optional(index)?.shape else { continue }
      try check(shape, [q[0], Dimension(keyHeads), past ?? (shape.count == 4 ? shape[2] : 0), features], "A cache")
      past = shape[2]
    }
    try checkParameters(context, batch: q[0], features: features)
    let length = try presentLength(context, past: past)
    let cache = query.resized([q[0], Dimension(keyHeads), length, features])
    let result = query.resized([q[0], q[1], try features * Dimension(queryHeads)])
    return Array([result, cache, cache].prefix(count))
  }

  private func checkForm(_ context: InferenceContext) throws(OnyxError) {
    guard context.has(1) == context.has(2) else { throw .invalid("Keys and values must be given together.") }
    guard context.has(3) == context.has(4) else { throw .invalid("Past keys and past values must be given together.") }
    guard !rotates || (context.has(7) && context.has(8)) else { throw .invalid("A rotation needs the inputs 'cos_cache' and 'sin_cache'.") }
    guard context.has(14) == context.has(15) else { throw .invalid("The weights of both normalizations must be given together.") }
    guard !context.has(12), !context.has(13), !context.has(16), context.outputCount < 4 else {
      throw .unsupported("GroupQueryAttention with a quantized cache, with 'query_seqlens' or with 'output_qk' is not supported.")
    }
    let type = try context.elementType(0)
    for index in 3...4 {
      guard let cache = context.optional(index)?.elementType, cache != type else { continue }
      throw .unsupported("A cache of \(cache) for queries of \(type) is not supported.")
    }
  }

  private func checkParameters(_ context: InferenceContext, batch: Dimension, features: Dimension) throws(OnyxError) {
    if let lengths = try context.shape(5) { try check(lengths, [batch], "'seqlens_k'") }
    if let total = try context.shape(6), !total.allSatisfy({ $0.known == nil || $0 == 1 }) {
      throw .invalid("'total_sequence_length' has the shape \(total); it must be one number.")
    }
    if rotates {
      for index in 7...8 {
        guard let cache = context.optional(index)?.shape else { continue }
        let fits = cache.count == 2 && (cache[1].known.flatMap { half in features.known.map { half <= $0 / 2 } } ?? true)
        guard fits else { throw .invalid("The angles of shape \(cache) do not fit heads of \(features) features.") }
      }
    }
    if let sinks = context.optional(11)?.shape { try check(sinks, [Dimension(queryHeads)], "'head_sink'") }
    for index in 14...15 {
      if let weights = context.optional(index)?.shape { try check(weights, [features], "The weights of a normalization") }
    }
    if let bias = context.optional(10)?.shape, bias.count != 4 {
      throw .invalid("The attention bias has rank \(bias.count); it must be 4.")
    }
  }

  private func check(_ shape: [Dimension], _ needed: [Dimension], _ what: String) throws(OnyxError) {
    guard shape.count == needed.count, zip(shape, needed).allSatisfy({ $0.known == nil || $1.known == nil || $0 == $1 }) else {
      throw .invalid("\(what) has the shape \(shape); it must be \(needed).")
    }
  }

  /// The cache grows to the total length, and does not shrink.
  private func presentLength(_ context: InferenceContext, past: Dimension?) throws(OnyxError) -> Dimension {
    guard let past, let values = try context.input(6).dimensions, values.count == 1 else { return context.unknown("present") }
    let total = values[0]
    if let a = past.known, let b = total.known { return Dimension(max(a, b)) }
    if try (total - past).isNeverNegative { return total }
    return try (past - total).isNeverNegative ? past : context.unknown("present")
  }

  /// Queries times keys times the features of both sides.
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard let y = outputs.first??.shape, outputs.count > 1, let cache = outputs[1]?.shape, cache.count == 4 else { return nil }
    return try? y.product() * cache[2] * 2
  }
}
