import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Conv(x, W, b) + z → FusedConv(x, W, b, z), Gemm and MatMul likewise. Which operand is the residual does not matter; the first
  /// that can be absorbed is.
  static let fuseResidual = Rewrite(
    "fuse-residual", changes: .rounding,
    pattern: .anyOf(
      .product("Conv") + .value("z"), .product("Gemm") + .value("z"), .matrixProduct + .value("z"), .biasedMatrixProduct + .value("z")),
    when: [
      Clause("The right factor must be a constant matrix.") { $0.canFuse },
      Clause("The addend must have the shape of the product.") { match in
        guard let product = match.rootNode?.inputs.compactMap({ $0 }).first(where: { $0 != match["z"] }) else { return false }
        guard let shape = match.workspace.inferred(product)?.shape else { return false }
        return shape == match.shape("z")
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    try match.fused(adding: try match.required("z"), .none, in: &patch)
  }
}
