import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Pools of floats, and MaxPool of several types with and without indices.
///
/// SAFETY: see `KernelCall`.
enum PoolRows {
  static let all =
    [
      KernelRow("max_pool_f32", ["MaxPool"], .input(0, [.float32])) { (op: MaxPool, query) throws(OnyxError) in
        try maximum(op, query, Float.self)
      },
      KernelRow("max_pool_f64", ["MaxPool"], .input(0, [.float64])) { (op: MaxPool, query) throws(OnyxError) in
        try maximum(op, query, Double.self)
      },
      maxBytes, maxGeneric,
      KernelRow("average_pool_f32", ["AveragePool"], .float32) { (op: AveragePool, query) throws(OnyxError) in
        try mean(op, query, Float.self)
      },
      KernelRow("average_pool_f64", ["AveragePool"], .everywhere([.float64])) { (op: AveragePool, query) throws(OnyxError) in
        try mean(op, query, Double.self)
      },
      KernelRow("lp_pool_windows", ["LpPool"], .input(0, [.float32, .float64, .float16, .bfloat16])) {
        (op: LpPool, query) throws(OnyxError) in
        switch query.input(0)?.elementType {
        case .float32: try norm(op, query, Float.self)
        case .float64: try norm(op, query, Double.self)
        case .float16: try norm(op, query, Float16.self)
        default: try norm(op, query, BFloat16.self)
        }
      },
      blockedMax, blockedAverage,
    ]

  private static let isEmpty = "the input or the output is empty"

  /// The planes of a pool that has something to do; nil for others.
  private static func planes(_ query: KernelQuery) -> (shape: Shape, count: Int)? {
    guard let x = query.input(0)?.shape, x.elementCount > 0, let y = query.outputs[0], y.shape.elementCount > 0 else { return nil }
    return (x, x[0] * x[1])
  }

  private static func maximum<T: LayerElement>(_ op: MaxPool, _ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> Preparation {
    guard query.outputs.count == 1 else { return .declined("indices are asked for") }
    guard let planes = planes(query) else { return .declined(isEmpty) }
    guard let fold = WindowFold(.max, try op.window.poolGeometry(input: planes.shape), isa: query.isa) else {
      return .declined(WindowExtents.outOfProportion)
    }
    return .run { call in
      unsafe fold.run(call.input(0, as: T.self), call.output(), planes: planes.count, pool: call.pool) { _, _, _ in }
    }
  }

  private static func mean<T: LayerElement>(_ op: AveragePool, _ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> Preparation {
    guard let planes = planes(query) else { return .declined(isEmpty) }
    let geometry = try op.window.poolGeometry(input: planes.shape)
    guard let mean = WindowMean<T>(geometry, countsPadding: op.countIncludePad, isa: query.isa) else {
      return .declined(WindowExtents.outOfProportion)
    }
    return .run(tableByteCount: mean.tableByteCount) { call in
      unsafe mean.run(call.input(0), call.output(), planes: planes.count, pool: call.pool)
    }
  }

  private static func norm<T: RealElement>(_ op: LpPool, _ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> Preparation {
    guard let planes = planes(query) else { return .declined(isEmpty) }
    guard let norm = WindowNorm(try op.window.poolGeometry(input: planes.shape), p: op.p, isa: query.isa) else {
      return .declined(WindowExtents.outOfProportion)
    }
    return .run { call in unsafe norm.run(call.input(0, as: T.self), call.output(), planes: planes.count, pool: call.pool) }
  }

  private static let maxGeneric = KernelRow(
    "max_pool_generic", ["MaxPool"], .input(0, [.float32, .float64, .float16, .int8, .uint8])
  ) { (op: MaxPool, query) throws(OnyxError) in
    switch query.input(0)?.elementType {
    case .float32: try places(op, query, Float.self)
    case .float64: try places(op, query, Double.self)
    case .float16: try places(op, query, Float16.self)
    case .int8: try places(op, query, Int8.self)
    default: try places(op, query, UInt8.self)
    }
  }

  private static let maxBytes = KernelRow("max_pool_int8", ["MaxPool"], .bytes) { (op: MaxPool, query) throws(OnyxError) in
    guard query.outputs.count == 1 else { return .declined("indices are asked for") }
    guard let x = query.input(0), x.shape.elementCount > 0 else { return .declined("the input is empty") }
    guard let maximum = ByteMaximum(try op.window.poolGeometry(input: x.shape)) else { return .declined(WindowExtents.outOfProportion) }
    let planes = x.shape[0] * x.shape[1]
    if x.elementType == .int8 {
      return .run { call in unsafe maximum.runSigned(call.input(0), call.output(), planes: planes, pool: call.pool) }
    }
    return .run { call in unsafe maximum.runUnsigned(call.input(0), call.output(), planes: planes, pool: call.pool) }
  }

  private static let blockedMax = KernelRow(
    "blocked_max_pool_f32", ["BlockedMaxPool"], domain: "onyx", .float32
  ) { (op: BlockedPool, query) throws(OnyxError) in try blockedPool(op, query, .max) }

  private static let blockedAverage = KernelRow(
    "blocked_average_pool_f32", ["BlockedAveragePool"], domain: "onyx", .float32
  ) { (op: BlockedPool, query) throws(OnyxError) in
    guard let pool = op.pool as? AveragePool else { return .declined("it is no average") }
    return try blockedPool(op, query, .average(countsPadding: pool.countIncludePad))
  }

  private static func places<T: MaximumElement>(_ op: MaxPool, _ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, query.outputs[0] != nil else { return .declined("the values are not asked for") }
    let geometry = try op.window.poolGeometry(input: x)
    guard let maximum = WindowMaximum(geometry, columnMajorIndices: op.columnMajorIndices) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let planes = x[0] * x[1]
    let hasIndices = query.outputs.count > 1 && query.outputs[1] != nil
    return .run { call in
      unsafe maximum.run(
        call.input(0, as: T.self), call.output(0), hasIndices ? call.output(1, as: Int64.self) : nil, planes: planes, pool: call.pool)
    }
  }

  private static func blockedPool(_ op: BlockedPool, _ query: KernelQuery, _ kind: Pooling.Kind) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank == 5, x.elementCount > 0 else { return .declined("the input is empty or not blocked") }
    let plain = try Shape([x[0], x[1] * ChannelBlocks.size, x[2], x[3]])
    guard let geometry = WindowExtents(try op.window.poolGeometry(input: plain)),
      let pooling = try BlockedPooling(kind, geometry: geometry, isa: query.isa)
    else { return .declined(WindowExtents.outOfProportion) }
    let planes = x[0] * x[1]
    return .run { call in unsafe pooling.run(call.input(0), call.output(), planes: planes, pool: call.pool) }
  }
}
