import OnyxGraph
import OnyxOperators

/// An attention block found in a graph.
package struct AttentionMatch: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Squeeze and excitation: pooled vector → two layers → gates. With biases it is also called cSE.
    case se = "SE"
    /// Spatial SE: a 1×1 convolution to one channel.
    case sse = "sSE"
    /// Both at once, added.
    case scse = "scSE"
    /// Gates from a convolution along the channels.
    case eca = "ECA"
    /// Gates from one full layer.
    case ese = "ESE"
    /// Gates from the average and the maximum through shared layers or a shared convolution.
    case cbamChannel = "CBAM-channel"
    /// A map from the mean and the maximum over the channels.
    case cbamSpatial = "CBAM-spatial"
    case cbam = "CBAM"
    /// Selective kernel, split attention: branches weighed by a softmax over them.
    case sk = "SK"
    /// Global context: pooled by a softmax over the pixels.
    case gc = "GC"
    case coordinate = "coordinate"
    case triplet = "triplet"
    case nonLocal = "non-local"
    case selfAttention = "self-attention"
    case crossAttention = "cross-attention"
  }

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
  /// Gates for channels, in any shape that has them in order: [N, C], [N, C, 1, 1], …
  package var gates: [ValueID] = []
  /// Maps over pixels, and the probabilities of query attention.
  package var maps: [ValueID] = []
  package var heads: Dimension?
  /// Weights and biases, each once.
  package var weights: [ValueID] = []
  /// What one AttentionBlock needs, for the kinds that it can be.
  package var parts: GatedParts?
  /// What one SplitAttention needs, for the forms of SK that it can be.
  package var split: SplitParts?

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
