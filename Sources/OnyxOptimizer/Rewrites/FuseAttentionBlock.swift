import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// The nodes of an attention block of a kind with an `AttentionBlockForm` → one AttentionBlock.
  static let fuseAttentionBlock = Rewrite("fuse-attention-block", changes: .rounding, roots: ["Mul", "Add"]) { (site) throws(OnyxError) in
    let recogniser = AttentionRecogniser(site.workspace)
    guard let match = recogniser.gated(at: site.index), let parts = match.parts else { return .noMatch }
    if site.isPartOfLarger(match, recogniser) { return .noMatch }
    guard let rank = site.workspace.inferred(parts.x)?.shape?.count, rank == 4 else { return .declined("The map must have two sides.") }
    var patch = Patch(for: site)
    patch.remove(match.nodes)
    if let reason = site.workspace.escape(from: patch.removed, except: match.output) { return .declined(reason) }
    patch.shunt(match.output, to: try AttentionNode(parts, in: site.workspace).build(in: &patch))
    return .patch(patch)
  }
}

extension Site {
  /// Whether what the block makes is read by another block that can take it in: a channel part waits for the spatial part.
  fileprivate func isPartOfLarger(_ match: AttentionMatch, _ recogniser: AttentionRecogniser) -> Bool {
    workspace.readers(of: match.output).contains { reader in
      guard let larger = recogniser.gated(at: reader), larger.nodes.isSuperset(of: match.nodes) else { return false }
      return workspace.escape(from: larger.nodes, except: larger.output) == nil
    }
  }
}

/// The AttentionBlock that says the parts of a recognised block, its weights in the form that the operator wants.
private struct AttentionNode {
  private let workspace: Workspace
  private let x: ValueID
  private var block = AttentionBlock()
  private var weights: [AttentionBlock.Input: (layer: LayerWeights, form: Form)] = [:]

  private enum Form {
    /// [outputs, inputs] of a layer.
    case matrix
    /// The taps of a convolution along the channels.
    case taps
    /// A convolution over the map; the order of its two channels is exchanged when they are [mean, maximum].
    case map(isMeanFirst: Bool)
  }

  init(_ parts: GatedParts, in workspace: Workspace) {
    self.workspace = workspace
    x = parts.x
    block.layout = parts.channelAxis == 1 ? .first : .last
    block.join = parts.join
    if let channel = parts.channel {
      block.pooling = channel.pooling
      block.gate = channel.gate
      block.hiddenActivation = channel.hiddenActivation
      block.outputActivation = channel.outputActivation
      block.gateActivation = channel.gateActivation
      weights[.w1] = (channel.first, channel.gate == .conv1d ? .taps : .matrix)
      if let second = channel.second { weights[.w2] = (second, .matrix) }
    }
    if let spatial = parts.spatial {
      block.spatial = spatial.form
      block.spatialActivation = spatial.activation
      weights[.ws] = (spatial.weights, .map(isMeanFirst: spatial.isMeanFirst))
    }
  }

  func build(in patch: inout Patch) throws(OnyxError) -> ValueID {
    var inputs: [ValueID?] = Array(repeating: nil, count: AttentionBlock.Input.allCases.count)
    inputs[AttentionBlock.Input.x.rawValue] = x
    for (input, (layer, form)) in weights.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      inputs[input.rawValue] = try value(of: layer, form, in: &patch)
      // Each bias follows its weights.
      if let bias = layer.bias { inputs[input.rawValue + 1] = workspace.value(bias, as: try workspace.vector(bias), in: &patch) }
    }
    while inputs.last == .some(nil) { inputs.removeLast() }
    return patch.node(AttentionBlock.definition.signature.op, inputs, block.attributes)
  }

  private func value(of layer: LayerWeights, _ form: Form, in patch: inout Patch) throws(OnyxError) -> ValueID {
    switch form {
    case .matrix:
      let matrix = try workspace.matrix(of: layer)
      return layer.isTransposed ? patch.constant(matrix) : workspace.value(layer.value, as: matrix, in: &patch)
    case .taps: return workspace.value(layer.value, as: try workspace.vector(layer.value), in: &patch)
    case .map(let isMeanFirst):
      guard isMeanFirst else { return layer.value }
      let tensor = try workspace.requiredConstant(layer.value)
      let half = tensor.elementCount / 2
      return patch.constant(try tensor.gathering((0..<tensor.elementCount).map { ($0 + half) % tensor.elementCount }, shape: tensor.shape))
    }
  }
}
