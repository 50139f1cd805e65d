import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Hardmax: zeros, and 1 at the first of the largest elements of each line, where NaN is the largest.
///
/// SAFETY: see `KernelCall`.
enum HardmaxRows {
  static let all = [
    KernelRow("hardmax_keys", ["Hardmax"], .input(0, [.float32, .float64, .float16, .bfloat16])) {
      (op: AxisNormalizer, query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .float32: try prepare(op, query, Float.self)
      case .float64: try prepare(op, query, Double.self)
      case .float16: try prepare(op, query, Float16.self)
      default: try prepare(op, query, BFloat16.self)
      }
    }
  ]

  private static func prepare<T: RealElement>(
    _ op: AxisNormalizer, _ query: KernelQuery, _ type: T.Type
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 0, x.elementCount > 0 else { return .declined("there is no line") }
    let geometry = AxisGeometry(x, axis: try Shape.normalize(axis: op.axis, rank: x.rank))
    guard geometry.extent < Int(Int32.max) else { return .declined("the axis is out of proportion") }
    let lines = geometry.outer * geometry.inner
    guard
      let places = ArgExtremeKernel(
        query.input(0)?.elementType ?? .float32, geometry: geometry, isLargest: true, isLast: false, isa: query.isa)
    else { return .declined("there is no kernel") }
    return .run(scratchByteCount: lines * MemoryLayout<Int64>.stride) { call in
      let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: T.self))
      let chosen = unsafe call.scratch.assumingMemoryBound(to: Int64.self)
      unsafe places.run(x, chosen, call.pool)
      let block = geometry.extent * geometry.inner
      call.pool.parallelFor(count: geometry.outer, grain: max(1, 65536 / block)) { range in
        unsafe (y + range.lowerBound * block).update(repeating: T(nearest: 0), count: range.count * block)
        for line in range.lowerBound * geometry.inner..<range.upperBound * geometry.inner {
          let (outer, column) = line.quotientAndRemainder(dividingBy: geometry.inner)
          unsafe y[outer * block + Int(chosen[line]) * geometry.inner + column] = T(nearest: 1)
        }
      }
    }
  }
}
