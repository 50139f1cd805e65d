import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the weights of one head are like, over all queries of all pictures.
public struct HeadStatistics: Sendable, Hashable, Encodable {
  /// The mean entropy of a query's weights, divided by its largest value: 1 when all keys weigh the same, 0 when one has all.
  public let entropy: Double
  /// How far from a query's place its keys lie, in sides of a token, by their weights; nil where tokens have no places. Tokens before
  /// the first place, of classes and registers, count for nothing. Dosovitskiy and others, 2021, arXiv:2010.11929, figure 7.
  public let distance: Double?

  /// Where tokens stand in a picture: rows of places behind `extra` tokens without one.
  public struct Places: Sendable, Hashable {
    /// Places of a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Tokens before the first place.
    public let extra: Int

    /// A picture of `width` × `height` places behind `extra` tokens.
    public init(width: Int, height: Int, extra: Int) {
      self.width = width
      self.height = height
      self.extra = extra
    }
  }

  enum CodingKeys: String, CodingKey { case entropy, distance }

  /// Writes all keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(entropy, forKey: .entropy)
    try container.encode(distance, forKey: .distance)
  }

  /// One for each head of weights [N, heads, Q, K] or, with `heads` known, [N · heads, Q, K]; empty for other tensors.
  package static func of(_ weights: Tensor, heads: Int?, places: Places? = nil) throws(OnyxError) -> [HeadStatistics] {
    let extents = weights.shape.dimensions
    guard weights.elementType.isFloating, weights.elementCount > 0, extents.count == 3 || extents.count == 4 else { return [] }
    let (queries, keys) = (extents[extents.count - 2], extents[extents.count - 1])
    let count = extents.count == 4 ? extents[1] : heads ?? 1
    guard count > 0, extents.count == 4 || extents[0] % count == 0 else { return [] }
    let values = try weights.doubles()
    let known = places.flatMap { $0.width * $0.height + $0.extra == keys && queries == keys ? $0 : nil }
    let matrices = values.count / (queries * keys)
    return (0..<count).map { head in
      let rows = stride(from: head, to: matrices, by: count).flatMap { matrix in
        (0..<queries).map { (query: $0, start: (matrix * queries + $0) * keys) }
      }
      let entropies = rows.compactMap { entropy(values[$0.start..<$0.start + keys]) }
      let distances = known.map { places in rows.compactMap { distance(values[$0.start..<$0.start + keys], from: $0.query, places) } }
      return HeadStatistics(entropy: mean(entropies) ?? 0, distance: distances.flatMap(mean))
    }
  }

  /// nil for no values.
  private static func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }

  /// −Σ p · log p / log n of n weights, which need not sum to 1; nil for a single key and for weights that are no shares.
  private static func entropy(_ row: ArraySlice<Double>) -> Double? {
    let total = row.reduce(0, +)
    guard row.count > 1, total > 0, row.allSatisfy({ $0 >= 0 }) else { return nil }
    return row.reduce(0) { $0 - ($1 > 0 ? $1 / total * log($1 / total) : 0) } / log(Double(row.count))
  }

  /// The mean distance of the keys with a place by their weights; nil for a query without one.
  private static func distance(_ row: ArraySlice<Double>, from query: Int, _ places: Places) -> Double? {
    guard query >= places.extra else { return nil }
    let (x, y) = ((query - places.extra) % places.width, (query - places.extra) / places.width)
    var (sum, total) = (0.0, 0.0)
    for (key, weight) in row.dropFirst(places.extra).enumerated() {
      sum += weight * hypot(Double(key % places.width - x), Double(key / places.width - y))
      total += weight
    }
    return total > 0 ? sum / total : nil
  }
}
