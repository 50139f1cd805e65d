import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension GroupQueryAttention {
  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let type = try context.input(0).elementType
    var step = try GroupQueryStep(self, context)
    try step.normalize(context)
    if rotates { try step.rotate(context) }
    let caches = try step.appendToCache(context)
    let y = try step.attend(context, keys: caches.keys, values: caches.values)
    let cacheShape = try Shape([step.batch, keyHeads, step.capacity, step.features])
    let results = [
      try Tensor(floating: y, as: type, shape: context.shape()), try Tensor(floating: caches.keys, as: type, shape: cacheShape),
      try Tensor(floating: caches.values, as: type, shape: cacheShape),
    ]
    return Array(results.prefix(max(1, context.outputCount)))
  }
}

/// One step of a batch of sequences. Queries and new keys and values are [batch, sequence, heads, features].
private struct GroupQueryStep {
  let op: GroupQueryAttention
  let batch: Int
  let sequence: Int
  let features: Int
  /// Rows of the cache after the step.
  let capacity: Int
  /// Tokens of each sequence before and after the step.
  let before: [Int]
  let after: [Int]
  let isPrompt: Bool
  var queries: [Double]
  var keys: [Double]
  var values: [Double]

  init(_ op: GroupQueryAttention, _ context: EvaluationContext) throws(OnyxError) {
    self.op = op
    let query = try context.input(0)
    (batch, sequence) = (query.shape[0], query.shape[1])
    let (q, k) = (op.queryHeads, op.keyHeads)
    if let key = context.optional(1) {
      features = query.shape[2] / q
      (queries, keys, values) = (try query.doubles(), try key.doubles(), try context.input(2).doubles())
    } else {
      features = query.shape[2] / (q + 2 * k)
      let packed = try query.doubles()
      let bounds = [0, q * features, (q + k) * features, (q + 2 * k) * features]
      (queries, keys, values) = ([], [], [])
      for start in stride(from: 0, to: packed.count, by: max(1, bounds[3])) {
        queries += packed[start..<start + bounds[1]]
        keys += packed[start + bounds[1]..<start + bounds[2]]
        values += packed[start + bounds[2]..<start + bounds[3]]
      }
    }
    let past = context.optional(3)?.shape[2] ?? 0
    let total = try context.input(6).ints().first ?? 0
    capacity = max(past, total)
    isPrompt = total == sequence
    var (before, after) = ([Int](), [Int]())
    for last in try context.input(5).ints() {
      let start = isPrompt ? 0 : last + 1 - sequence
      guard last >= 0, last < capacity, (0...past).contains(start), start <= capacity - sequence else {
        throw .invalid(
          "A sequence of \(last) + 1 tokens does not fit \(sequence) new ones, a cache of \(past) and a total length of \(total).")
      }
      before.append(start)
      after.append(last + 1)
    }
    (self.before, self.after) = (before, after)
  }

  /// Divides each head of queries and keys by its root mean square and scales it.
  mutating func normalize(_ context: EvaluationContext) throws(OnyxError) {
    guard let queryWeights = context.optional(14), let keyWeights = context.optional(15) else { return }
    normalize(\.queries, try queryWeights.doubles(), epsilon: Double(op.epsilons.query))
    normalize(\.keys, try keyWeights.doubles(), epsilon: Double(op.epsilons.key))
  }

  private mutating func normalize(_ rows: WritableKeyPath<Self, [Double]>, _ weights: [Double], epsilon: Double) {
    for start in stride(from: 0, to: self[keyPath: rows].count, by: max(1, features)) {
      let head = start..<start + features
      let meanSquare = self[keyPath: rows][head].reduce(0) { $0 + $1 * $1 } / Double(features)
      let factor = 1 / (meanSquare + epsilon).squareRoot()
      for (feature, index) in head.enumerated() { self[keyPath: rows][index] *= factor * weights[feature] }
    }
  }

  mutating func rotate(_ context: EvaluationContext) throws(OnyxError) {
    if queries.isEmpty { return }
    let (cosines, sines) = (try context.input(7), try context.input(8))
    let (cos, sin) = (try cosines.doubles(), try sines.doubles())
    let half = min(cosines.shape[1], sines.shape[1])
    let limit = min(cosines.shape[0], sines.shape[0])
    let given = try context.optional(9)?.ints()
    guard cosines.shape[1] == sines.shape[1], given.map({ $0.count >= (isPrompt ? 1 : batch * sequence) }) ?? true else {
      throw .invalid("The angles differ in shape, or there are fewer position ids than tokens.")
    }
    for token in 0..<batch * sequence {
      // A prompt counts from the first position id.
      let own = before[token / sequence] + token % sequence
      let position =
        try given.map { (ids) throws(OnyxError) in
          guard isPrompt else { return ids[token] }
          let (sum, overflow) = (ids.first ?? 0).addingReportingOverflow(token % sequence)
          guard !overflow else { throw OnyxError.invalid("A position id is too large.") }
          return sum
        } ?? own
      guard (0..<limit).contains(position) else { throw .invalid("A position id is outside 0 ..< \(limit).") }
      let angles = position * half..<(position + 1) * half
      for head in 0..<op.queryHeads { rotate(&queries, (token * op.queryHeads + head) * features, cos[angles], sin[angles]) }
      for head in 0..<op.keyHeads { rotate(&keys, (token * op.keyHeads + head) * features, cos[angles], sin[angles]) }
    }
  }

  private func rotate(_ rows: inout [Double], _ start: Int, _ cos: ArraySlice<Double>, _ sin: ArraySlice<Double>) {
    for (pair, (c, s)) in zip(cos, sin).enumerated() {
      let first = start + (op.isInterleaved ? 2 * pair : pair)
      let second = first + (op.isInterleaved ? 1 : cos.count)
      (rows[first], rows[second]) = (c * rows[first] - s * rows[second], s * rows[first] + c * rows[second])
    }
  }

  /// The caches [batch, heads, capacity, features] with the new rows behind those of before.
  func appendToCache(_ context: EvaluationContext) throws(OnyxError) -> (keys: [Double], values: [Double]) {
    (try appended(keys, to: context.optional(3)), try appended(values, to: context.optional(4)))
  }

  private func appended(_ rows: [Double], to past: Tensor?) throws(OnyxError) -> [Double] {
    var cache = try Shape([batch, op.keyHeads, capacity, features]).filled(with: 0.0)
    if cache.isEmpty { return cache }
    let old = try past?.doubles() ?? []
    let kept = (past?.shape[2] ?? 0) * features
    for head in 0..<batch * op.keyHeads {
      let start = head * capacity * features
      let image = head / op.keyHeads
      for index in 0..<before[image] * features { cache[start + index] = old[head * kept + index] }
      for token in 0..<sequence {
        let target = start + (before[image] + token) * features
        let source = ((image * sequence + token) * op.keyHeads + head % op.keyHeads) * features
        for feature in 0..<features { cache[target + feature] = rows[source + feature] }
      }
    }
    return cache
  }

  func attend(_ context: EvaluationContext, keys: [Double], values: [Double]) throws(OnyxError) -> [Double] {
    if queries.isEmpty { return [] }
    let bias = try context.optional(10).map { (tensor) throws(OnyxError) in try GroupQueryBias(tensor, self) }
    let sinks = try context.optional(11)?.doubles()
    let factor = op.scale.map { Double($0) } ?? 1 / Double(features).squareRoot()
    var y = [Double](repeating: 0, count: queries.count)
    var scores = [Double](repeating: 0, count: capacity)
    for row in 0..<queries.count / features {
      let (token, head) = row.quotientAndRemainder(dividingBy: op.queryHeads)
      let (image, position) = token.quotientAndRemainder(dividingBy: sequence)
      let cache = (image * op.keyHeads + head / (op.queryHeads / op.keyHeads)) * capacity
      // Rows of padding see what the last token sees.
      let end = op.isCausal ? min(before[image] + position + 1, after[image]) : after[image]
      let start = op.window.map { max(0, end - max(1, $0)) } ?? 0
      var top = sinks?[head] ?? (op.isSmooth ? 0 : -.infinity)
      let sink = top
      for key in start..<end {
        var score = 0.0
        for feature in 0..<features { score += queries[row * features + feature] * keys[(cache + key) * features + feature] }
        score *= factor
        if op.softcap > 0 { score = Double(op.softcap) * tanh(score / Double(op.softcap)) }
        if let bias { score += bias.value(image, head, position, key) }
        scores[key] = score
        if score > top || score.isNaN { top = score }
      }
      var sum = exp(sink - top)
      for key in start..<end {
        scores[key] = exp(scores[key] - top)
        sum += scores[key]
      }
      for key in start..<end {
        let weight = scores[key] / sum
        for feature in 0..<features { y[row * features + feature] += weight * values[(cache + key) * features + feature] }
      }
    }
    return y
  }
}

/// [batch or 1, heads or 1, sequence, keys], added to the scores.
private struct GroupQueryBias {
  private let shape: Shape
  private let values: [Double]

  init(_ tensor: Tensor, _ step: GroupQueryStep) throws(OnyxError) {
    shape = tensor.shape
    values = try tensor.doubles()
    let keys = step.after.max() ?? 0
    guard [1, step.batch].contains(shape[0]), [1, step.op.queryHeads].contains(shape[1]), shape[2] == step.sequence, shape[3] >= keys else {
      throw .invalid("An attention bias of shape \(shape) does not fit \(step.sequence) queries and \(keys) keys.")
    }
  }

  func value(_ image: Int, _ head: Int, _ query: Int, _ key: Int) -> Double {
    let rows = (shape[0] == 1 ? 0 : image) * shape[1] + (shape[1] == 1 ? 0 : head)
    return values[(rows * shape[2] + query) * shape[3] + key]
  }
}
