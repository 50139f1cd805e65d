import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// MatMul and Gemm of float64 and of integers, which wrap.
///
/// SAFETY: see `KernelCall`.
enum TypedProductRows {
  private static let types: Set<ElementType> = [.float64, .int32, .uint32, .int64, .uint64]

  static let matMul = KernelRow("matmul_typed", ["MatMul"], .everywhere(types)) { (query) throws(OnyxError) in
    guard let a = query.input(0), let b = query.input(1), let y = query.outputs[0], y.shape.elementCount > 0 else {
      return .declined("something is empty")
    }
    let layout = try MatrixProductLayout(a.shape, b.shape)
    var (rows, columns, depth) = (layout.rows, layout.columns, layout.depth)
    var matrices = try layout.matrices()
    if b.shape.rank <= 2 {
      // All rows of the left are multiplied by one matrix.
      rows = y.shape.elementCount / columns
      matrices = ([0], [0])
    }
    var product = TypedProduct(
      rows: rows, columns: columns, depth: depth,
      left: .init(rowStride: depth, columnStride: 1, offsets: matrices.left.map { $0 * rows * depth }),
      right: .init(rowStride: columns, columnStride: 1, offsets: matrices.right.map { $0 * depth * columns }),
      resultOffsets: matrices.left.indices.map { $0 * rows * columns }, resultStride: columns, type: type(a.elementType),
      width: a.elementType.byteWidth, isa: query.isa)
    product.keepRight(1, of: query)
    guard let scratch = product.scratchByteCount else { return .declined("the packed matrix would not fit in memory") }
    return .run(scratchByteCount: scratch) { [product] call in
      unsafe product.run(call.bytes(0), call.bytes(1), call.outputBytes(), scratch: call.scratch, pool: call.pool)
    }
  }

  static let gemm = KernelRow("gemm_typed", ["Gemm"], .everywhere(types)) { (gemm: OnyxOperators.Gemm, query) throws(OnyxError) in
    guard let a = query.input(0), let b = query.input(1), let y = query.outputs[0], y.shape.elementCount > 0 else {
      return .declined("something is empty")
    }
    guard a.elementType == .float64 || gemm.alpha == 1 && gemm.beta == 1 else { return .declined("integers are scaled by alpha or beta") }
    let (rows, columns, depth) = (y.shape[0], y.shape[1], a.shape[gemm.transposesA ? 0 : 1])
    var product = TypedProduct(
      rows: rows, columns: columns, depth: depth,
      left: .init(rowStride: gemm.transposesA ? 1 : depth, columnStride: gemm.transposesA ? rows : 1, offsets: [0]),
      right: .init(rowStride: gemm.transposesB ? 1 : columns, columnStride: gemm.transposesB ? depth : 1, offsets: [0]),
      resultOffsets: [0], resultStride: columns, type: type(a.elementType), width: a.elementType.byteWidth, isa: query.isa)
    product.keepRight(1, of: query)
    guard let scratch = product.scratchByteCount else { return .declined("the packed matrix would not fit in memory") }
    let addend = query.input(2).map { BroadcastLoops(shape: Array(y.shape), operands: [$0.shape.broadcastStrides(to: y.shape)]) }
    let (type, alpha, beta) = (a.elementType, Double(gemm.alpha), Double(gemm.beta))
    return .run(scratchByteCount: scratch) { [product] call in
      unsafe product.run(call.bytes(0), call.bytes(1), call.outputBytes(), scratch: call.scratch, pool: call.pool)
      switch type {
      case .float64:
        // A factor of what is not there must not turn an infinity into NaN.
        let isAdded = addend != nil && beta != 0
        finish(call, addend, alpha == 1 ? 0 : rows * columns, Double.self) { product, c in
          isAdded ? alpha * product + beta * c : alpha * product
        }
      case .int32, .uint32: finish(call, addend, 0, UInt32.self) { $0 &+ $1 }
      default: finish(call, addend, 0, UInt64.self) { $0 &+ $1 }
      }
    }
  }

  static func type(_ type: ElementType) -> Int {
    switch type {
    case .float64: Int(ONYX_TYPED_GEMM_F64)
    case .int32, .uint32: Int(ONYX_TYPED_GEMM_I32)
    default: Int(ONYX_TYPED_GEMM_I64)
    }
  }

  /// Combines the product in the output with input 2, or the first `scaled` elements with zero when there is none.
  private static func finish<T: BitwiseCopyable & Numeric>(
    _ call: borrowing KernelCall, _ addend: BroadcastLoops?, _ scaled: Int, _ element: T.Type, _ function: @Sendable (T, T) -> T
  ) {
    let y = unsafe call.output(0, as: T.self)
    guard let addend else {
      for index in 0..<scaled { unsafe y[index] = function(y[index], 0) }
      return
    }
    let c = unsafe call.input(2, as: T.self)
    let step = addend.inner[0]
    addend.forEachRow(pool: call.pool, grain: 16384) { target, offsets, count in
      for index in 0..<count { unsafe y[target + index] = function(y[target + index], c[offsets[0] + index * step]) }
    }
  }
}
