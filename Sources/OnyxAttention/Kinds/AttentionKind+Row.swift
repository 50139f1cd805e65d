import OnyxGraph
import OnyxOperators

extension AttentionKind {
  /// What is told of a kind besides its name.
  package struct Row: Sendable {
    /// Says what it is, for documentation and pages.
    package let sentence: String
    /// Names that papers also use; never written in results.
    package let otherNames: [String]
    /// The kinds that it is made of; empty for a kind that is no composition.
    package let parts: [AttentionKind]
    /// What the tensors `AttentionMatch.gates` hold.
    package let gates: Gates
    /// What the tensors `AttentionMatch.maps` hold.
    package let maps: Maps
    /// The numbers that a block of the kind can have; others it never has.
    package let numbers: [Number]
    /// Over what it pools; nil where the parts of the block tell, or nothing is pooled.
    package let pooling: Pooling?
    /// What makes the gates or maps where their nodes do not tell.
    package let activation: FusedActivation
    /// What the optimizer makes of it.
    package let fusion: Fusion

    init(
      _ sentence: String, alsoCalled otherNames: [String] = [], parts: [AttentionKind] = [], gates: Gates = .none, maps: Maps = .none,
      numbers: [Number], pooling: Pooling? = nil, activation: FusedActivation = .none, fusion: Fusion = .nothing
    ) {
      self.sentence = sentence
      self.otherNames = otherNames
      self.parts = parts
      self.gates = gates
      self.maps = maps
      self.numbers = numbers
      self.pooling = pooling
      self.activation = activation
      self.fusion = fusion
    }

    /// Whether a softmax makes the weights, so that they share 1 and are no numbers of their own.
    package var isSoftmax: Bool { gates == .branches || maps == .queries || maps == .channels }
  }

  /// What tensors with gates hold; the raw value is for people.
  package enum Gates: String, Sendable, CaseIterable {
    case none = "–"
    /// One tensor with a number for each image and channel: [N, C], [N, C, 1, 1] or another shape with them in this order.
    case channels = "each channel"
    /// One tensor with a number for each image, branch and channel, [N, M, C, 1, 1] or [M, N, C, 1, 1]; those of one channel share 1.
    case branches = "each branch and channel"
    /// Two tensors with a number for each image, channel and row, [N, C, H, 1], or column, [N, C, 1, W].
    case sides = "each channel and row or column"
  }

  /// What tensors with maps hold; the raw value is for people.
  package enum Maps: String, Sendable, CaseIterable {
    case none = "–"
    /// A number for each image and pixel of the block's input: [N, 1, H, W] or [N, H, W, 1].
    case pixels = "each pixel"
    /// The same numbers, of which those of one image share 1; in any shape with them in this order.
    case shares = "each pixel, sharing 1"
    /// A number for each image, channel or group of channels, and pixel: [N, C, H, W], or another shape with them in this order.
    case elements = "each channel or group, and pixel"
    /// One tensor for the input and one for each turned form: [N, 1, H, W], [N, 1, C, W], [N, 1, H, C]. Not all are places.
    case turned = "each pixel of turned forms"
    /// A row for each query, a column for each key: [N, heads, Q, K] or [N · heads, Q, K]; a row shares 1.
    case queries = "each query and key"
    /// A row for each query, or each place around one, and a column for each place that it samples: […, places]; a row shares 1.
    case points = "each query and sampled place"
    /// A row and a column for each channel of a head: [N, heads, D, D]; a row shares 1.
    case channels = "each two channels"
    /// Two tensors, features of the queries and of the keys, with one axis of the places and one of the features. The product over the
    /// features would be a number for each query and key.
    case factors = "each query and key, as a product"
  }

  /// What a block can be measured by; the raw value is the name in JSON.
  package enum Number: String, Sendable, CaseIterable {
    /// Of the feature map, or features of a token.
    case channels
    /// Channels for each unit of the hidden layer.
    case reduction
    /// Taps of the convolution along the channels, or sides of the one over the map.
    case kernel
    /// Parts of the channels that attend on their own.
    case heads
  }

  /// Over what a map is pooled; the raw value is written in JSON.
  package enum Pooling: String, Sendable {
    case avg, both, softmax
  }

  /// What the optimizer makes of a block whose nodes nothing else reads.
  package enum Fusion: Sendable {
    /// The block as a whole stays; its parts may be fused.
    case nothing
    /// One `onyx.AttentionBlock` of this form.
    case attentionBlock(AttentionBlockForm)
    /// One `onyx.SplitAttention`, for stacked branches.
    case splitAttention
    /// `onyx.FusedAttention` in place of products and softmax; the projections around it stay.
    case fusedAttention

    /// The operator; nil for nothing.
    package var op: OperatorName? {
      switch self {
      case .nothing: nil
      case .attentionBlock: AttentionBlock.definition.signature.op
      case .splitAttention: SplitAttention.definition.signature.op
      case .fusedAttention: OperatorName("FusedAttention", domain: "onyx")
      }
    }

    /// Of the `onyx.AttentionBlock` that the kind is; nil for other kinds.
    package var form: AttentionBlockForm? { if case .attentionBlock(let form) = self { form } else { nil } }
  }

  /// The kind that an `AttentionBlock` of these parts is; nil for parts that are no block.
  package init?(
    _ gate: AttentionBlock.Gate, _ pooling: AttentionBlock.Pooling, _ spatial: AttentionBlock.Spatial, _ join: AttentionBlock.Join
  ) {
    guard let found = Self.forms.first(where: { $0.form.admits(gate, pooling, spatial, join) }) else { return nil }
    self = found.kind
  }

  private static let forms = allCases.compactMap { kind in kind.row.fusion.form.map { (kind: kind, form: $0) } }

  /// All names in the order of the table, for help texts: "SE, sSE, …".
  package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// The parts that an `onyx.AttentionBlock` has for a kind; no two kinds share a combination.
package struct AttentionBlockForm: Sendable {
  private let gates: Set<AttentionBlock.Gate>
  private let poolings: Set<AttentionBlock.Pooling>
  private let spatials: Set<AttentionBlock.Spatial>
  private let join: AttentionBlock.Join

  /// Gates alone.
  static func channelPart(_ gates: Set<AttentionBlock.Gate>, pooling: Set<AttentionBlock.Pooling>) -> Self {
    Self(gates: gates, poolings: pooling, spatials: [.none], join: .sequential)
  }

  /// A map alone.
  static func spatialPart(_ spatials: Set<AttentionBlock.Spatial>) -> Self {
    Self(gates: [.none], poolings: [.none], spatials: spatials, join: .sequential)
  }

  /// Any gates, and a map.
  static func both(_ join: AttentionBlock.Join, spatials: Set<AttentionBlock.Spatial>) -> Self {
    Self(gates: [.mlp, .fc, .conv1d], poolings: [.avg, .max, .both], spatials: spatials, join: join)
  }

  /// Whether a block of these parts is of the form.
  package func admits(
    _ gate: AttentionBlock.Gate, _ pooling: AttentionBlock.Pooling, _ spatial: AttentionBlock.Spatial, _ join: AttentionBlock.Join
  ) -> Bool {
    gates.contains(gate) && poolings.contains(pooling) && spatials.contains(spatial) && self.join == join
  }
}
