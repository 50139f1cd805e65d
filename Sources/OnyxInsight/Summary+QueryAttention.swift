import OnyxAttention
import OnyxGraph
import OnyxOperators

extension Summary {
  /// What is told of attention of queries over keys beside kind, channels and heads.
  public struct QueryAttention: Sendable, Hashable {
    /// Numbers of a query, of one head.
    public let headWidth: Extent?
    /// Heads of keys and values; fewer than those of the queries where they are shared.
    public let keyHeads: Int?
    /// Rows of one map.
    public let queries: Extent?
    /// Columns of one map.
    public let keys: Extent?
    /// How scores are left out: "none", "additive" or "boolean".
    public let mask: String
    /// Whether no query sees a later key.
    public let causal: Bool
    /// What is added for places: "none", "relative", "alibi" or "query", products of the queries with positions.
    public let bias: String
    /// What is scaled: "none", "query", "key", "both", "product" or, for vectors of length 1, "cosine".
    public let scale: String
    /// Whether rotary positions are multiplied in.
    public let rotary: Bool
    /// Whether keys of earlier runs are inputs.
    public let cached: Bool
    /// Names of the tensors that queries, keys and values are made from, in this order.
    public let sources: [String]

    init(_ query: OnyxAttention.QueryAttention, _ graph: Graph) {
      headWidth = query.headWidth.map { Extent($0) }
      keyHeads = query.keyHeads?.known
      queries = query.queries.map { Extent($0) }
      keys = query.keys.map { Extent($0) }
      mask = query.mask.rawValue
      causal = query.isCausal
      bias = query.bias.rawValue
      scale = query.scale.rawValue
      rotary = query.isRotary
      cached = query.isCached
      sources = query.sources.map { graph[$0].name }
    }
  }
}

/// `{"head_width","key_heads","queries",…}`, null for what is not known.
extension Summary.QueryAttention: Codable {
  private enum CodingKeys: String, CodingKey {
    case queries, keys, mask, causal, bias, scale, rotary, cached, sources
    case headWidth = "head_width"
    case keyHeads = "key_heads"
  }

  /// Writes all keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    for (key, extent) in [(CodingKeys.headWidth, headWidth), (.queries, queries), (.keys, keys)] {
      try container.encode(extent, forKey: key)
    }
    try container.encode(keyHeads, forKey: .keyHeads)
    for (key, text) in [(CodingKeys.mask, mask), (.bias, bias), (.scale, scale)] { try container.encode(text, forKey: key) }
    for (key, flag) in [(CodingKeys.causal, causal), (.rotary, rotary), (.cached, cached)] { try container.encode(flag, forKey: key) }
    try container.encode(sources, forKey: .sources)
  }
}
