import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Blocks that the optimizer has made one node of.
extension AttentionRecogniser {
  func fused(at index: Int) -> AttentionMatch? {
    guard let node = view.node(index), node.op == AttentionBlock.definition.signature.op, case let output?? = node.outputs.first else {
      return nil
    }
    guard let block = (try? Catalog.make(node)) as? AttentionBlock, let x = node.operand(0),
      let kind = AttentionKind(block.gate, block.pooling, block.spatial, block.join)
    else { return nil }
    func shape(_ input: AttentionBlock.Input) -> [Dimension]? { node.operand(input.rawValue).flatMap { view.shape($0) } }
    let axis = block.layout == .last ? 3 : 1
    var match = AttentionMatch(
      kind: kind, inputs: [x], output: output, nodes: [index],
      channels: block.channels.map { Dimension($0) } ?? view.shape(x).flatMap { $0.indices.contains(axis) ? $0[axis] : nil })
    if block.gate == .mlp { match.hidden = shape(.w1)?.first }
    if block.gate == .conv1d { match.kernel = shape(.w1)?.compactMap(\.known) ?? [] }
    if block.spatial == .conv { match.kernel = shape(.ws)?.dropFirst(2).compactMap(\.known) ?? [] }
    for input in AttentionBlock.Input.allCases where input != .x && input != .z {
      if let weight = node.operand(input.rawValue) { match.weights.append(weight) }
    }
    return match
  }
}
