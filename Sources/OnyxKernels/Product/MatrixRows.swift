import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 matrix products: Gemm and MatMul with a constant operand packed once, any strides, batches.
///
/// SAFETY: see `KernelCall`.
enum MatrixRows {
  static let gemm = KernelRow("gemm_f32_packed", ["Gemm"], .float32) { (gemm: OnyxOperators.Gemm, query) throws(OnyxError) in
    try product(query, gemm, activation: .none)
  }

  static let fusedGemm = KernelRow("fused_gemm_f32_packed", ["FusedGemm"], domain: "onyx", .float32) {
    (fused: FusedGemm, query) throws(OnyxError) in
    let activation = Activation(fused.activation)
    let whole = try product(query, fused.gemm, activation: activation)
    guard case .declinedBecause = whole, query.input(3) != nil else { return whole }
    return try product(query.withoutInput(3), fused.gemm, activation: .none).addingResidual(query, activation)
  }

  static let matMul = KernelRow("matmul_f32_batched", ["MatMul"], .float32, batchedProduct)

  /// Gemm whose C is absent or a constant that broadcasts as one row, and whose Z is added where B is constant.
  private static func product(_ query: KernelQuery, _ gemm: OnyxOperators.Gemm, activation: Activation) throws(OnyxError) -> Preparation {
    guard let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape else {
      return .declined("an input is missing")
    }
    let (m, n) = (y[0], y[1])
    let k = a[gemm.transposesA ? 0 : 1]
    guard m > 0, n > 0, k > 0 else { return .declined("something is empty") }
    guard let bias = try LinearForm.row(query, gemm, count: n) else { return .declined(LinearForm.needsRow) }
    if query.constant(1) != nil && !gemm.transposesA {
      let form = LinearForm(
        m: m, n: n, k: k, isTransposed: gemm.transposesB, alpha: gemm.alpha, addend: query.input(3) == nil ? nil : 3, activation: activation
      )
      return try LinearRows.linear(query, form, bias: bias.isEmpty ? nil : bias)
    }
    guard query.input(3) == nil else { return .declined("Z comes with a B that is no constant") }
    let (aColumns, bColumns) = (a[1], b[1])
    let isa = query.isa
    return .run(absorbedInputs: [2]) { call in
      let left = unsafe Matrix(call.input(0), rowStride: aColumns)
      let right = unsafe Matrix(call.input(1), rowStride: bColumns)
      unsafe bias.withUnsafeBufferPointer { row in
        unsafe OnyxKernels.Gemm.multiply(
          m: m, n: n, k: k, .matrix(gemm.transposesA ? left.transposed : left), .matrix(gemm.transposesB ? right.transposed : right),
          into: call.output(), rowStride: n,
          epilogue: .init(alpha: gemm.alpha, columnBias: row.isEmpty ? nil : row.baseAddress, activation: activation), isa: isa,
          pool: call.pool)
      }
    }
  }

  /// MatMul over any broadcast batch. A constant matrix without batch axes is packed and multiplies all rows of A at once.
  private static func batchedProduct(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape, y.elementCount > 0,
      a.elementCount > 0
    else { return .declined("something is empty") }
    let k = a[a.rank - 1]
    let n = b.rank == 1 ? 1 : b[b.rank - 1]
    let m = a.rank == 1 ? 1 : a[a.rank - 2]
    let isa = query.isa
    if b.rank <= 2 {
      let rows = a.elementCount / k
      if query.constant(1) != nil { return try LinearRows.linear(query, LinearForm(m: rows, n: n, k: k), bias: nil) }
      return .run { call in
        unsafe OnyxKernels.Gemm.multiply(
          m: rows, n: n, k: k, .matrix(Matrix(call.input(0), rowStride: k)), .matrix(Matrix(call.input(1), rowStride: n)),
          into: call.output(), rowStride: n, isa: isa, pool: call.pool)
      }
    }
    let layout = try MatrixProductLayout(a, b)
    let matrices = try layout.matrices()
    let (aOffsets, bOffsets) = (matrices.left.map { $0 * m * k }, matrices.right.map { $0 * k * n })
    let cOffsets = matrices.left.indices.map { $0 * m * n }
    return .run { call in
      unsafe OnyxKernels.Gemm.multiplyBatch(
        m: m, n: n, k: k, Matrix(call.input(0), rowStride: k), offsets: aOffsets, Matrix(call.input(1), rowStride: n), offsets: bOffsets,
        into: call.output(), offsets: cOffsets, rowStride: n, isa: isa, pool: call.pool)
    }
  }
}
