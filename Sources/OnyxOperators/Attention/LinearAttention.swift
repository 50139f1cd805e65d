import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Attention without softmax: a state of keys × values for each head that every token decays, corrects and reads.
/// ONNX: LinearAttention (27).
///
/// For each token, S ← exp(g) · S + k ⊗ (β · (v − (exp(g) · S)ᵀ k)) and output = scale · Sᵀ q; rules without decay have g = 0, rules
/// without correction add k ⊗ v. States are kept in `Double` from token to token and rounded once, so that the elements of the state
/// type do not matter before the end. A decay or an update rate that the rule does not use is refused, as the reference evaluator does.
package struct LinearAttention: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "LinearAttention", versions: [27],
      inputs: [
        .required("query", "T"), .required("key", "T"), .required("value", "T"), .optional("past_state", "S"), .optional("decay", "T"),
        .optional("beta", "T"),
      ], outputs: [.required("output", "T"), .required("present_state", "S")],
      types: ["T": [.float32, .float16, .bfloat16], "S": [.float32, .float16, .bfloat16]]), LinearAttention.init)

  /// How a token changes the state.
  package enum Rule: String, CaseIterable, Sendable {
    case linear, gated, delta
    case gatedDelta = "gated_delta"

    /// Whether the state decays.
    package var decays: Bool { self == .gated || self == .gatedDelta }
    /// Whether the value is corrected by what the state holds for the key.
    package var corrects: Bool { self == .delta || self == .gatedDelta }
  }

  package let rule: Rule
  /// Heads of the queries: a multiple of those of keys and values.
  package let queryHeads: Int
  package let keyHeads: Int
  /// nil: 1 / √(features of a key).
  package let scale: Float?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    rule = try attributes.choice("update_rule", default: .gatedDelta)
    queryHeads = try attributes.required("q_num_heads", try attributes.int("q_num_heads"))
    keyHeads = try attributes.required("kv_num_heads", try attributes.int("kv_num_heads"))
    let factor = try attributes.float("scale", default: 0)
    scale = factor == 0 ? nil : factor
    _ = try attributes.int("chunk_size", default: 64)
    guard keyHeads >= 1, queryHeads >= 1, queryHeads <= 1 << 32, queryHeads % keyHeads == 0 else {
      throw .invalid("\(queryHeads) query heads cannot share \(keyHeads) key heads; 'q_num_heads' must be a multiple of 'kv_num_heads'.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let names = ["query", "key", "value", "past_state", "decay", "beta"]
    for (index, rank) in [3, 3, 3, 4, 3, 3].enumerated() {
      guard let shape = context.optional(index)?.shape, shape.count != rank else { continue }
      throw .invalid("The input '\(names[index])' has rank \(shape.count); it must have rank \(rank).")
    }
    try checkPresence(context.has(4), rule.decays, "decay")
    try checkPresence(context.has(5), rule.corrects, "beta")
    let query = try context.tensor(0)
    let sizes = try Sizes(context, self)
    try checkGates(context, sizes)
    if let past = context.optional(3)?.shape {
      for (axis, dimension) in sizes.state.enumerated() {
        try requireEqual(past[axis], dimension, "The past state has a wrong extent in axis \(axis)")
      }
    }
    let output = [sizes.batch, sizes.tokens, try sizes.valueFeatures * Dimension(queryHeads)]
    let results = [query.resized(try output.checked()), (context.optional(3) ?? query).resized(try sizes.state.checked())]
    return Array(results.prefix(max(1, context.outputCount)))
  }

  private func checkPresence(_ isGiven: Bool, _ isNeeded: Bool, _ name: String) throws(OnyxError) {
    if isGiven != isNeeded {
      throw .invalid("The rule '\(rule.rawValue)' \(isNeeded ? "needs" : "does not use") the input '\(name)'.")
    }
  }

  private func checkGates(_ context: InferenceContext, _ sizes: Sizes) throws(OnyxError) {
    for (index, widths) in [4: [Dimension(keyHeads), try sizes.keyFeatures * Dimension(keyHeads)], 5: [Dimension(keyHeads), 1]] {
      guard let shape = context.optional(index)?.shape else { continue }
      try requireEqual(shape[0], sizes.batch, "Input \(index) differs from the queries in the batch size")
      try requireEqual(shape[1], sizes.tokens, "Input \(index) differs from the queries in the number of tokens")
      guard let width = shape[2].known, !widths.contains(where: { $0.known == nil || $0 == shape[2] }) else { continue }
      throw .invalid("Input \(index) has \(width) features; it must have \(widths[0]) or \(widths[1]).")
    }
  }

  /// The extents, as far as some input says them.
  private struct Sizes {
    let batch: Dimension
    let tokens: Dimension
    /// Of one head.
    let keyFeatures: Dimension
    let valueFeatures: Dimension
    /// The shape of the state.
    let state: [Dimension]

    init(_ context: InferenceContext, _ op: LinearAttention) throws(OnyxError) {
      let (query, key, value) = (try context.shape(0), try context.shape(1), try context.shape(2))
      let past = context.optional(3)?.shape
      for axis in 0..<2 {
        for (left, right) in [(query, key), (query, value), (key, value)] {
          guard let left, let right else { continue }
          try requireEqual(left[axis], right[axis], "Queries, keys and values differ in axis \(axis)")
        }
      }
      let shapes = [query, key, value].compactMap { $0 }
      batch = shapes.first?[0] ?? past?[0] ?? context.unknown("batch")
      tokens = shapes.first?[1] ?? context.unknown("tokens")
      let queryFeatures = try Self.share(query?[2], op.queryHeads)
      let keyPart = try Self.share(key?[2], op.keyHeads)
      if let queryFeatures, let keyPart { try requireEqual(queryFeatures, keyPart, "Queries and keys differ in the features of a head") }
      keyFeatures = queryFeatures ?? keyPart ?? past?[2] ?? context.unknown("key_features")
      valueFeatures = try Self.share(value?[2], op.keyHeads) ?? past?[3] ?? context.unknown("value_features")
      state = [batch, Dimension(op.keyHeads), keyFeatures, valueFeatures]
    }

    /// The features of one of `heads`; nil when unknown.
    private static func share(_ features: Dimension?, _ heads: Int) throws(OnyxError) -> Dimension? {
      guard let features else { return nil }
      if let known = features.known, known % heads != 0 { throw .invalid("\(known) features cannot be shared between \(heads) heads.") }
      return try features.dividedExactly(by: Dimension(heads))
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let query = try context.input(0)
    let queries = try query.doubles()
    let keys = try context.input(1).doubles()
    let values = try context.input(2).doubles()
    let (batch, tokens) = (query.shape[0], query.shape[1])
    let keyFeatures = query.shape[2] / queryHeads
    let valueFeatures = try context.input(2).shape[2] / keyHeads
    let past = context.optional(3)
    let stateShape = try Shape([batch, keyHeads, keyFeatures, valueFeatures])
    var states: [Double] = try stateShape.filled(with: 0)
    if let past { states = try past.doubles() }
    let outputShape = try context.shape()
    var output = try outputShape.filled(with: 0.0)
    let head = HeadRecurrence(keyFeatures: keyFeatures, valueFeatures: valueFeatures, rule: rule)
    let (decay, beta) = (context.optional(4), context.optional(5))
    let (decays, rates) = (try decay?.doubles(), try beta?.doubles())
    let (decayWidth, rateWidth) = (decay?.shape[2] ?? 0, beta?.shape[2] ?? 0)
    let factor = scale.map { Double($0) } ?? 1 / Double(keyFeatures).squareRoot()
    let shared = queryHeads / keyHeads
    // Without tokens the states stay, and without features there are none.
    for row in 0..<(output.isEmpty ? 0 : batch * keyHeads) {
      let (image, index) = (row / keyHeads, row % keyHeads)
      let start = row * keyFeatures * valueFeatures
      var state = Array(states[start..<start + keyFeatures * valueFeatures])
      for token in image * tokens..<(image + 1) * tokens {
        let place = token * keyHeads + index
        if let decays {
          let perKey = decayWidth != keyHeads
          head.decay(&state, decays, from: perKey ? place * keyFeatures : place, isPerKey: perKey)
        }
        let rate = rates.map { $0[rateWidth == 1 ? token : place] }
        head.write(&state, keys, from: place * keyFeatures, values, from: place * valueFeatures, rate: rate)
        for reader in index * shared..<(index + 1) * shared {
          let place = token * queryHeads + reader
          head.read(state, queries, from: place * keyFeatures, scale: factor, into: &output, from: place * valueFeatures)
        }
      }
      states.replaceSubrange(start..<start + state.count, with: state)
    }
    let results = [
      try Tensor(floating: output, as: query.elementType, shape: outputShape),
      try Tensor(floating: states, as: (past ?? query).elementType, shape: stateShape),
    ]
    return Array(results.prefix(max(1, context.outputCount)))
  }

  /// Reading, writing and (where the rule corrects) looking up, for each token and head.
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard let q = inputs.first??.shape, q.count == 3, outputs.count > 1, let state = outputs[1]?.shape else { return nil }
    let passes = queryHeads + keyHeads * (rule.corrects ? 2 : 1)
    return try? q[0] * q[1] * Dimension(passes) * (state[2] * state[3])
  }
}

/// What one token does to the state of one head: keys × values, row by row.
package struct HeadRecurrence: Sendable {
  package let keyFeatures: Int
  package let valueFeatures: Int
  package let rule: LinearAttention.Rule

  /// state[k, v] · exp(g[k]), or · exp(g) when the head has one number.
  package func decay(_ state: inout [Double], _ g: [Double], from first: Int, isPerKey: Bool) {
    for key in 0..<keyFeatures {
      let factor = exp(g[isPerKey ? first + key : first])
      for index in key * valueFeatures..<(key + 1) * valueFeatures { state[index] *= factor }
    }
  }

  /// state + k ⊗ v; with a rate, state + k ⊗ rate · (v − stateᵀ k).
  package func write(_ state: inout [Double], _ k: [Double], from firstKey: Int, _ v: [Double], from firstValue: Int, rate: Double?) {
    var change = Array(v[firstValue..<firstValue + valueFeatures])
    if let rate {
      for key in 0..<keyFeatures {
        for value in 0..<valueFeatures { change[value] -= state[key * valueFeatures + value] * k[firstKey + key] }
      }
      for value in 0..<valueFeatures { change[value] *= rate }
    }
    for key in 0..<keyFeatures {
      for value in 0..<valueFeatures { state[key * valueFeatures + value] += k[firstKey + key] * change[value] }
    }
  }

  /// output = scale · stateᵀ q. The output holds zeros.
  package func read(
    _ state: [Double], _ q: [Double], from firstKey: Int, scale: Double, into output: inout [Double], from first: Int
  ) {
    for key in 0..<keyFeatures {
      for value in 0..<valueFeatures { output[first + value] += state[key * valueFeatures + value] * q[firstKey + key] }
    }
    for value in 0..<valueFeatures { output[first + value] *= scale }
  }
}
