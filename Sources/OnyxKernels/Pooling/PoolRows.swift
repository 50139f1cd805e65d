import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Pools of float32, and MaxPool of every type with and without indices.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  static let poolRows = [
    KernelRow("max_pool_f32", ["MaxPool"]) { (query) throws(OnyxError) in
      guard let op = query.op as? MaxPool, query.outputs.count == 1 else { return nil }
      return try pool(query, op.window, .max)
    },
    KernelRow("max_pool_generic", ["MaxPool"]) { (query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .float32: try maximum(query, Float.self)
      case .float64: try maximum(query, Double.self)
      case .float16: try maximum(query, Float16.self)
      case .int8: try maximum(query, Int8.self)
      case .uint8: try maximum(query, UInt8.self)
      default: nil
      }
    },
    KernelRow("average_pool_f32", ["AveragePool"]) { (query) throws(OnyxError) in
      guard let op = query.op as? AveragePool else { return nil }
      return try pool(query, op.window, .average(countsPadding: op.countIncludePad))
    },
    KernelRow("global_pool_f32", ["GlobalAveragePool", "GlobalMaxPool"]) { (query) throws(OnyxError) in
      guard let op = query.op as? GlobalPool, query.isAll(.float32), let x = query.input(0)?.shape, x.rank > 2 else { return nil }
      let kind: Reduce.Kind
      switch op.kind {
      case .average: kind = .mean
      case .max: kind = .max
      case .norm: return nil
      }
      return reduction(kind, shape: Array(x), reduced: x.indices.map { $0 >= 2 }, query.isa)
    },
  ]

  private static func pool(_ query: KernelQuery, _ window: WindowAttributes, _ kind: Pooling.Kind) throws(OnyxError) -> PreparedKernel? {
    guard query.isAll(.float32), let x = query.input(0)?.shape, x.elementCount > 0 else { return nil }
    let geometry = try window.poolGeometry(input: x)
    guard let extents = WindowExtents(geometry) else { return nil }
    let pooling = Pooling(kind, geometry: extents, isa: query.isa)
    let planes = x[0] * x[1]
    return PreparedKernel { call in unsafe pooling.run(call.input(0), call.output(), planes: planes, pool: call.pool) }
  }

  private static func maximum<T: MaximumElement>(_ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> PreparedKernel? {
    guard let op = query.op as? MaxPool, let x = query.input(0)?.shape, query.outputs[0] != nil else { return nil }
    let geometry = try op.window.poolGeometry(input: x)
    guard let maximum = WindowMaximum(geometry, columnMajorIndices: op.columnMajorIndices) else { return nil }
    let planes = x[0] * x[1]
    let hasIndices = query.outputs.count > 1 && query.outputs[1] != nil
    return PreparedKernel { call in
      unsafe maximum.run(
        call.input(0, as: T.self), call.output(0), hasIndices ? call.output(1, as: Int64.self) : nil, planes: planes, pool: call.pool)
    }
  }

  static func reduction(_ kind: Reduce.Kind, shape: [Int], reduced: [Bool], _ isa: ISA) -> PreparedKernel {
    PreparedKernel { call in
      unsafe Reduce.run(kind, call.input(0), call.output(), shape: shape, reduced: reduced, isa: isa, pool: call.pool)
    }
  }
}
