import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// activation(Conv(…)) → FusedConv(…) with that activation, Gemm and MatMul likewise.
  static let fuseActivation = Rewrite(
    "fuse-activation", changes: .exact, pattern: .anyOf(products.flatMap { Expression.activations($0) }),
    when: [.sayableActivation, Clause("The right factor must be a constant matrix.") { $0.canFuse }]
  ) { (match, patch) throws(OnyxError) in
    guard let activation = match.activation else { throw .bug("A checked activation is gone.") }
    return try match.fused(adding: match["z"], activation, in: &patch)
  }

  private static let products: [Expression] = [
    .product("Conv"), .fusedProduct("FusedConv"), .product("Gemm"), .fusedProduct("FusedGemm"), .matrixProduct,
    .fusedProduct("FusedMatMul"),
  ]
}

extension Clause {
  static let sayableActivation = Clause("The activation's bounds must be constants that float32 can say, its form the plain one.") {
    $0.activation != nil
  }
}

extension Expression {
  /// Activations of `x` that fused nodes can say, the node called "activation".
  static func activations(_ x: Expression) -> [Expression] {
    FusedActivation.operators.subtracting(["Clip"]).sorted().map { .op($0, x, named: "activation") }
      + [.op("Clip", x, .optional("low"), .optional("high"), named: "activation")]
  }
}

extension Match {
  var activation: FusedActivation? { node("activation").flatMap { FusedActivation($0) { workspace.constant($0) } } }
}
