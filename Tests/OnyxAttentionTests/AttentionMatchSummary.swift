import OnyxAttention
import OnyxGraph

/// What the tests compare of a match: names instead of ids.
struct AttentionMatchSummary: Equatable, CustomStringConvertible {
  var kind: AttentionMatch.Kind
  var channels: Int?
  var hidden: Int?
  var kernel: [Int] = []
  var heads: Int?
  var inputs: [String] = []

  init(
    _ kind: AttentionMatch.Kind, channels: Int? = nil, hidden: Int? = nil, kernel: [Int] = [], heads: Int? = nil, inputs: [String] = ["x"]
  ) {
    self.kind = kind
    self.channels = channels
    self.hidden = hidden
    self.kernel = kernel
    self.heads = heads
    self.inputs = inputs
  }

  static func all(in graph: Graph) throws -> [Self] {
    try AttentionRecogniser(InferredGraph(graph)).matches().map { match in
      Self(
        match.kind, channels: match.channels?.known, hidden: match.hidden?.known, kernel: match.kernel, heads: match.heads?.known,
        inputs: match.inputs.map { graph[$0].name })
    }
  }

  var description: String { "\(kind.rawValue)(\(inputs)) C=\(channels ?? -1) H=\(hidden ?? -1) k=\(kernel) heads=\(heads ?? -1)" }
}
