import Onyx
import OnyxFigures
import OnyxImages
import OnyxInsight
import OnyxTensor

/// Gates and maps of a model's blocks in one run or several.
package struct AttentionRun: Sendable {
  /// One run's inputs, and the picture files that they came from.
  package struct Round: Sendable {
    package let inputs: [String: Tensor]
    package let pictures: [Pixels]
    /// For people: "digit-7.png", "generated".
    package let name: String

    package init(inputs: [String: Tensor], pictures: [Pixels], name: String) {
      self.inputs = inputs
      self.pictures = pictures
      self.name = name
    }
  }

  /// An image that the model saw; nil pixels when its input is no picture.
  struct Sample: Sendable {
    let name: String
    let pixels: Pixels?
  }

  let observations: [BlockObservation]
  let samples: [Sample]
  /// Over the blocks of self-attention, of the first round.
  let rollout: AttentionRollout?
  /// Fetched tensors for each round, "block/gate" and "block/map"; in the first, "rollout".
  package let tensors: [[(name: String, tensor: Tensor)]]

  /// Samples whose pictures are kept.
  static let pictureLimit = BlockObservation.mapLimit

  /// Throws what a run throws.
  init(_ found: GraphAnalysis, _ session: Session, rounds: [Round]) throws(OnyxError) {
    var observations = found.blocks.map { BlockObservation($0) }
    var samples: [Sample] = []
    var tensors: [[(name: String, tensor: Tensor)]] = []
    var rollout: AttentionRollout?
    for round in rounds {
      let results = try session.run(round.inputs, fetching: found.fetches)
      let shapes = try found.inputShapes(round.inputs)
      let seen = try Self.samples(of: round, session, samples.count)
      for index in observations.indices {
        try observations[index].add(results, inputShape: shapes[index], picture: seen.first?.pixels)
      }
      samples += seen
      var named = Self.named(found, results)
      if tensors.isEmpty {
        rollout = try AttentionRollout(found.blocks.map { ($0.facts, $0.facts.maps.compactMap { results[$0] }) })
        if let rollout { named.append(("rollout", try rollout.tensor)) }
      }
      tensors.append(named)
    }
    self.observations = observations
    self.samples = samples
    self.tensors = tensors
    self.rollout = rollout
  }

  private static func samples(of round: Round, _ session: Session, _ known: Int) throws(OnyxError) -> [Sample] {
    let first = session.inputs.lazy.compactMap { round.inputs[$0.name] }.first { $0.shape.rank > 0 }
    let count = max(first?.shape.dimensions.first ?? 1, round.pictures.count, 1)
    var pictures: [Pixels] = round.pictures
    if pictures.isEmpty, known < pictureLimit {
      for input in session.inputs {
        guard let tensor = round.inputs[input.name], let found = try InputPictures.make(tensor) else { continue }
        pictures = found
        break
      }
    }
    return (0..<count).map { index in
      Sample(name: count > 1 ? "\(round.name) [\(index)]" : round.name, pixels: pictures.indices.contains(index) ? pictures[index] : nil)
    }
  }

  /// Names that no two tensors share.
  private static func named(_ found: GraphAnalysis, _ results: [String: Tensor]) -> [(name: String, tensor: Tensor)] {
    var named: [(name: String, tensor: Tensor)] = []
    for block in found.blocks {
      for (kind, list) in [("gate", block.facts.gates), ("map", block.facts.maps)] {
        for (number, tensor) in list.enumerated() {
          guard let value = results[tensor] else { continue }
          named.append(("\(block.facts.name)/\(kind)" + (number > 0 ? "\(number + 1)" : ""), value))
        }
      }
    }
    return named
  }
}
