import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// MatMul(a, w) + c → FusedMatMul(a, w, c) for a constant matrix w and a vector c with one number for each column.
  static let fuseMatMulBias = Rewrite(
    "fuse-matmul-bias", changes: .rounding, pattern: .op("MatMul", .value("a"), .constant("w")) + .constant("c"),
    when: [
      Clause("The right factor must be a matrix.") { $0.shape("w")?.count == 2 },
      Clause("The addend must be one number for each column.") { match in
        guard let columns = match.shape("w")?.last, let c = match.shape("c") else { return false }
        return c == [columns]
      },
    ],
    becomes: .onyx("FusedMatMul", .value("a"), .value("w"), .value("c")))
}
