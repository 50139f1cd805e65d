import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// activation(Conv(…)) → FusedConv(…) with that activation, and Gemm likewise.
  static let fuseActivation = Rewrite(
    "fuse-activation", changes: .exact, pattern: .anyOf(products.flatMap { activations($0) }),
    when: [Clause("The activation's bounds must be constants that float32 can say, its form the plain one.") { activation($0) != nil }]
  ) { (match, patch) throws(OnyxError) in
    guard let activation = activation(match) else { throw .bug("A checked activation is gone.") }
    return try match.fused(adding: match["z"], activation, in: &patch)
  }

  private static let products: [Expression] = [.product("Conv"), .fusedProduct("FusedConv"), .product("Gemm"), .fusedProduct("FusedGemm")]

  private static func activations(_ x: Expression) -> [Expression] {
    FusedActivation.operators.subtracting(["Clip"]).sorted().map { .op($0, x, named: "activation") }
      + [.op("Clip", x, .optional("low"), .optional("high"), named: "activation")]
  }

  private static func activation(_ match: Match) -> FusedActivation? {
    match.node("activation").flatMap { FusedActivation($0) { match.workspace.constant($0) } }
  }
}
