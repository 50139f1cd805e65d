import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// AttentionBlock(x, …) + z → AttentionBlock(x, …, z)
  static let fuseAttentionResidual = Rewrite(
    "fuse-attention-residual", changes: .rounding, pattern: .attentionBlock(over: .value("block.x")) + .value("z"),
    when: [
      Clause("The block must give scaled values, without residual and activation yet.") { match in
        guard let node = match.node("block") else { return false }
        return match["block.z"] == nil && node.text("result", default: "scaled") == "scaled"
          && node.text("activation", default: "none") == "none"
      },
      Clause("The addend must have the shape of the map.") { $0.shape("z") != nil && $0.shape("z") == $0.shape("block.x") },
    ]
  ) { (match, patch) throws(OnyxError) in
    try match.attentionBlock(adding: try match.required("z"), [:], in: &patch)
  }

  /// activation(AttentionBlock(…)) → AttentionBlock(…) with that activation
  static let fuseAttentionActivation = Rewrite(
    "fuse-attention-activation", changes: .exact, pattern: .anyOf(Expression.activations(.attentionBlock(over: .value("block.x")))),
    when: [
      .sayableActivation,
      Clause("The block must give scaled values, without activation yet.") { match in
        guard let node = match.node("block") else { return false }
        return node.text("result", default: "scaled") == "scaled" && node.text("activation", default: "none") == "none"
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let activation = match.activation else { throw .bug("A checked activation is gone.") }
    return try match.attentionBlock(adding: match["block.z"], activation.attributes, in: &patch)
  }
}

extension Expression {
  /// An AttentionBlock over `x`, its other inputs called "block.w1", "block.b1", …
  static func attentionBlock(over x: Expression) -> Expression {
    let inputs = AttentionBlock.Input.allCases.map { $0 == .x ? x : .optional("block.\($0)") }
    return .application(Application(op: AttentionBlock.definition.signature.op, inputs: inputs, name: "block"))
  }
}

extension Match {
  /// The bound block with `z` and other attributes.
  func attentionBlock(adding z: ValueID?, _ attributes: [String: Attribute], in patch: inout Patch) throws(OnyxError) -> ValueID {
    guard let block = node("block") else { throw .bug("The block is gone.") }
    var inputs = AttentionBlock.Input.allCases.map { self["block.\($0)"] }
    inputs[AttentionBlock.Input.z.rawValue] = z
    while inputs.last == .some(nil) { inputs.removeLast() }
    return patch.node(block.op, inputs, block.attributes.merging(attributes) { $1 }, like: block)
  }
}
