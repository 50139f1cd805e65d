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

  /// Gemm whose C is absent or a constant that broadcasts as one row; other forms of C go to the reference.
  static func product(_ query: KernelQuery, _ gemm: OnyxOperators.Gemm, activation: Activation) throws(OnyxError) -> PreparedKernel? {
    guard query.isAll(.float32), let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape else { return nil }
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
    let (aColumns, bColumns) = (a[1], b[1])
    let packed = query.constant(1).map { columns(of: $0, rowStride: bColumns, isTransposed: gemm.transposesB, depth: k, lanes: n, query) }
    let isa = query.isa
    return PreparedKernel(absorbedInputs: packed == nil ? [2] : [1, 2]) { call in
      let left = unsafe Matrix(call.input(0), rowStride: aColumns)
      unsafe bias.withUnsafeBufferPointer { row in
        unsafe OnyxRuntime.Gemm.multiply(
          m: m, n: n, k: k, .matrix(gemm.transposesA ? left.transposed : left),
          packed.map { .packed($0) } ?? .matrix(Self.right(call, bColumns, gemm.transposesB)), into: call.output(), rowStride: n,
          epilogue: .init(alpha: gemm.alpha, columnBias: hasBias ? row.baseAddress : nil, activation: activation), isa: isa, pool: call.pool)
      }
    }
  }

  /// A constant right operand [depth, lanes], or its transpose, packed once for the session.
  private static func columns(
    of constant: Tensor, rowStride: Int, isTransposed: Bool, depth: Int, lanes: Int, _ query: KernelQuery
  ) -> PackedMatrix {
    let isa = query.isa
    let count = PackedMatrix.floatCount(.columns, lanes: lanes, depth: depth, isa: isa)
    let floats = unsafe query.packedFloats("columns_f32_\(isa.name)_\(isTransposed)", count: count, from: [constant]) { target, sources, pool in
      let matrix = unsafe Matrix(sources[0], rowStride: rowStride)
      unsafe PackedMatrix.pack(.columns, isTransposed ? matrix.transposed : matrix, lanes: lanes, depth: depth, isa: isa, into: target, pool)
    }
    return PackedMatrix(.columns, lanes: lanes, depth: depth, isa: isa, in: floats)
  }

  private static func right(_ call: borrowing KernelCall, _ columns: Int, _ isTransposed: Bool) -> Matrix {
    let matrix = unsafe Matrix(call.input(1), rowStride: columns)
    return isTransposed ? matrix.transposed : matrix
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
      let packed = query.constant(1).map { columns(of: $0, rowStride: n, isTransposed: false, depth: k, lanes: n, query) }
      return PreparedKernel(absorbedInputs: packed == nil ? [] : [1]) { call in
        unsafe OnyxRuntime.Gemm.multiply(
          m: rows, n: n, k: k, .matrix(Matrix(call.input(0), rowStride: k)),
          packed.map { .packed($0) } ?? .matrix(Matrix(call.input(1), rowStride: n)), into: call.output(), rowStride: n, isa: isa, pool: call.pool)
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
