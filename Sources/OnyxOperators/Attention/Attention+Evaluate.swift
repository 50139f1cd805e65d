import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A batch of sequences of heads, read by row whatever the order of its axes in memory.
private struct HeadRows {
  let batch: Int
  let heads: Int
  let length: Int
  let features: Int
  let values: [Double]
  private let isHeadMajor: Bool

  /// Rank 4 is batch, heads, sequence, features; rank 3 is batch, sequence, heads · features.
  init(_ tensor: Tensor, heads count: Int?) throws(OnyxError) {
    isHeadMajor = tensor.shape.rank == 4
    batch = tensor.shape[0]
    heads = isHeadMajor ? tensor.shape[1] : count ?? 1
    length = tensor.shape[isHeadMajor ? 2 : 1]
    features = isHeadMajor ? tensor.shape[3] : tensor.shape[2] / heads
    values = try tensor.doubles()
  }

  func start(_ image: Int, _ head: Int, _ position: Int) -> Int {
    (isHeadMajor ? (image * heads + head) * length + position : (image * length + position) * heads + head) * features
  }

  /// The rows of `past`, then these, head-major.
  func appended(to past: Tensor?, type: ElementType) throws(OnyxError) -> Tensor {
    let pastRows = try past.map { (tensor) throws(OnyxError) in try HeadRows(tensor, heads: nil) }
    let before = pastRows?.length ?? 0
    let shape = try Shape([batch, heads, before + length, features])
    // Heads without features can be more than any loop could count.
    if shape.elementCount == 0 { return try Tensor(floating: [], as: type, shape: shape) }
    var joined: [Double] = []
    joined.reserveCapacity(shape.elementCount)
    for image in 0..<batch {
      for head in 0..<heads {
        if let pastRows { joined += pastRows.values[pastRows.start(image, head, 0)..<pastRows.start(image, head, 0) + before * features] }
        for position in 0..<length { joined += values[start(image, head, position)..<start(image, head, position) + features] }
      }
    }
    return try Tensor(floating: joined, as: type, shape: shape)
  }
}

/// What is added to the scores: the mask, and −∞ where the causal order, a window or padding hides a key.
private struct AttentionBias {
  let op: Attention
  let maskOffsets: [Int]
  let mask: [Double]
  let maskWidth: Int
  let lengths: [Int]?
  let past: Int
  let queries: Int

  init(_ op: Attention, mask tensor: Tensor?, lengths: [Int]?, past: Int, scores: Shape) throws(OnyxError) {
    self.op = op
    self.lengths = lengths
    self.past = past
    queries = scores[2]
    if let lengths, !lengths.allSatisfy({ (0...scores[3]).contains($0) }) {
      throw .invalid("'nonpad_kv_seqlen' is \(lengths); each value must be at most the \(scores[3]) keys.")
    }
    guard let tensor else {
      (mask, maskOffsets, maskWidth) = ([], [], scores[3])
      return
    }
    mask = tensor.elementType == .bool ? try tensor.booleans().map { $0 ? 0 : -.infinity } : try tensor.doubles()
    maskWidth = tensor.shape[tensor.shape.rank - 1]
    maskOffsets = try Shape(tensor.shape[..<(tensor.shape.rank - 1)] + [1]).broadcastOffsets(to: try Shape(scores[..<3] + [1]))
  }

  /// `row` counts batch, head and query.
  func row(_ row: Int, image: Int, query: Int, keys: Int) -> [Double] {
    // Positions count from the start of the cache.
    let offset = lengths.map { $0[image] - queries } ?? past
    return (0..<keys).map { key in
      let distance = offset + query - key
      if op.isCausal && distance < 0 { return -.infinity }
      if let left = op.leftWindow, distance > left { return -.infinity }
      if let right = op.rightWindow, -distance > right { return -.infinity }
      if let lengths, key >= lengths[image] { return -.infinity }
      if mask.isEmpty && maskOffsets.isEmpty { return 0 }
      return key < maskWidth ? mask[maskOffsets[row] * maskWidth + key] : -.infinity
    }
  }
}

extension Attention {
  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (query, type) = (try context.input(0), try context.input(0).elementType)
    let q = try HeadRows(query, heads: queryHeads)
    let keys = try HeadRows(context.input(1), heads: keyHeads).appended(to: context.optional(4), type: type)
    let values = try HeadRows(context.input(2), heads: keyHeads).appended(to: context.optional(5), type: context.input(2).elementType)
    let (k, v) = (try HeadRows(keys, heads: nil), try HeadRows(values, heads: nil))
    let shape = try context.shape()
    let scoreShape = try Shape([q.batch, q.heads, q.length, k.length])
    let bias = try AttentionBias(
      self, mask: context.optional(3), lengths: context.optional(6)?.ints(), past: context.optional(4)?.shape[2] ?? 0, scores: scoreShape)
    let factor = scale.map { Double($0) } ?? 1 / Double(q.features).squareRoot()
    var y: [Double] = try shape.filled(with: 0)
    var shown: [Double] = try context.outputCount > 3 ? scoreShape.filled(with: 0) : []
    let result = try HeadRows(Tensor(floating: y, as: .float64, shape: shape), heads: q.heads)
    let rows = y.isEmpty && shown.isEmpty ? 0 : q.batch * q.heads * q.length
    var pace = WorkPace(every: 1 << 15)
    for row in 0..<rows {
      try pace.check(after: 1 + k.length * (q.features + v.features))
      let (image, head, position) = (row / q.length / q.heads, row / q.length % q.heads, row % q.length)
      let shared = head / max(1, q.heads / max(1, k.heads))
      let start = q.start(image, head, position)
      let raw = (0..<k.length).map { key in
        (0..<q.features).reduce(0.0) { $0 + q.values[start + $1] * k.values[k.start(image, shared, key) + $1] } * factor
      }
      let capped = softcap > 0 ? raw.map { Double(softcap) * tanh($0 / Double(softcap)) } : raw
      let added = bias.row(row, image: image, query: position, keys: k.length)
      let biased = zip(capped, added).map { $0 + $1 }
      let probabilities = added.allSatisfy { $0 == -.infinity } ? biased.map { _ in 0 } : softmax(biased)
      let target = result.start(image, head, position)
      for (key, probability) in probabilities.enumerated() {
        for feature in 0..<v.features { y[target + feature] += probability * v.values[v.start(image, shared, key) + feature] }
      }
      if context.outputCount > 3 {
        let stage = [raw, capped, biased, probabilities][scoreStage.rawValue]
        shown.replaceSubrange(row * k.length..<(row + 1) * k.length, with: stage)
      }
    }
    var results = [try Tensor(floating: y, as: type, shape: shape), keys, values]
    if context.outputCount > 3 { results.append(try Tensor(floating: shown, as: type, shape: scoreShape)) }
    return Array(results.prefix(max(1, context.outputCount)))
  }

  /// Keys that are −∞ have the probability 0, and so has every key when all are.
  private func softmax(_ scores: [Double]) -> [Double] {
    let greatest = scores.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 }
    if greatest == -.infinity { return scores.map { _ in 0 } }
    let powers = scores.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
