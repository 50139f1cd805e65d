import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 reductions over constant axes, global pools among them.
///
/// SAFETY: see `KernelCall`.
enum ReductionRows {
  private static let kinds: [(String, Reduce.Kind)] = [
    ("ReduceSum", .sum), ("ReduceMean", .mean), ("ReduceMax", .max), ("ReduceMin", .min), ("ReduceProd", .product), ("ReduceL1", .sumAbs),
    ("ReduceL2", .l2), ("ReduceSumSquare", .sumSquare), ("ReduceLogSum", .logSum), ("ReduceLogSumExp", .logSumExp),
  ]

  static let all = kinds.map { (name, kind) in
    KernelRow(KernelRow.name(of: name, "f32"), [name], .input(0, [.float32])) { (op: OnyxOperators.Reduction, query) throws(OnyxError) in
      guard let x = query.input(0), x.shape.elementCount > 0 else { return .declined("the input is empty") }
      guard query.isFixed(1) else { return .declined("the axes are only known in the run") }
      var axes: [Int] = []
      for axis in try query.constant(1)?.ints() ?? [] { axes.append(try Shape.normalize(axis: axis, rank: x.shape.rank)) }
      if axes.isEmpty {
        guard !op.isNoopWithoutAxes else { return .declined("nothing is reduced") }
        axes = Array(0..<x.shape.rank)
      }
      return reduce(kind, shape: Array(x.shape), reduced: x.shape.indices.map { axes.contains($0) }, query.isa)
    }
  }

  static let globalPool = KernelRow(
    "global_pool_f32", ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"], .float32
  ) { (op: GlobalPool, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, x.rank > 2 else { return .declined("there are no spatial axes") }
    guard let kind = op.kind.reduction else { return .declined("the norm is neither of first nor of second order") }
    return reduce(kind, shape: Array(x), reduced: x.indices.map { $0 >= 2 }, query.isa)
  }

  private static func reduce(_ kind: Reduce.Kind, shape: [Int], reduced: [Bool], _ isa: ISA) -> Preparation {
    .run { call in unsafe Reduce.run(kind, call.input(0), call.output(), shape: shape, reduced: reduced, isa: isa, pool: call.pool) }
  }
}

extension GlobalPool.Kind {
  /// What it does over all spatial axes; nil for norms of other orders.
  var reduction: Reduce.Kind? {
    switch self {
    case .average: .mean
    case .max: .max
    case .norm(p: 1): .sumAbs
    case .norm(p: 2): .l2
    case .norm: nil
    }
  }
}
