import OnyxGraph
import OnyxTensor

extension Rewrite {
  /// MatMul(a, b) + c → Gemm(a, b, c) for matrices and a constant c.
  static let lowerMatMulToGemm = Rewrite(
    "lower-matmul-to-gemm", changes: .rounding, pattern: .op("MatMul", .value("a"), .value("b")) + .constant("c"),
    when: [
      Clause("Both factors must be matrices.") { $0.shape("a")?.count == 2 && $0.shape("b")?.count == 2 },
      Clause("The addend must broadcast to the product.") { match in
        guard let columns = match.shape("b")?.last, let c = match.shape("c"), c.count <= 2, let rows = match.shape("a")?.first else {
          return false
        }
        return zip(c.reversed(), [columns, rows]).allSatisfy { $0 == 1 || $0 == $1 }
      },
    ],
    becomes: .op("Gemm", .value("a"), .value("b"), .value("c")))
}
