import OnyxGraph

/// What is known of attention of queries over keys besides its kind.
package struct QueryAttention: Sendable {
  /// How scores are left out; the raw value is written in JSON.
  package enum Mask: String, Sendable {
    case none
    /// Large negative numbers are added.
    case additive
    /// A truth for each score.
    case boolean
  }

  /// What is added to scores for where their query and key stand; the raw value is written in JSON.
  package enum Bias: String, Sendable {
    case none
    /// Learned numbers, or what a layer makes of positions.
    case relative
    /// A slope for each head times the distance (ALiBi).
    case alibi
    /// Products of the queries with positions.
    case query
  }

  /// What is scaled before the softmax; the raw value is written in JSON.
  package enum Scale: String, Sendable {
    case none, query, key, both, product
    /// Queries and keys have length 1.
    case cosine
  }

  /// Parts of the channels that attend on their own, and those of keys and values where they are shared: fewer.
  package var heads: Dimension?
  package var keyHeads: Dimension?
  /// Numbers of a query, of one head.
  package var headWidth: Dimension?
  /// Sides of one map.
  package var queries: Dimension?
  package var keys: Dimension?
  package var mask = Mask.none
  package var isCausal = false
  package var bias = Bias.none
  package var scale = Scale.none
  /// Whether rotary positions are multiplied in.
  package var isRotary = false
  /// Whether earlier keys are an input of the graph.
  package var isCached = false
  /// What queries, keys and values are made from, in this order.
  package var sources: [ValueID] = []
  /// Whether queries, keys and values are convolutions of one map, in one head and without mask or bias.
  package var isPlain = false
}
