import OnyxInsight

/// What Netron shows beside a graph: its attachment, a JSON document with names and values for nodes, tensors and the model.
///
/// Netron takes it by the signature when it is opened with the model; it finds nodes and tensors by their names, those without one not.
package struct NetronAttachment: Encodable, Sendable {
  package enum Kind: String, Encodable, Sendable { case model, node, value }

  /// A name with a text or a number for the target; the model has the target "".
  package struct Entry: Encodable, Sendable {
    package let kind: Kind
    package let target: String
    package let name: String
    package let value: Content
  }

  package enum Content: Encodable, Sendable {
    case text(String)
    case number(Double)

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }

  package let signature = "netron:attachment"
  /// Which block a node or tensor belongs to, and which blocks the model has.
  package let metadata: [Entry]
  /// The numbers of the blocks.
  package let metrics: [Entry]

  enum CodingKeys: String, CodingKey { case signature, metadata, metrics }

  package init(_ report: AttentionReport) {
    var metadata: [Entry] = []
    var metrics: [Entry] = []
    let kinds = Dictionary(grouping: report.blocks, by: \.kind).map { (kind: $0.key, count: $0.value.count) }
    let counts = kinds.sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }.map { "\($0.count) \($0.kind)" }.joined(separator: ", ")
    metadata.append(Entry(kind: .model, target: "", name: "attention", value: .text(counts.isEmpty ? "none" : counts)))
    for block in report.blocks {
      let title = block.label == nil ? block.name : "\(block.kind) \(block.name)"
      for node in block.nodes { metadata.append(Entry(kind: .node, target: node, name: "attention", value: .text(title))) }
      for (role, tensors) in [("gates of", block.gates), ("map of", block.maps)] {
        for tensor in tensors { metadata.append(Entry(kind: .value, target: tensor, name: role, value: .text(title))) }
      }
      metrics += Self.costs(block)
      metrics += Self.numbers(block.statistics?.gate, of: block.gates)
      metrics += Self.numbers(block.statistics?.map, of: block.maps)
    }
    // A target is cut at its first line break there.
    self.metadata = metadata.filter { !$0.target.contains { $0.isNewline } }
    self.metrics = metrics.filter { !$0.target.contains { $0.isNewline } }
  }

  private static func costs(_ block: AttentionReport.Block) -> [Entry] {
    let numbers: [(String, Double?)] = [
      ("parameters of the block", Double(block.params)), ("MACs of the block", Double(block.macs)),
      ("milliseconds of the block", block.milliseconds),
    ]
    guard let last = block.nodes.last else { return [] }
    return numbers.compactMap { name, number in number.map { Entry(kind: .node, target: last, name: name, value: .number($0)) } }
  }

  private static func numbers(_ statistics: GateStatistics?, of tensors: [String]) -> [Entry] {
    guard let statistics, statistics.count > 0 else { return [] }
    let numbers: [(String, Double?)] = [
      ("mean", statistics.mean), ("min", statistics.min), ("max", statistics.max), ("entropy", statistics.entropy),
      ("sparsity", statistics.sparsity), ("saturation", statistics.saturation),
    ]
    return tensors.flatMap { tensor in
      numbers.compactMap { name, number in number.map { Entry(kind: .value, target: tensor, name: name, value: .number($0)) } }
    }
  }
}
