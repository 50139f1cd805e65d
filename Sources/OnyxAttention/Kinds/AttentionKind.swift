import OnyxOperators

/// The kinds of attention blocks: a case with the name that JSON, tables and pages write, and a row with all other facts.
///
/// A new kind is a case and a row here, what finds it (with a line in `AttentionRecogniser.searches` unless a search that is there
/// finds it), tests, and a line of docs/attention.md.
package enum AttentionKind: String, Sendable, CaseIterable {
  case se = "SE"
  case sse = "sSE"
  case scse = "scSE"
  case eca = "ECA"
  case ese = "ESE"
  case cbamChannel = "CBAM-channel"
  case cbamSpatial = "CBAM-spatial"
  case cbam = "CBAM"
  case sk = "SK"
  case gc = "GC"
  case coordinate
  case triplet
  case bam = "BAM"
  case gct = "GCT"
  case simam = "SimAM"
  case sge = "SGE"
  case shuffle
  case ge = "GE"
  case lka = "LKA"
  case srm = "SRM"
  case fca = "FCA"
  case parnet = "ParNet"
  case cot = "CoT"
  case polarised
  case mfab = "MFAB"
  case gau = "GAU"
  case lraspp = "LR-ASPP"
  case attentionGate = "attention-gate"
  case fpa = "FPA"
  case pab = "PAB"
  case nonLocal = "non-local"
  case selfAttention = "self-attention"
  case crossAttention = "cross-attention"
  case classAttention = "class-attention"
  case attentionPooling = "attention-pooling"
  case window = "window-attention"
  case shiftedWindow = "shifted-window-attention"
  case grid = "grid-attention"
  case neighbourhood = "neighbourhood-attention"
  case axial = "axial-attention"
  case pooledKey = "pooled-key-attention"
  case talkingHeads = "talking-heads-attention"
  case gatedPositional = "gated-positional-attention"
  case crossCovariance = "cross-covariance-attention"
  case factorised = "factorised-attention"
  case doubleAttention = "double-attention"
  case linear = "linear-attention"
  case outlook = "outlook-attention"
  case deformable = "deformable-attention"
  case additive = "additive-attention"
  case separable = "separable-attention"

  /// The facts of the kind.
  package var row: Row {
    switch self {
    case .se:
      Row(
        "Squeeze and excitation: the pooled channels go through two layers and become gates.", alsoCalled: ["cSE"],
        gates: .channels, numbers: [.channels, .reduction], fusion: .attentionBlock(.channelPart([.mlp], pooling: [.avg, .max])))
    case .sse:
      Row(
        "Spatial squeeze and excitation: a 1×1 convolution to one channel becomes a map.",
        maps: .pixels, numbers: [.channels], fusion: .attentionBlock(.spatialPart([.point])))
    case .scse:
      Row(
        "Concurrent squeeze and excitation: the map weighed by its channels, plus the map weighed by its pixels.", parts: [.se, .sse],
        gates: .channels, maps: .pixels, numbers: [.channels, .reduction, .kernel],
        fusion: .attentionBlock(.both(.parallel, spatials: [.conv, .point])))
    case .eca:
      Row(
        "Efficient channel attention: a convolution along the pooled channels gives the gates.",
        gates: .channels, numbers: [.channels, .kernel], fusion: .attentionBlock(.channelPart([.conv1d], pooling: [.avg, .max])))
    case .ese:
      Row(
        "Effective squeeze and excitation: one full layer over the pooled channels gives the gates.",
        gates: .channels, numbers: [.channels], fusion: .attentionBlock(.channelPart([.fc], pooling: [.avg, .max])))
    case .cbamChannel:
      Row(
        "CBAM's channel part: gates from the average and the maximum, both through the same layers or the same convolution.",
        gates: .channels, numbers: [.channels, .reduction, .kernel],
        fusion: .attentionBlock(.channelPart([.mlp, .fc, .conv1d], pooling: [.both])))
    case .cbamSpatial:
      Row(
        "CBAM's spatial part: a convolution over the mean and the maximum of the channels becomes a map.",
        maps: .pixels, numbers: [.channels, .kernel], fusion: .attentionBlock(.spatialPart([.conv])))
    case .cbam:
      Row(
        "Convolutional block attention module: a channel part, then a spatial part over what it has weighed.",
        parts: [.cbamChannel, .cbamSpatial], gates: .channels, maps: .pixels, numbers: [.channels, .reduction, .kernel],
        fusion: .attentionBlock(.both(.sequential, spatials: [.conv, .point])))
    case .sk:
      Row(
        "Selective kernel, split attention: branches weighed by a softmax over them, which two layers make of their pooled sum.",
        gates: .branches, numbers: [.channels, .reduction], pooling: .avg, fusion: .splitAttention)
    case .gc:
      Row(
        "Global context: pooled by a softmax over the pixels; two layers then scale the channels or are added to them.",
        gates: .channels, maps: .shares, numbers: [.channels, .reduction], pooling: .softmax)
    case .coordinate:
      Row(
        "Coordinate attention: gates for the rows and for the columns, from the means along the other side.",
        gates: .sides, numbers: [.channels, .reduction], pooling: .avg)
    case .triplet:
      Row(
        "Triplet attention: the mean of spatial parts over the map and over its turned forms.", parts: [.cbamSpatial],
        maps: .turned, numbers: [.channels], pooling: .both, activation: .sigmoid)
    case .nonLocal:
      Row(
        "Non-local block: every pixel attends to all pixels; queries, keys and values are 1×1 convolutions.",
        maps: .queries, numbers: [.channels, .heads], fusion: .fusedAttention)
    case .selfAttention:
      .attention("Self-attention: queries, keys and values come from one sequence.", fusion: .fusedAttention)
    case .crossAttention:
      .attention("Cross-attention: the queries come from one sequence, keys and values from another.", fusion: .fusedAttention)
    default: gateRow ?? queryRow
    }
  }
}

extension AttentionRecogniser {
  /// Each tries a node as the last one of a block; the first that finds one is believed, so a whole comes before its parts.
  static let searches: [@Sendable (AttentionRecogniser, Int) -> AttentionMatch?] = [
    { $0.fused(at: $1) },
    { $0.gated(at: $1) },
    { $0.coordinate(at: $1) },
    { $0.globalContext(at: $1) },
    { $0.split(at: $1) },
    { $0.triplet(at: $1) },
    { $0.bottleneck(at: $1) },
    { $0.gatedChannels(at: $1) },
    { $0.style(at: $1) },
    { $0.frequencies(at: $1) },
    { $0.simple(at: $1) },
    { $0.spatialGroups(at: $1) },
    { $0.shuffle(at: $1) },
    { $0.gatherExcite(at: $1) },
    { $0.largeKernel(at: $1) },
    { $0.parallelConvolutions(at: $1) },
    { $0.contextual(at: $1) },
    { $0.polarised(at: $1) },
    { $0.multiScale(at: $1) },
    { $0.globalUpsample(at: $1) },
    { $0.liteReduced(at: $1) },
    { $0.attentionGate(at: $1) },
    { $0.featurePyramid(at: $1) },
    { $0.positionAttention(at: $1) },
    { $0.nonLocal(at: $1) },
    { $0.query(at: $1) },
    { $0.linear(at: $1) },
    { $0.outlook(at: $1) },
    { $0.deformable(at: $1) },
    { $0.additive(at: $1) },
    { $0.separable(at: $1) },
  ]
}
