import Onyx
import OnyxAttention
import OnyxInsight
import OnyxTensor

/// The attention blocks of a model: what they are, what they cost and, when it was run, what their gates did.
package struct AttentionReport: Encodable, Sendable {
  /// A block, its part of the whole and, when the model was run, what it did.
  @dynamicMemberLookup
  package struct Block: Encodable, Sendable {
    package let facts: Summary.AttentionBlock
    package let milliseconds: Double?
    package let timeShare: Double?
    package let paramsShare: Double
    package let macsShare: Double
    package let statistics: BlockStatistics?
    /// The operators of the steps that compute the block, each once; nil when the model was not run.
    package let steps: [String]?

    package subscript<T>(dynamicMember path: KeyPath<Summary.AttentionBlock, T>) -> T { facts[keyPath: path] }
  }

  package struct Totals: Encodable, Sendable {
    package let params: Int
    package let macs: Int
    /// Of all steps of a run; nil when it was not measured.
    package let milliseconds: Double?
  }

  /// A rollout without its numbers, which stand in the tensors and figures.
  package struct Rollout: Encodable, Sendable {
    package let blocks: [String]
    package let tokens: Int
  }

  /// The names of all kinds of blocks, for help texts.
  package static var kinds: String { AttentionKind.names }

  package let model: String
  package let blocks: [Block]
  package let totals: Totals
  /// Images whose gates were observed; 0 when nothing was.
  package let pictures: Int
  /// What reaches the tokens behind the last block of self-attention; nil without two such blocks, or when nothing was observed.
  package let rollout: Rollout?
  /// How the gates and maps of a second model differ; nil without one.
  package var against: AttentionComparison?
  /// Names of the files written.
  package var files: [String] = []
  /// Operators that Onyx lacks; a model that has some was not run.
  package let unsupported: [Coverage.Operator]

  init(model: String, _ found: GraphAnalysis, _ times: BlockTimes?, _ run: AttentionRun?) {
    self.model = model
    pictures = run?.samples.count ?? 0
    rollout = run?.rollout.map { Rollout(blocks: $0.blocks, tokens: $0.tokens) }
    let whole = Totals(params: found.parameterCount, macs: found.macs.reduce(0, &+), milliseconds: times?.whole)
    totals = whole
    unsupported = found.unsupported
    func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
    blocks = found.blocks.enumerated().map { index, block in
      Block(
        facts: block.facts, milliseconds: times?.blocks[index],
        timeShare: times.map { $0.whole > 0 ? $0.blocks[index] / $0.whole : 0 },
        paramsShare: share(block.facts.params, whole.params), macsShare: share(block.facts.macs, whole.macs),
        statistics: run?.observations[index].statistics, steps: times?.operators[index])
    }
  }
}

extension AttentionReport.Block {
  enum CodingKeys: String, CodingKey {
    case milliseconds = "ms"
    case timeShare = "time_share"
    case paramsShare = "params_share"
    case macsShare = "macs_share"
    case statistics = "stats"
    case steps
  }

  /// The keys of the block's facts, and those of what was measured.
  package func encode(to encoder: any Encoder) throws {
    try facts.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(milliseconds, forKey: .milliseconds)
    try container.encode(timeShare, forKey: .timeShare)
    try container.encode(paramsShare, forKey: .paramsShare)
    try container.encode(macsShare, forKey: .macsShare)
    try container.encode(statistics, forKey: .statistics)
    try container.encode(steps, forKey: .steps)
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
  enum CodingKeys: String, CodingKey { case model, blocks, totals, pictures, rollout, against, files, unsupported }

  /// Writes all keys.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(blocks, forKey: .blocks)
    try container.encode(totals, forKey: .totals)
    try container.encode(pictures, forKey: .pictures)
    try container.encode(rollout, forKey: .rollout)
    try container.encode(against, forKey: .against)
    try container.encode(files, forKey: .files)
    try container.encode(unsupported, forKey: .unsupported)
  }
}
