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

  static let matMul = KernelRow("matmul_f32_batched", ["MatMul"], .float32, batchedProduct).opened(openProduct)

  /// Gemm with any C, and a Z that is added where B is constant. A row that C is, constant or not, is added with the product; any
  /// other C behind it.
  private static func product(_ query: KernelQuery, _ gemm: OnyxOperators.Gemm, activation: Activation) throws(OnyxError) -> Preparation {
    guard let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape else {
      return .declined("an input is missing")
    }
    let (m, n) = (y[0], y[1])
    let k = a[gemm.transposesA ? 0 : 1]
    guard m > 0, n > 0, k > 0 else { return .declined("something is empty") }
    let fixed = try LinearForm.row(query, gemm, count: n)
    let isRowOfTheRun = fixed == nil && gemm.beta == 1 && query.input(2)?.shape.isRow(of: n) ?? false
    guard fixed != nil || isRowOfTheRun else {
      guard query.input(3) == nil else { return .declined(LinearForm.needsRow) }
      return try product(query.withoutInput(2), gemm, activation: .none).adding(beta: gemm.beta, query, activation)
    }
    let bias = fixed ?? []
    if query.constant(1) != nil && !gemm.transposesA {
      let form = LinearForm(
        m: m, n: n, k: k, isTransposed: gemm.transposesB, alpha: gemm.alpha, addend: query.input(3) == nil ? nil : 3, activation: activation
      )
      return try LinearRows.linear(query, form, bias: bias.isEmpty ? nil : bias, biasInput: isRowOfTheRun ? 2 : nil)
    }
    guard query.input(3) == nil else { return .declined("Z comes with a B that is no constant") }
    let (aColumns, bColumns) = (a[1], b[1])
    let isa = query.isa
    return .run(absorbedInputs: isRowOfTheRun ? [] : [2]) { call in
      let rowOfTheRun = unsafe isRowOfTheRun ? call.input(2, as: Float.self) : nil
      let left = unsafe Matrix(call.input(0), rowStride: aColumns)
      let right = unsafe Matrix(call.input(1), rowStride: bColumns)
      unsafe bias.withUnsafeBufferPointer { row in
        unsafe OnyxKernels.Gemm.multiply(
          m: m, n: n, k: k, .matrix(gemm.transposesA ? left.transposed : left), .matrix(gemm.transposesB ? right.transposed : right),
          into: call.output(), rowStride: n,
          epilogue: .init(alpha: gemm.alpha, columnBias: row.isEmpty ? rowOfTheRun : row.baseAddress, activation: activation), isa: isa,
          pool: call.pool)
      }
    }
  }

  /// MatMul over any broadcast batch. A constant matrix without batch axes is packed and multiplies all rows of A at once.
  private static func batchedProduct(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape, y.elementCount > 0,
      a.elementCount > 0
    else { return .declined("something is empty") }
    if b.rank <= 2, query.constant(1) != nil {
      let k = a[a.rank - 1]
      return try LinearRows.linear(query, LinearForm(m: a.elementCount / k, n: b.rank == 1 ? 1 : b[1], k: k), bias: nil)
    }
    return try batchedProduct(a, b, query.isa)
  }

  private static func openProduct(_ query: KernelQuery) throws(OnyxError) -> OpenKernel.Bind? {
    if query.constant(1) != nil { return try LinearRows.openMatMul(query) }
    let isa = query.isa
    return { (inputs) throws(OnyxError) in
      guard let a = inputs[0]?.shape, let b = inputs[1]?.shape, a.rank > 1, b.rank > 1, a.elementCount > 0, b.elementCount > 0,
        a[a.rank - 1] == b[b.rank - 2],
        let batch = try? Shape.broadcast([try Shape(Array(a.dropLast(2))), try Shape(Array(b.dropLast(2)))])
      else { return nil }
      let y = try Shape(batch.dimensions + [a[a.rank - 2], b[b.rank - 1]])
      return OpenKernel.Bound(y, try batchedProduct(a, b, isa))
    }
  }

  /// Of operands that have elements.
  private static func batchedProduct(_ a: Shape, _ b: Shape, _ isa: ISA) throws(OnyxError) -> Preparation {
    let k = a[a.rank - 1]
    let n = b.rank == 1 ? 1 : b[b.rank - 1]
    let m = a.rank == 1 ? 1 : a[a.rank - 2]
    if b.rank <= 2 {
      let rows = a.elementCount / k
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

extension Shape {
  /// Whether a tensor of this shape is one row of `count` elements, which every row of a matrix meets.
  fileprivate func isRow(of count: Int) -> Bool { elementCount == count && last == count }
}

extension Preparation {
  /// Adds beta · C, broadcast to the result, to a product without it, then applies the activation.
  fileprivate func adding(beta: Float, _ query: KernelQuery, _ activation: Activation) throws(OnyxError) -> Preparation {
    guard case .kernel(let product) = self, case .run(let body) = product.action else { return self }
    guard let c = query.input(2)?.shape, let y = query.outputs[0]?.shape else { return .declined("C or the output is missing") }
    let loops = BroadcastLoops(shape: Array(y), operands: [c.broadcastStrides(to: y)])
    let (count, step, isa) = (y.elementCount, loops.inner[0], query.isa)
    return .run(scratchByteCount: product.scratchByteCount, absorbedInputs: product.absorbedInputs.filter { $0 != 2 }) {
      (call) throws(OnyxError) in
      try body(call)
      let (target, c) = unsafe (call.output(0, as: Float.self), call.input(2, as: Float.self))
      loops.forEachRow(pool: call.pool, grain: 16384) { start, offsets, count in
        let (to, from) = unsafe (target + start, c + offsets[0])
        if step == 1 {
          for index in 0..<count { unsafe to[index] += beta * from[index] }
        } else {
          for index in 0..<count { unsafe to[index] += beta * from[index &* step] }
        }
      }
      unsafe activation.applyAny(call.output(), count: count, isa: isa, pool: call.pool)
    }
  }
}
