/// Rows of gates and maps that convolutional networks have beside squeeze and excitation and its like.
extension AttentionKind {
  /// The facts of a kind of this family; nil for kinds of others.
  var gateRow: Row? {
    switch self {
    case .bam:
      Row(
        "Bottleneck attention module: layers over the pooled channels and dilated convolutions to one channel weigh every element.",
        maps: .elements, numbers: [.channels, .reduction])
    case .gct:
      Row(
        "Gated channel transformation: the lengths of the channels, normalised over them, make gates of 0 … 2.",
        gates: .channels, numbers: [.channels])
    case .simam:
      Row(
        "Simple attention without parameters: every element is weighed by its squared distance from the channel's mean.",
        maps: .elements, numbers: [.channels])
    case .sge:
      Row(
        "Spatial group-wise enhance: the places of a group of channels are weighed by their likeness to the group's mean.",
        maps: .elements, numbers: [.channels])
    case .shuffle:
      Row(
        "Shuffle attention: of every group of channels one half gets gates from its means, the other a map from its normalised places.",
        gates: .channels, maps: .elements, numbers: [.channels])
    case .ge:
      Row(
        "Gather and excite: gates from means over neighbourhoods or from strided convolutions of each channel, repeated there.",
        maps: .elements, numbers: [.channels, .reduction])
    case .lka:
      Row(
        "Large kernel attention: convolutions of each channel that reach far, then a 1×1 convolution, weigh every element.",
        maps: .elements, numbers: [.channels, .kernel])
    case .srm:
      Row(
        "Style-based recalibration: gates from mean and deviation of each channel, by numbers of that channel alone.",
        gates: .channels, numbers: [.channels])
    case .fca:
      Row(
        "Frequency channel attention: the channels are pooled by the waves of a cosine transform; two layers make gates.",
        gates: .channels, numbers: [.channels, .reduction])
    case .parnet:
      Row(
        "ParNet block: a 1×1 and a 3×3 convolution, and beside them an ESE block of the same map; their sum.", parts: [.ese],
        gates: .channels, numbers: [.channels], pooling: .avg)
    case .cot:
      Row(
        "Contextual transformer: a convolution's context and the map make shares over the places for the values of each channel.",
        maps: .elements, numbers: [.channels, .kernel])
    case .polarised:
      Row(
        "Polarised self-attention: gates by one query over the places, a map by one query over the channels.",
        gates: .channels, maps: .pixels, numbers: [.channels])
    case .mfab:
      Row(
        "Multi-scale fusion: gates of a map and of the skip connection beside it are added and weigh the map.",
        gates: .channels, numbers: [.channels, .reduction], pooling: .avg)
    case .gau:
      Row(
        "Global attention upsample: gates of the coarser map weigh the finer one, and the coarser is added.",
        gates: .channels, numbers: [.channels], pooling: .avg)
    case .lraspp:
      Row(
        "Lite reduced pyramid pooling: gates of the pooled map weigh its 1×1 convolution.",
        gates: .channels, numbers: [.channels], pooling: .avg)
    case .attentionGate:
      Row(
        "Attention gate: layers of a skip connection and of a coarser signal, added, tell which places pass.",
        maps: .pixels, numbers: [.channels, .reduction])
    case .fpa:
      Row(
        "Feature pyramid attention: convolutions to one channel, at several sizes of the map, weigh the pixels of its 1×1 convolution.",
        maps: .pixels, numbers: [.channels], pooling: .avg)
    case .pab:
      Row(
        "Position attention of MAnet: every pixel attends to all pixels, and the weights of all queries together share 1.",
        maps: .queries, numbers: [.channels])
    default: nil
    }
  }
}
