import Onyx

/// The tensors of a model's attention blocks, and how an answer tells which belong to which block.
package struct AttentionTensors: Sendable {
  private let blocks: [Summary.AttentionBlock]

  /// Of the graph of a model; of one that cannot be looked through none.
  package init(of model: Model) { blocks = (try? model.attentionBlocks()) ?? [] }

  /// Whether there are any.
  package var isEmpty: Bool { blocks.isEmpty }

  /// The names of those that a request asks for, in the order of the blocks.
  package func names(_ choice: AttentionChoice) -> [String] {
    var names: [String] = []
    for block in blocks {
      if choice == .gates || choice == .all { names += block.gates }
      if choice == .maps || choice == .all { names += block.maps }
    }
    return names
  }

  /// A JSON document: an array of {"name", "kind", "gates", "maps"}.
  package func document(_ choice: AttentionChoice) throws(Failure) -> String {
    var writer = JSONWriter()
    try writer.array { (writer) throws(Failure) in
      for block in blocks {
        try writer.object { (writer) throws(Failure) in
          writer.member("name", block.name)
          writer.member("kind", block.kind)
          for (key, names, isAsked) in [("gates", block.gates, choice != .maps), ("maps", block.maps, choice != .gates)] where isAsked {
            writer.key(key)
            try writer.array { (writer) throws(Failure) in for name in names { writer.string(name) } }
          }
        }
      }
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
