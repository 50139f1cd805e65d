import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// LayerNormalization(x, scale) + bias → LayerNormalization(x, scale, bias)
  static let mergeLayerNormalizationBias = Rewrite(
    "merge-layer-normalization-bias", changes: .rounding,
    pattern: .op("LayerNormalization", .value("x"), .value("scale"), named: "normalization") + .value("bias"),
    when: [
      Clause("The bias must have the shape of the scale.") { match in
        match.shape("bias") != nil && match.shape("bias") == match.shape("scale")
      }
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("normalization") else { throw .bug("A matched node is gone.") }
    return patch.node(node.op, [try match.required("x"), try match.required("scale"), try match.required("bias")], node.attributes)
  }
}
