import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// activation(Conv(…)) → FusedConv(…) with that activation, Gemm and MatMul likewise.
  static let fuseActivation = Rewrite(
    "fuse-activation", changes: .exact, pattern: .anyOf(products.flatMap { activations($0) }),
    when: [
      Clause("The activation's bounds must be constants that float32 can say, its form the plain one.") { activation($0) != nil },
      Clause("The right factor must be a constant matrix.") { $0.canFuse },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let activation = activation(match) else { throw .bug("A checked activation is gone.") }
    return try match.fused(adding: match["z"], activation, in: &patch)
  }

  private static let products: [Expression] = [
    .product("Conv"), .fusedProduct("FusedConv"), .product("Gemm"), .fusedProduct("FusedGemm"), .matrixProduct, .fusedProduct("FusedMatMul"),
  ]

  private static func activations(_ x: Expression) -> [Expression] {
    ["Relu", "Sigmoid", "HardSigmoid", "HardSwish", "Swish", "Tanh", "LeakyRelu", "Gelu"].map { .op($0, x, named: "activation") }
      + [.op("Clip", x, .optional("low"), .optional("high"), named: "activation")]
  }

  private static func activation(_ match: Match) -> FusedActivation? {
    guard let node = match.node("activation") else { return nil }
    switch node.op.name {
    case "Relu": return .relu
    case "Sigmoid": return .sigmoid
    case "HardSigmoid": return .hardSigmoid(alpha: node.float("alpha", default: 0.2), beta: node.float("beta", default: 0.5))
    case "HardSwish": return .hardSwish
    case "Swish": return node.float("alpha", default: 1) == 1 ? .swish : nil
    case "Tanh": return .tanh
    case "LeakyRelu": return .leakyRelu(alpha: node.float("alpha", default: 0.01))
    case "Gelu": return node.text("approximate", default: "none") == "none" ? .gelu : nil
    case "Clip":
      guard let low = bound("low", absent: -.infinity, match), let high = bound("high", absent: .infinity, match) else { return nil }
      return .clip(min: low, max: high)
    default: return nil
    }
  }

  private static func bound(_ name: String, absent: Float, _ match: Match) -> Float? {
    guard match[name] != nil else { return absent }
    guard let number = match.constant(name)?.number, Double(Float(number)) == number else { return nil }
    return Float(number)
  }
}
