/// Rows of attention of queries over keys that is more than self- and cross-attention.
extension AttentionKind {
  /// Whether the keys of one map lie over the whole picture, and not in a part of it or among the channels.
  package var seesWholePicture: Bool {
    switch self {
    case .window, .shiftedWindow, .grid, .neighbourhood, .axial, .crossCovariance, .separable: false
    default: true
    }
  }

  /// Whether windows, rows or other parts of a picture attend each on its own, as images of their own.
  package var attendsInParts: Bool {
    switch self {
    case .window, .shiftedWindow, .grid, .neighbourhood, .axial: true
    default: false
    }
  }

  /// The facts of a kind whose row is not in the table of the others.
  var queryRow: Row {
    switch self {
    case .classAttention:
      .attention("Class attention: one token of a sequence attends to all of them.", fusion: .fusedAttention)
    case .attentionPooling:
      .attention("Attention pooling: learned queries, or the mean of the tokens, attend to all tokens.", fusion: .fusedAttention)
    case .window:
      .attention("Window attention: every place attends to those of its window.", fusion: .fusedAttention)
    case .shiftedWindow:
      .attention("Shifted-window attention: the windows stand aside; a mask parts what does not adjoin.", fusion: .fusedAttention)
    case .grid:
      .attention("Grid attention: every place attends to those at the same place of the other windows.", fusion: .fusedAttention)
    case .neighbourhood:
      .attention("Neighbourhood attention: the places of a window attend to it and to those around it.", fusion: .fusedAttention)
    case .axial:
      .attention("Axial attention: every place attends to those of its row, or of its column.", fusion: .fusedAttention)
    case .pooledKey:
      .attention("Pooled-key attention: keys and values come from fewer tokens, pooled from those of the queries.", fusion: .fusedAttention)
    case .talkingHeads:
      .attention("Talking-heads attention: layers mix the heads before the softmax or behind it.", fusion: .fusedAttention)
    case .gatedPositional:
      .attention("Gated positional attention: weights of the keys are mixed with weights of their places.")
    case .crossCovariance:
      Row(
        "Cross-covariance attention: channels attend to channels; the scores are sums over the places.",
        maps: .channels, numbers: [.channels, .heads], fusion: .fusedAttention)
    case .factorised:
      Row(
        "Factorised attention: a softmax over keys, queries or both, and none over their product, which is never made.",
        maps: .factors, numbers: [.channels, .heads])
    case .doubleAttention:
      Row(
        "Double attention, A²: features gathered by a softmax over the places, and handed out to each place by one over what was gathered.",
        maps: .factors, numbers: [.channels, .heads])
    case .linear:
      Row(
        "Linear attention: features of queries and keys, never below zero, in place of a softmax over their product, which is never made.",
        maps: .factors, numbers: [.channels, .heads])
    case .outlook:
      Row(
        "Outlook attention: a layer of each place makes the weights of its surroundings, without keys.", maps: .points,
        numbers: [.channels])
    case .deformable:
      Row(
        "Deformable attention: each query samples values where its layers say; they make the weights, or keys at these places do.",
        maps: .points, numbers: [.channels, .heads])
    case .additive:
      Row(
        "Additive attention: one layer over the tanh of query plus key makes the scores, in place of a product.", maps: .queries,
        numbers: [.channels])
    case .separable:
      Row(
        "Separable attention: one score for each place makes a context vector of all places, which weighs the values of each.",
        maps: .queries, numbers: [.channels])
    default: preconditionFailure("The kind has a row.")
    }
  }
}

extension AttentionKind.Row {
  /// A kind with a map of queries and keys.
  static func attention(_ sentence: String, fusion: AttentionKind.Fusion = .nothing) -> Self {
    Self(sentence, maps: .queries, numbers: [.channels, .heads], fusion: fusion)
  }
}
