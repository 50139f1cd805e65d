import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Pools of float32, and MaxPool of several types with and without indices.
///
/// SAFETY: see `KernelCall`.
enum PoolRows {
  static let max = KernelRow("max_pool_f32", ["MaxPool"], .float32) { (op: MaxPool, query) throws(OnyxError) in
    guard query.outputs.count == 1 else { return .declined("indices are asked for") }
    return try pool(query, op.window, .max)
  }

  static let maxGeneric = KernelRow(
    "max_pool_generic", ["MaxPool"], .input(0, [.float32, .float64, .float16, .int8, .uint8])
  ) { (op: MaxPool, query) throws(OnyxError) in
    switch query.input(0)?.elementType {
    case .float32: try maximum(op, query, Float.self)
    case .float64: try maximum(op, query, Double.self)
    case .float16: try maximum(op, query, Float16.self)
    case .int8: try maximum(op, query, Int8.self)
    default: try maximum(op, query, UInt8.self)
    }
  }

  static let maxBytes = KernelRow("max_pool_int8", ["MaxPool"], .bytes) { (op: MaxPool, query) throws(OnyxError) in
    guard query.outputs.count == 1 else { return .declined("indices are asked for") }
    guard let x = query.input(0), x.shape.elementCount > 0 else { return .declined("the input is empty") }
    guard let maximum = ByteMaximum(try op.window.poolGeometry(input: x.shape)) else { return .declined(WindowExtents.outOfProportion) }
    let planes = x.shape[0] * x.shape[1]
    if x.elementType == .int8 {
      return .run { call in unsafe maximum.runSigned(call.input(0), call.output(), planes: planes, pool: call.pool) }
    }
    return .run { call in unsafe maximum.runUnsigned(call.input(0), call.output(), planes: planes, pool: call.pool) }
  }

  static let average = KernelRow("average_pool_f32", ["AveragePool"], .float32) { (op: AveragePool, query) throws(OnyxError) in
    try pool(query, op.window, .average(countsPadding: op.countIncludePad))
  }

  static let blockedMax = KernelRow(
    "blocked_max_pool_f32", ["BlockedMaxPool"], domain: "onyx", .float32
  ) { (op: BlockedPool, query) throws(OnyxError) in try blockedPool(op, query, .max) }

  static let blockedAverage = KernelRow(
    "blocked_average_pool_f32", ["BlockedAveragePool"], domain: "onyx", .float32
  ) { (op: BlockedPool, query) throws(OnyxError) in
    guard let pool = op.pool as? AveragePool else { return .declined("it is no average") }
    return try blockedPool(op, query, .average(countsPadding: pool.countIncludePad))
  }

  private static func pool(_ query: KernelQuery, _ window: WindowAttributes, _ kind: Pooling.Kind) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.elementCount > 0 else { return .declined("the input is empty") }
    guard let extents = WindowExtents(try window.poolGeometry(input: x)) else { return .declined(WindowExtents.outOfProportion) }
    let pooling = Pooling(kind, geometry: extents, isa: query.isa)
    let planes = x[0] * x[1]
    return .run { call in unsafe pooling.run(call.input(0), call.output(), planes: planes, pool: call.pool) }
  }

  private static func maximum<T: MaximumElement>(_ op: MaxPool, _ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> Preparation {
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
