import OnyxGraph
import OnyxInsight
import OnyxTensor

/// An attention block and what it computed in one run.
public struct BlockAttention: Sendable {
  /// What the block is and costs, counted for the inputs of the run.
  public let block: Summary.AttentionBlock
  /// The tensors `block.gates`, in this order; docs/attention.md says what each kind's hold.
  public let gates: [Tensor]
  /// The tensors `block.maps`, in this order.
  public let maps: [Tensor]
}

extension Session {
  /// The attention blocks that `attention(_:)` tells of for these inputs, without running the graph. Throws as a run for inputs that do
  /// not suit the model.
  package func attentionBlocks(for inputs: [String: Tensor]) throws(OnyxError) -> [Summary.AttentionBlock] {
    _ = try plan(for: inputs)
    return try GraphAnalysis(model, inputs: inputs).blocks.map(\.facts)
  }

  /// Runs the graph once on `inputs`, by name, and returns each attention block with its gates and maps, in the order of the nodes.
  ///
  /// The blocks are those that `onyx attention` tells of for these inputs. A block whose operator computes its weights inside has none.
  /// Fetched tensors are made whatever would have been fused. Throws what a run throws.
  public func attention(_ inputs: [String: Tensor]) throws(OnyxError) -> [BlockAttention] {
    try attention(inputs, within: RunLimits())
  }

  /// As `attention(_:)`; the run is within `limits`.
  public func attention(_ inputs: [String: Tensor], within limits: RunLimits) throws(OnyxError) -> [BlockAttention] {
    // Inputs that do not suit the model are told of as such, not as a node's error.
    _ = try plan(for: inputs)
    let found = try GraphAnalysis(model, inputs: inputs)
    let results = try run(inputs, fetching: found.fetches, within: limits)
    return found.blocks.map { block in
      func tensors(_ names: [String]) -> [Tensor] { names.compactMap { results[$0] } }
      return BlockAttention(block: block.facts, gates: tensors(block.facts.gates), maps: tensors(block.facts.maps))
    }
  }
}

extension [BlockAttention] {
  /// The rollout over the blocks of self-attention; nil without two of the same tokens. Throws for tensors that cannot be read.
  public func rollout() throws(OnyxError) -> AttentionRollout? { try AttentionRollout(map { (block: $0.block, maps: $0.maps) }) }
}
