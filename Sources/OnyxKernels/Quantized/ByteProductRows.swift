import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Matrix products of bytes: a constant right factor packed once, or batches of two runtime factors.
///
/// SAFETY: see `KernelCall`.
enum ByteProductRows {
  static let quantizedGemm = KernelRow(
    "quantized_gemm_int8_packed", ["QuantizedGemm"], domain: "onyx", .bytes
  ) { (gemm: QuantizedGemm, query) throws(OnyxError) in
    guard let scales = try query.scales(1, 4), let n = query.outputs[0]?.shape.last, query.isFixed(8) else {
      return .declined(needsNumbers)
    }
    var epilogue = ByteEpilogue(query.outputs[0]?.elementType == .float32 ? .floats : .bytes)
    epilogue.columnScale = spread(scales, n)
    if let addend = try query.constant(8)?.elements(as: Float.self) { epilogue.columnShift = spread(addend, n) }
    if epilogue.kind == .bytes {
      guard let scale = try query.constant(6)?.elements(as: Float.self).first, try epilogue.setOutput(query, zeroPoint: 7) else {
        return .declined(needsNumbers)
      }
      epilogue.divisor = scale
    }
    return try constantProduct(query, b: 3, zeroPoints: (2, 5), transposesB: gemm.transposesB, epilogue)
  }

  static let qLinear = KernelRow("qlinear_matmul_int8", ["QLinearMatMul"], .bytes) { (query) throws(OnyxError) in
    guard let types = query.allInputs?.map(\.elementType), types.count == 8, [1, 4, 6].allSatisfy({ types[$0] == .float32 }),
      [0, 2, 3, 5, 7].allSatisfy({ ServedElements.bytes.types.contains(types[$0]) })
    else { return .declined("scales are no float32, or operands no bytes") }
    guard query.input(1)?.shape.elementCount == 1, query.input(6)?.shape.elementCount == 1,
      let left = try query.constant(1)?.elements(as: Float.self).first, let own = try query.constant(6)?.elements(as: Float.self).first,
      let right = try query.constant(4)?.elements(as: Float.self), let n = query.outputs[0]?.shape.last
    else { return .declined(needsNumbers) }
    var epilogue = ByteEpilogue(.bytes)
    let factors = right.map { left * $0 / own }
    guard factors.count == 1 || factors.count == n, factors.allSatisfy({ $0.isFinite }), try epilogue.setOutput(query, zeroPoint: 7)
    else { return .declined(needsNumbers) }
    epilogue.columnScale = spread(factors, n)
    return try query.input(3)?.shape.rank == 2 && query.constant(3) != nil
      ? constantProduct(query, b: 3, zeroPoints: (2, 5), transposesB: false, epilogue)
      : batchedProduct(query, b: 3, zeroPoints: (2, 5), epilogue)
  }

  static let integer = KernelRow("matmul_integer_int8", ["MatMulInteger"], .bytes) { (query) throws(OnyxError) in
    try query.input(1)?.shape.rank == 2 && query.constant(1) != nil
      ? constantProduct(query, b: 1, zeroPoints: (2, 3), transposesB: false, ByteEpilogue(.sums))
      : batchedProduct(query, b: 1, zeroPoints: (2, 3), ByteEpilogue(.sums))
  }

  private static let needsNumbers = "scales, zero points or addend are no constants, or not finite"

  /// One number for each of `count` columns.
  private static func spread(_ values: [Float], _ count: Int) -> [Float] {
    values.count == 1 ? Array(repeating: values[0], count: count) : values
  }

  /// All rows of A times a constant matrix.
  private static func constantProduct(
    _ query: KernelQuery, b: Int, zeroPoints: (a: Int, b: Int), transposesB: Bool, _ epilogue: ByteEpilogue
  ) throws(OnyxError) -> Preparation {
    guard let a = query.input(0), let weights = query.constant(b), a.shape.rank >= 2, weights.shape.rank == 2, weights.elementCount > 0,
      a.shape.elementCount > 0, let k = a.shape.last, k < 1 << 16, query.input(zeroPoints.a).map({ $0.shape.elementCount == 1 }) ?? true,
      query.isFixed(zeroPoints.b)
    else { return .declined("B or its zero point is no constant, something is empty, or k is 65536 or more") }
    let n = weights.elementCount / k
    let signedB = weights.elementType == .int8
    let points = try query.constant(zeroPoints.b)?.integers().map { Int32($0) } ?? [0]
    guard points.count == 1 || points.count == n else { return .declined("the zero points of B are not one for each column") }
    let shifted = points.map { signedB ? $0 : $0 - 128 }
    let isa = query.isa
    let packed = try query.packed("matmul_int8_\(isa.mask)") { (_) throws(OnyxError) in
      try unsafe weights.withUnalignedBytes { (bytes) throws(OnyxError) in
        let base = unsafe bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
        return try unsafe PackedBytes(
          .columns, base, laneStride: transposesB ? k : 1, depthStride: transposesB ? 1 : n, lanes: n, depth: k, flips: !signedB,
          isSigned: true,
          isa: isa)
      }
    }
    let signedA = a.elementType == .int8
    let product = ByteProduct(
      m: a.shape.elementCount / k, n: n, k: k, isSigned: signedA,
      columnZeroPoints: shifted.allSatisfy { $0 == 0 } ? [] : shifted.count == 1 ? Array(repeating: shifted[0], count: n) : shifted,
      isa: isa)
    let fixedPoint = try query.constant(zeroPoints.a)?.integers().first.map { Int32($0) } ?? (query.input(zeroPoints.a) == nil ? 0 : nil)
    let fixedBias = fixedPoint.map { point in unsafe packed.sums.withUnsafeBufferPointer { unsafe product.columnBias($0, zeroPoint: point) }
    }
    return .run(absorbedInputs: [b, zeroPoints.b]) { call in
      var epilogue = epilogue
      if let fixedBias {
        epilogue.columnBias = fixedBias
      } else {
        let point = unsafe ByteEpilogue.byte(call.optionalInput(zeroPoints.a), isSigned: signedA)
        epilogue.columnBias = unsafe packed.sums.withUnsafeBufferPointer { unsafe product.columnBias($0, zeroPoint: point) }
      }
      unsafe product.run(call.input(0), columns: packed.base, into: call.output(), epilogue: epilogue, pool: call.pool)
    }
  }

  /// A batch of products of two runtime matrices with one zero point each.
  private static func batchedProduct(_ query: KernelQuery, b: Int, zeroPoints: (a: Int, b: Int), _ epilogue: ByteEpilogue) throws(OnyxError)
    -> Preparation
  {
    guard let a = query.input(0), let right = query.input(b), a.shape.rank >= 2, right.shape.rank >= 2, let output = query.outputs[0],
      output.shape.elementCount > 0, a.shape.elementCount > 0
    else { return .declined("something is empty or a vector") }
    guard [zeroPoints.a, zeroPoints.b].allSatisfy({ query.input($0).map { $0.shape.elementCount == 1 } ?? true }) else {
      return .declined("a matrix has several zero points")
    }
    let layout = try MatrixProductLayout(a.shape, right.shape)
    guard layout.depth < 1 << 16 else { return .declined("k is 65536 or more") }
    let matrices = try layout.matrices()
    let batch = ByteProductBatch(
      m: layout.rows, n: layout.columns, k: layout.depth, signedA: a.elementType == .int8, signedB: right.elementType == .int8,
      left: matrices.left,
      right: matrices.right, isa: query.isa)
    return .run { call in
      let aPoint = unsafe ByteEpilogue.byte(call.optionalInput(zeroPoints.a), isSigned: batch.signedA)
      let bPoint = unsafe ByteEpilogue.byte(call.optionalInput(zeroPoints.b), isSigned: batch.signedB)
      unsafe batch.run(call.input(0), aPoint, call.input(b), bPoint, into: call.output(), epilogue: epilogue, pool: call.pool)
    }
  }
}

extension KernelQuery {
  /// Products of a constant scale with one or more others; nil unless all are constants and finite.
  fileprivate func scales(_ one: Int, _ other: Int) throws(OnyxError) -> [Float]? {
    guard let first = try constant(one)?.elements(as: Float.self).first, let rest = try constant(other)?.elements(as: Float.self) else {
      return nil
    }
    let products = rest.map { first * $0 }
    return products.allSatisfy { $0.isFinite } ? products : nil
  }
}

extension ByteEpilogue {
  /// Takes the output's zero point and sign; false when they are not one constant.
  fileprivate mutating func setOutput(_ query: KernelQuery, zeroPoint: Int) throws(OnyxError) -> Bool {
    guard let tensor = query.constant(zeroPoint), tensor.elementCount == 1, let point = try tensor.integers().first else { return false }
    self.zeroPoint = Int32(point)
    isSigned = tensor.elementType == .int8
    return true
  }
}
