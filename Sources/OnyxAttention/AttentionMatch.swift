import OnyxGraph
import OnyxOperators

/// An attention block found in a graph.
package struct AttentionMatch: Sendable {
  package typealias Kind = AttentionKind

  /// Its row says what `gates` and `maps` hold.
  package var kind: Kind
  /// What the block reads: the feature map, or the branches, or query, key and value.
  package var inputs: [ValueID]
  package var output: ValueID
  /// The nodes that the block consists of; what only computes shapes is left out.
  package var nodes: Set<Int>
  package var channels: Dimension?
  /// Units of the hidden layer.
  package var hidden: Dimension?
  /// Taps of the convolution along the channels, or sides of the one over the map.
  package var kernel: [Int] = []
  /// Tensors of factors, as the kind's `gates` says.
  package var gates: [ValueID] = []
  /// Tensors over places, as the kind's `maps` says.
  package var maps: [ValueID] = []
  package var heads: Dimension?
  /// Weights and biases, each once.
  package var weights: [ValueID] = []
  /// What one AttentionBlock needs, for the kinds that it can be.
  package var parts: GatedParts?
  /// What one SplitAttention needs, for the forms of SK that it can be.
  package var split: SplitParts?
  /// What is known of attention of queries over keys; nil for other kinds.
  package var query: QueryAttention?

  /// The units of the input for each of the hidden layer, when both are known.
  package var reduction: Double? {
    guard let channels = channels?.known, let hidden = hidden?.known, hidden > 0 else { return nil }
    return Double(channels) / Double(hidden)
  }
}

/// A channel part, a spatial part, or both, over one feature map.
package struct GatedParts: Sendable {
  package var x: ValueID
  /// Where the channels of x stand.
  package var channelAxis: Int
  package var channel: ChannelPart?
  package var spatial: SpatialPart?
  package var join = AttentionBlock.Join.sequential
}

/// Weights of a linear layer or a convolution.
package struct LayerWeights: Sendable, Hashable {
  package let value: ValueID
  /// Stored [inputs, outputs] and not [outputs, inputs, …].
  package let isTransposed: Bool
  package let bias: ValueID?
}

package struct ChannelPart: Sendable {
  package let pooling: AttentionBlock.Pooling
  package let gate: AttentionBlock.Gate
  package let first: LayerWeights
  package let second: LayerWeights?
  package let hiddenActivation: FusedActivation
  package let outputActivation: FusedActivation
  package let gateActivation: FusedActivation
  /// Units of the hidden layer, for `mlp`.
  package let hidden: Dimension?
  package let kernel: [Int]
  /// The gates.
  package let value: ValueID
}

package struct SpatialPart: Sendable {
  package let form: AttentionBlock.Spatial
  package let weights: LayerWeights
  /// The convolution reads [mean, maximum] and not [maximum, mean].
  package let isMeanFirst: Bool
  package let activation: FusedActivation
  package let kernel: [Int]
  /// The map.
  package let value: ValueID
}
