import OnyxGraph
import OnyxTensor

/// Rotates pairs of features by angles that depend on the position. ONNX: RotaryEmbedding (23).
package struct RotaryEmbedding: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "RotaryEmbedding", versions: [23],
      inputs: [.required("X", "T"), .required("cos_cache", "T"), .required("sin_cache", "T"), .optional("position_ids", "M")],
      outputs: [.required("Y", "T")], types: ["T": [.float32, .float16, .bfloat16], "M": [.int64]]), RotaryEmbedding.init)

  /// Whether a pair is two neighbours, not one feature of each half.
  package let isInterleaved: Bool
  /// Needed for inputs of rank 3.
  package let headCount: Int?
  /// Features of a head that are rotated; 0 is all.
  package let rotatedFeatures: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    isInterleaved = try attributes.flag("interleaved", default: false)
    let heads = try attributes.int("num_heads") ?? 0
    headCount = heads == 0 ? nil : heads
    rotatedFeatures = try attributes.int("rotary_embedding_dim", default: 0)
    guard heads >= 0, rotatedFeatures >= 0, rotatedFeatures % 2 == 0 else {
      throw .invalid("The attribute 'num_heads' must not be negative and 'rotary_embedding_dim' must be even and not negative.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    if let shape = x.shape {
      guard shape.count == 4 || (shape.count == 3 && headCount != nil) else {
        throw .invalid("The input has rank \(shape.count); it must have rank 4, or rank 3 with the attribute 'num_heads'.")
      }
      if let features = try headFeatures(shape) { try check(context, shape, features) }
    }
    return [Inferred(x.type)]
  }

  /// Features of one head, when known.
  private func headFeatures(_ shape: [Dimension]) throws(OnyxError) -> Int? {
    guard let last = shape[shape.count - 1].known else { return nil }
    guard shape.count == 3, let headCount else { return last }
    guard last % headCount == 0 else { throw .invalid("\(last) features cannot be shared between \(headCount) heads.") }
    return last / headCount
  }

  private func check(_ context: InferenceContext, _ x: [Dimension], _ features: Int) throws(OnyxError) {
    let rotated = rotatedFeatures == 0 ? features : rotatedFeatures
    guard rotated <= features, rotated % 2 == 0 else { throw .invalid("\(rotated) of \(features) features cannot be rotated in pairs.") }
    let (batch, sequence) = (x[0], x[x.count == 4 ? 2 : 1])
    let lead = context.has(3) ? nil : [batch, sequence]
    for index in 1...2 {
      guard let cache = try context.shape(index) else { continue }
      let needed = (lead ?? Array(cache.prefix(1))) + [Dimension(rotated / 2)]
      let agrees = zip(cache, needed).allSatisfy { $0.known == nil || $1.known == nil || $0 == $1 }
      guard cache.count == (lead?.count ?? 1) + 1, agrees else {
        throw .invalid(
          "Input \(index) has the shape \(cache); it must be \(lead == nil ? "[positions" : "[\(batch), \(sequence)"), \(rotated / 2)].")
      }
    }
    if let positions = context.optional(3)?.shape {
      guard positions.count == 2, zip(positions, [batch, sequence]).allSatisfy({ $0.known == nil || $1.known == nil || $0 == $1 }) else {
        throw .invalid("The position ids have the shape \(positions); it must be [\(batch), \(sequence)].")
      }
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    if x.elementCount == 0 { return [x] }
    let (cosines, sines) = (try context.input(1), try context.input(2))
    let (cos, sin) = (try cosines.doubles(), try sines.doubles())
    let positions = try context.optional(3)?.ints()
    let heads = x.shape.rank == 4 ? x.shape[1] : headCount ?? 1
    let sequence = x.shape[x.shape.rank == 4 ? 2 : 1]
    let features = x.shape[x.shape.rank - 1] / (x.shape.rank == 4 ? 1 : heads)
    let half = (rotatedFeatures == 0 ? features : rotatedFeatures) / 2
    let limit = min(cosines.shape[0], sines.shape[0])
    if let positions, !positions.allSatisfy({ $0 >= 0 && $0 < limit }) { throw .invalid("A position id is outside 0 ..< \(limit).") }
    let values = try x.doubles()
    var y = values
    for row in 0..<values.count / features {
      // Rank 4 is batch, heads, sequence; rank 3 is batch, sequence, heads.
      let token = x.shape.rank == 4 ? row / (heads * sequence) * sequence + row % sequence : row / heads
      let angles = (positions?[token] ?? token) * half
      for pair in 0..<half {
        let first = row * features + (isInterleaved ? 2 * pair : pair)
        let second = first + (isInterleaved ? 1 : half)
        let (c, s) = (cos[angles + pair], sin[angles + pair])
        y[first] = c * values[first] - s * values[second]
        y[second] = s * values[first] + c * values[second]
      }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: x.shape)]
  }
}
