import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Float32 matrix products: Gemm and MatMul with a constant operand packed once, any strides, batches.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  static let matrixRows = [
    KernelRow("gemm_f32_packed", ["Gemm"]) { (query) throws(OnyxError) in
      guard let gemm = query.op as? OnyxOperators.Gemm else { return nil }
      return try product(query, gemm, activation: .none)
    },
    KernelRow("matmul_f32_batched", ["MatMul"]) { (query) throws(OnyxError) in try batchedProduct(query) },
  ]

  /// Gemm whose C is absent or a constant that broadcasts as one row, and whose Z is added where B is constant; other forms go on to the
  /// next row.
  static func product(_ query: KernelQuery, _ gemm: OnyxOperators.Gemm, activation: Activation) throws(OnyxError) -> PreparedKernel? {
    guard query.isAll(.float32), let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape else {
      return nil
    }
    let (m, n) = (y[0], y[1])
    let k = a[gemm.transposesA ? 0 : 1]
    guard m > 0, n > 0, k > 0 else { return nil }
    let hasBias = query.input(2) != nil && gemm.beta != 0
    var row: [Float] = []
    if hasBias {
      guard let c = query.constant(2), c.elementCount == 1 || c.elementCount == n && c.shape.last == n else { return nil }
      let values = try c.elements(as: Float.self).map { $0 * gemm.beta }
      row = values.count == n ? values : Array(repeating: values[0], count: n)
    }
    let bias = row
    if query.constant(1) != nil && !gemm.transposesA {
      let form = LinearForm(
        m: m, n: n, k: k, isTransposed: gemm.transposesB, alpha: gemm.alpha, addend: query.input(3) == nil ? nil : 3, activation: activation
      )
      return try linear(query, form, bias: hasBias ? bias : nil)
    }
    guard query.input(3) == nil else { return nil }
    let (aColumns, bColumns) = (a[1], b[1])
    let isa = query.isa
    return PreparedKernel(absorbedInputs: [2]) { call in
      let left = unsafe Matrix(call.input(0), rowStride: aColumns)
      let right = unsafe Matrix(call.input(1), rowStride: bColumns)
      unsafe bias.withUnsafeBufferPointer { row in
        unsafe OnyxRuntime.Gemm.multiply(
          m: m, n: n, k: k, .matrix(gemm.transposesA ? left.transposed : left), .matrix(gemm.transposesB ? right.transposed : right),
          into: call.output(), rowStride: n,
          epilogue: .init(alpha: gemm.alpha, columnBias: hasBias ? row.baseAddress : nil, activation: activation), isa: isa, pool: call.pool
        )
      }
    }
  }

  /// MatMul over any broadcast batch. A constant matrix without batch axes is packed and multiplies all rows of A at once.
  private static func batchedProduct(_ query: KernelQuery) throws(OnyxError) -> PreparedKernel? {
    guard query.isAll(.float32), let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape,
      y.elementCount > 0, a.elementCount > 0
    else { return nil }
    let k = a[a.rank - 1]
    let n = b.rank == 1 ? 1 : b[b.rank - 1]
    let m = a.rank == 1 ? 1 : a[a.rank - 2]
    let isa = query.isa
    if b.rank <= 2 {
      let rows = a.elementCount / k
      if query.constant(1) != nil { return try linear(query, LinearForm(m: rows, n: n, k: k), bias: nil) }
      return PreparedKernel { call in
        unsafe OnyxRuntime.Gemm.multiply(
          m: rows, n: n, k: k, .matrix(Matrix(call.input(0), rowStride: k)), .matrix(Matrix(call.input(1), rowStride: n)),
          into: call.output(),
          rowStride: n, isa: isa, pool: call.pool)
      }
    }
    let batch = try Shape.broadcast([try Shape(Array(a.dropLast(min(2, a.rank)))), try Shape(Array(b.dropLast(2)))])
    let aOffsets = batchOffsets(Array(a.dropLast(min(2, a.rank))), batch, size: m * k)
    let bOffsets = batchOffsets(Array(b.dropLast(2)), batch, size: k * n)
    let cOffsets = (0..<batch.elementCount).map { $0 * m * n }
    return PreparedKernel { call in
      unsafe OnyxRuntime.Gemm.multiplyBatch(
        m: m, n: n, k: k, Matrix(call.input(0), rowStride: k), offsets: aOffsets, Matrix(call.input(1), rowStride: n), offsets: bOffsets,
        into: call.output(), offsets: cOffsets, rowStride: n, isa: isa, pool: call.pool)
    }
  }

  /// Where each matrix of the broadcast batch starts, in elements.
  private static func batchOffsets(_ own: [Int], _ batch: Shape, size: Int) -> [Int] {
    let missing = batch.rank - own.count
    var strides = [Int](repeating: 0, count: batch.rank)
    var stride = size
    for axis in own.indices.reversed() {
      strides[missing + axis] = own[axis] == 1 ? 0 : stride
      stride *= own[axis]
    }
    return (0..<batch.elementCount).map { index in
      var rest = index
      var offset = 0
      for axis in batch.indices.reversed() {
        offset += rest % batch[axis] * strides[axis]
        rest /= batch[axis]
      }
      return offset
    }
  }
}
