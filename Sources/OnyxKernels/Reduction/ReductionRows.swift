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

  static let all = floats + halves

  private static let floats = kinds.map { (name, kind) in
    KernelRow(KernelRow.name(of: name, "f32"), [name], .input(0, [.float32])) { (op: OnyxOperators.Reduction, query) throws(OnyxError) in
      guard let x = query.input(0), x.shape.elementCount > 0 else { return .declined("the input is empty") }
      guard query.isFixed(1) else { return .declined("the axes are only known in the run") }
      guard let reduced = try axes(op, x.shape, query.constant(1)) else { return .declined("nothing is reduced") }
      return reduce(kind, shape: x.shape.dimensions, reduced: reduced, query.isa)
    }.opened { (query) throws(OnyxError) in
      guard let op = query.op as? OnyxOperators.Reduction, let x = query.input(0)?.shape, query.isFixed(1),
        let reduced = try axes(op, x, query.constant(1))
      else { return nil }
      let (rank, keepsAxes, isa) = (x.rank, op.keepsAxes, query.isa)
      return { (inputs) throws(OnyxError) in
        guard let x = inputs[0]?.shape, x.rank == rank, x.elementCount > 0 else { return nil }
        var kept: [Int] = []
        kept.reserveCapacity(rank)
        for axis in 0..<rank where !reduced[axis] || keepsAxes { kept.append(reduced[axis] ? 1 : x[axis]) }
        return OpenKernel.Bound(try Shape(kept), reduce(kind, shape: x.dimensions, reduced: reduced, isa))
      }
    }
  }

  private static let halves = kinds.map { (name, kind) in
    KernelRow(KernelRow.name(of: name, "half"), [name], .input(0, [.float16, .bfloat16])) {
      (op: OnyxOperators.Reduction, query) throws(OnyxError) in
      guard let x = query.input(0), x.shape.elementCount > 0 else { return .declined("the input is empty") }
      guard query.isFixed(1) else { return .declined("the axes are only known in the run") }
      guard let reduced = try axes(op, x.shape, query.constant(1)) else { return .declined("nothing is reduced") }
      guard let reduction = HalfReduction(kind, x.elementType, shape: Array(x.shape), reduced: reduced, isa: query.isa) else {
        return .declined("there are no conversions")
      }
      return .run(scratchByteCount: reduction.scratchByteCount) { call in
        unsafe reduction.run(call.bytes(0), call.outputBytes(), scratch: call.scratch, pool: call.pool)
      }
    }
  }

  /// Which axes are reduced; nil when none is, and that is meant.
  private static func axes(_ op: OnyxOperators.Reduction, _ shape: Shape, _ constant: Tensor?) throws(OnyxError) -> [Bool]? {
    var axes: Set<Int> = []
    for axis in try constant?.ints() ?? [] { axes.insert(try Shape.normalize(axis: axis, rank: shape.rank)) }
    if axes.isEmpty {
      guard !op.isNoopWithoutAxes else { return nil }
      axes = Set(shape.indices)
    }
    return shape.indices.map { axes.contains($0) }
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
