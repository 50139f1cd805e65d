import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Σ softmax(layers(mean(Σ branch)))·branch → SplitAttention.
  static let fuseSplitAttention = Rewrite("fuse-split-attention", changes: .rounding, roots: ["ReduceSum"]) { (site) throws(OnyxError) in
    let workspace = site.workspace
    guard let match = AttentionRecogniser(workspace).split(at: site.index) else { return .noMatch }
    guard let parts = match.split, workspace.inferred(match.output)?.shape == workspace.inferred(parts.branches[0])?.shape else {
      return .declined("The branches must be stacked in front of the channels and weighed by two layers.")
    }
    let biases = parts.second.compactMap(\.bias)
    guard biases.isEmpty || biases.count == parts.second.count else { return .declined("All branches must have a bias, or none.") }
    var patch = Patch(for: site)
    patch.remove(match.nodes)
    if let reason = workspace.escape(from: patch.removed, except: match.output) { return .declined(reason) }
    var inputs: [ValueID?] = [try workspace.weights([parts.first], in: &patch), nil, try workspace.weights(parts.second, in: &patch), nil]
    if let bias = parts.first.bias {
      inputs[SplitAttention.Input.b1.rawValue] = workspace.value(bias, as: try workspace.vector(bias), in: &patch)
    }
    if !biases.isEmpty { inputs[SplitAttention.Input.b2.rawValue] = try workspace.joined(biases, in: &patch) }
    let op = SplitAttention(hiddenActivation: parts.hiddenActivation)
    patch.shunt(match.output, to: patch.node(SplitAttention.definition.signature.op, inputs + parts.branches, op.attributes))
    return .patch(patch)
  }
}

extension Workspace {
  /// The rows of all layers under each other.
  fileprivate func weights(_ layers: [LayerWeights], in patch: inout Patch) throws(OnyxError) -> ValueID {
    var matrices: [Tensor] = []
    for layer in layers { matrices.append(try matrix(of: layer)) }
    if layers.count == 1, !layers[0].isTransposed { return value(layers[0].value, as: matrices[0], in: &patch) }
    let rows = matrices.reduce(0) { $0 + $1.shape[0] }
    return patch.constant(try Tensor.joined(matrices).reshaped(to: try Shape([rows, matrices[0].shape[1]])))
  }

  fileprivate func joined(_ biases: [ValueID], in patch: inout Patch) throws(OnyxError) -> ValueID {
    var vectors: [Tensor] = []
    for bias in biases { vectors.append(try vector(bias)) }
    return biases.count == 1 ? value(biases[0], as: vectors[0], in: &patch) : patch.constant(try Tensor.joined(vectors))
  }
}
