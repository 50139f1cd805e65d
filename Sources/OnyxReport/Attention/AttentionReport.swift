import Onyx
import OnyxAttention
import OnyxGraph
import OnyxTensor

/// The attention blocks of a model: what they are, what they cost and, when it was run, what their gates did.
package struct AttentionReport: Encodable, Sendable {
  package struct Block: Encodable, Sendable {
    /// "SE", "CBAM-channel", "self-attention", …
    package let kind: String
    package let name: String
    /// The module's path and class, where the exporter tells them.
    package let label: String?
    package let moduleClass: String?
    package let inputs: [String]
    package let output: String
    /// Of the first input, in the run that costs are counted for.
    package let shape: [Int]?
    package let channels: Int?
    package let hidden: Int?
    package let reduction: Double?
    package let kernel: [Int]
    package let heads: Int?
    package let pooling: String?
    package let activation: String?
    package let gates: [String]
    package let maps: [String]
    package let nodes: [String]
    package let params: Int
    package let macs: Int
    package let bytes: Int
    package let milliseconds: Double?
    package let timeShare: Double?
    package let paramsShare: Double
    package let macsShare: Double
    package let statistics: BlockStatistics?
  }

  package struct Totals: Encodable, Sendable {
    package let params: Int
    package let macs: Int
    /// Of all steps of a run; nil when it was not measured.
    package let milliseconds: Double?
  }

  package let model: String
  package let blocks: [Block]
  package let totals: Totals
  /// Images whose gates were observed; 0 when nothing was.
  package let pictures: Int
  /// Names of the files written.
  package var files: [String] = []
  let times: BlockTimes?

  init(model: String, _ found: AttentionBlocks, _ times: BlockTimes?, _ run: AttentionRun?) {
    self.model = model
    self.times = times
    pictures = run?.samples.count ?? 0
    totals = Totals(params: found.parameters, macs: found.multiplyAccumulates, milliseconds: times?.whole)
    blocks = found.blocks.enumerated().map { index, block in
      Self.row(block, found, times.map { ($0.blocks[index], $0.whole) }, run?.observations[index].statistics)
    }
  }

  private static func row(
    _ block: AttentionBlocks.Block, _ found: AttentionBlocks, _ time: (own: Double, whole: Double)?, _ statistics: BlockStatistics?
  ) -> Block {
    let match = block.match
    func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
    let nodes = match.nodes.sorted().map { found.graph.title(ofNode: $0) }
    return Block(
      kind: match.kind.rawValue, name: block.name, label: block.label?.name, moduleClass: block.label?.moduleClass,
      inputs: match.inputs.map { found.graph[$0].name }, output: found.graph[match.output].name, shape: block.inputShape,
      channels: match.channels?.known, hidden: match.hidden?.known, reduction: match.reduction, kernel: match.kernel,
      heads: match.heads?.known,
      pooling: match.pooling, activation: block.activation, gates: block.gates, maps: block.maps, nodes: nodes, params: block.parameters,
      macs: block.multiplyAccumulates, bytes: block.bytes, milliseconds: time?.own,
      timeShare: time.map { $0.whole > 0 ? $0.own / $0.whole : 0 }, paramsShare: share(block.parameters, found.parameters),
      macsShare: share(block.multiplyAccumulates, found.multiplyAccumulates), statistics: statistics)
  }
}

extension AttentionReport.Block {
  enum CodingKeys: String, CodingKey {
    case kind, name, label, input, inputs, output, shape, channels, hidden, reduction, kernel, heads, pooling, activation, gate, map, gates,
      maps
    case nodes, params, macs, bytes
    case moduleClass = "class"
    case milliseconds = "ms"
    case timeShare = "time_share"
    case paramsShare = "params_share"
    case macsShare = "macs_share"
    case statistics = "stats"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    for (key, text) in [(CodingKeys.kind, kind), (.name, name), (.output, output)] { try container.encode(text, forKey: key) }
    let optional: [(CodingKeys, String?)] = [
      (.label, label), (.moduleClass, moduleClass), (.input, inputs.first), (.pooling, pooling), (.activation, activation),
      (.gate, gates.first),
      (.map, maps.first),
    ]
    for (key, text) in optional { try container.encode(text, forKey: key) }
    for (key, list) in [(CodingKeys.inputs, inputs), (.gates, gates), (.maps, maps), (.nodes, nodes)] {
      try container.encode(list, forKey: key)
    }
    for (key, number) in [(CodingKeys.channels, channels), (.hidden, hidden), (.heads, heads)] { try container.encode(number, forKey: key) }
    for (key, number) in [(CodingKeys.params, params), (.macs, macs), (.bytes, bytes)] { try container.encode(number, forKey: key) }
    try container.encode(shape, forKey: .shape)
    try container.encode(reduction, forKey: .reduction)
    try container.encode(kernel, forKey: .kernel)
    try container.encode(milliseconds, forKey: .milliseconds)
    try container.encode(timeShare, forKey: .timeShare)
    try container.encode(paramsShare, forKey: .paramsShare)
    try container.encode(macsShare, forKey: .macsShare)
    try container.encode(statistics, forKey: .statistics)
  }
}

extension AttentionReport.Totals {
  enum CodingKeys: String, CodingKey {
    case params, macs
    case milliseconds = "ms"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(params, forKey: .params)
    try container.encode(macs, forKey: .macs)
    try container.encode(milliseconds, forKey: .milliseconds)
  }
}

extension AttentionReport {
  enum CodingKeys: String, CodingKey { case model, blocks, totals, pictures, files }
}
