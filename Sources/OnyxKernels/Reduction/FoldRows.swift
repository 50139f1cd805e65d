import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reductions of float64, integers and bools over constant axes. Integer sums, products and norms wrap and round as the reference's.
///
/// SAFETY: see `KernelCall`.
enum FoldRows {
  private static let wide: Set<ElementType> = [.float64, .int32, .int64, .uint32, .uint64]
  private static let extremes = wide.union([.int8, .uint8, .bool])

  static let all =
    [
      ("ReduceSum", Reduce.Kind.sum, wide), ("ReduceMean", .mean, wide), ("ReduceProd", .product, wide), ("ReduceL1", .sumAbs, wide),
      ("ReduceL2", .l2, wide), ("ReduceSumSquare", .sumSquare, wide), ("ReduceMax", .max, extremes), ("ReduceMin", .min, extremes),
      ("ReduceLogSum", .logSum, [.float64]), ("ReduceLogSumExp", .logSumExp, [.float64]),
    ].map { (name, kind, types) in
      KernelRow(KernelRow.name(of: name, "typed"), [name], .input(0, types)) { (op: OnyxOperators.Reduction, query) throws(OnyxError) in
        try prepare(kind, op, query)
      }
    }

  private static func prepare(_ kind: Reduce.Kind, _ op: OnyxOperators.Reduction, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), x.shape.elementCount > 0 else { return .declined("the input is empty") }
    guard query.isFixed(1) else { return .declined("the axes are only known in the run") }
    var axes: Set<Int> = []
    for axis in try query.constant(1)?.ints() ?? [] { axes.insert(try Shape.normalize(axis: axis, rank: x.shape.rank)) }
    if axes.isEmpty {
      guard !op.isNoopWithoutAxes else { return .declined("nothing is reduced") }
      axes = Set(x.shape.indices)
    }
    let loops = ReduceLoops(shape: Array(x.shape), reduced: x.shape.indices.map { axes.contains($0) })
    return fold(kind, loops, x.elementType, query.isa)
  }

  static let globalPool = KernelRow(
    "global_pool_f64", ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"], .everywhere([.float64])
  ) { (op: GlobalPool, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, x.rank > 2, x.elementCount > 0 else {
      return .declined("the input is empty or has no spatial axis")
    }
    guard let kind = op.kind.reduction else { return .declined("the norm is neither of first nor of second order") }
    return fold(kind, ReduceLoops(shape: Array(x), reduced: x.indices.map { $0 >= 2 }), .float64, query.isa)
  }

  private static func fold(_ kind: Reduce.Kind, _ loops: ReduceLoops, _ type: ElementType, _ isa: ISA) -> Preparation {
    if kind == .logSumExp {
      let kernel = DoubleLogSumExp(loops: loops, isa: isa)
      return .run { call in unsafe kernel.run(call.input(0), call.output(), call.pool) }
    }
    let fold = unsafe FoldReduction(
      loops: loops, type: cType(type), kind: cKind(kind), elementWidth: type.byteWidth, identity: identity(kind, type), isa: isa,
      finish: finish(kind, type, count: loops.reducedCount))
    return .run(scratchByteCount: fold.scratchByteCount) { call in
      unsafe fold.run(call.bytes(0), call.outputBytes(), scratch: call.scratch, pool: call.pool)
    }
  }

  private static func cKind(_ kind: Reduce.Kind) -> Int { kind == .l2 ? Int(ONYX_FOLD_NORM) : kind.fold }

  private static func cType(_ type: ElementType) -> Int {
    switch type {
    case .float64: Int(ONYX_FOLD_F64)
    case .int64: Int(ONYX_FOLD_I64)
    case .uint64: Int(ONYX_FOLD_U64)
    case .int32: Int(ONYX_FOLD_I32)
    case .uint32: Int(ONYX_FOLD_U32)
    case .int8: Int(ONYX_FOLD_I8)
    default: Int(ONYX_FOLD_U8)
    }
  }

  /// The bits of the accumulator that nothing was folded into; those of a narrow type come first in memory.
  private static func identity(_ kind: Reduce.Kind, _ type: ElementType) -> UInt64 {
    switch (kind, type) {
    case (.product, .float64): (1.0).bitPattern
    case (.product, _): 1
    case (.max, .float64): (-Double.infinity).bitPattern
    case (.min, .float64): Double.infinity.bitPattern
    case (.max, .int64): UInt64(bitPattern: .min)
    case (.min, .int64): UInt64(bitPattern: .max)
    case (.max, .int32): UInt64(UInt32(bitPattern: .min))
    case (.min, .int32): UInt64(UInt32(bitPattern: .max))
    case (.max, .int8): UInt64(UInt8(bitPattern: .min))
    case (.min, .int8): UInt64(UInt8(bitPattern: .max))
    case (.min, _): .max
    default: 0
    }
  }

  private static func finish(_ kind: Reduce.Kind, _ type: ElementType, count: Int) -> FoldReduction.Finish {
    switch type {
    case .float64: unsafe real(kind, Double(count))
    case .int64: unsafe integer(kind, Int64.self, type, count)
    case .uint64: unsafe integer(kind, UInt64.self, type, count)
    case .int32: unsafe integer(kind, Int32.self, type, count)
    case .uint32: unsafe integer(kind, UInt32.self, type, count)
    default: { accumulators, results, count in unsafe results.copyMemory(from: accumulators, byteCount: count) }
    }
  }

  private static func real(_ kind: Reduce.Kind, _ count: Double) -> FoldReduction.Finish {
    switch kind {
    case .mean: unsafe each(Double.self, Double.self) { $0 / count }
    case .l2: unsafe each(Double.self, Double.self) { $0.squareRoot() }
    case .logSum: unsafe each(Double.self, Double.self) { log($0) }
    default: unsafe each(Double.self, Double.self) { $0 }
    }
  }

  private static func integer<T: FixedWidthInteger & BitwiseCopyable & SendableMetatype>(
    _ kind: Reduce.Kind, _ element: T.Type, _ type: ElementType, _ count: Int
  ) -> FoldReduction.Finish {
    switch kind {
    case .max, .min: unsafe each(T.self, T.self) { $0 }
    case .l2: unsafe each(Double.self, T.self) { T(truncatingIfNeeded: type.truncating($0.squareRoot())) }
    case .mean where T.isSigned: unsafe each(Int64.self, T.self) { T(truncatingIfNeeded: $0 / Int64(count)) }
    case .mean: unsafe each(UInt64.self, T.self) { T(truncatingIfNeeded: $0 / UInt64(count)) }
    default: unsafe each(UInt64.self, T.self) { T(truncatingIfNeeded: $0) }
    }
  }

  private static func each<A: BitwiseCopyable & SendableMetatype, T: BitwiseCopyable & SendableMetatype>(
    _ accumulator: A.Type, _ result: T.Type, _ function: @escaping @Sendable (A) -> T
  ) -> FoldReduction.Finish {
    { accumulators, results, count in
      let (from, to) = unsafe (accumulators.assumingMemoryBound(to: A.self), results.assumingMemoryBound(to: T.self))
      for index in 0..<count { unsafe to[index] = function(from[index]) }
    }
  }
}
