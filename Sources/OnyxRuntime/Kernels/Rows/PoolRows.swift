import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Float32 pools. MaxPool with indices goes to the reference.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  static let poolRows = [
    KernelRow("max_pool_f32", ["MaxPool"]) { (query) throws(OnyxError) in
      guard let op = query.op as? MaxPool, query.outputs.count == 1 else { return nil }
      return try pool(query, op.window, .max)
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

  static func reduction(_ kind: Reduce.Kind, shape: [Int], reduced: [Bool], _ isa: ISA) -> PreparedKernel {
    PreparedKernel { call in
      unsafe Reduce.run(kind, call.input(0), call.output(), shape: shape, reduced: reduced, isa: isa, pool: call.pool)
    }
  }
}
