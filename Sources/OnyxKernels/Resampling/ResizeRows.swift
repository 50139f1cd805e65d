import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Resize along any axes: nearest elements of every type, interpolation in float32.
///
/// SAFETY: see `KernelCall`.
enum ResizeRows {
  static let nearest = KernelRow("resize_nearest", ["Resize"], .any) { (op: Resize, query) throws(OnyxError) in
    guard op.mode == .nearest else { return .declined("the mode is \(op.mode)") }
    let (source, width, isa) = (query.input(0)?.shape ?? .scalar, query.input(0)?.elementType.byteWidth ?? 1, query.isa)
    return try prepare(op, query, { ResampledAxis(nearest: op, $0) }) { axes in
      guard let copy = NearestCopy(source, axes, width: width, isa: isa) else { return .declined(WindowExtents.outOfProportion) }
      return .run(tableByteCount: copy.tableByteCount) { call in
        unsafe copy.run(call.input(0, as: UInt8.self), call.output(0, as: UInt8.self), pool: call.pool)
      }
    }
  }

  static let interpolated = KernelRow("resize_interpolated", ["Resize"], .input(0, [.float32, .uint8, .int8])) {
    (op: Resize, query) throws(OnyxError) in
    guard op.mode != .nearest else { return .declined("the mode is nearest") }
    guard let x = query.input(0) else { return .declined("the input is missing") }
    return try prepare(op, query, { (axis) throws(OnyxError) in try ResampledAxis(op, axis) }) { axes in
      guard let resampling = Resampling(x.shape, axes, isa: query.isa) else { return .declined(WindowExtents.outOfProportion) }
      return switch x.elementType {
      case .float32: run(resampling, query, Float.self)
      case .uint8: run(resampling, query, UInt8.self)
      default: run(resampling, query, Int8.self)
      }
    }
  }

  private static func run<T: ResampledElement>(_ resampling: Resampling, _ query: KernelQuery, _ type: T.Type) -> Preparation {
    .run(
      scratchByteCount: resampling.scratchFloatCount * MemoryLayout<Float>.stride,
      borrowedByteCount: resampling.borrowedByteCount(isFloat: T.self == Float.self) * query.pool.threadCount,
      tableByteCount: resampling.tableByteCount
    ) { call in
      unsafe resampling.run(
        call.input(0, as: T.self), call.output(), scratch: call.scratch.assumingMemoryBound(to: Float.self), pool: call.pool)
    }
  }

  /// Longest axis that gets a table.
  private static let longestAxis = 1 << 22

  private static func prepare(
    _ op: Resize, _ query: KernelQuery, _ table: (ResizeAxis) throws(OnyxError) -> ResampledAxis?,
    _ make: ([ResampledAxis?]) -> Preparation
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0, y.elementCount > 0 else {
      return .declined("the input or the output is empty")
    }
    guard query.isFixed(2), query.isFixed(1) || op.coordinates != .cropAndResize, y.allSatisfy({ $0 <= longestAxis }) else {
      return .declined("the scales or the region are known in the run only, or an axis is too long")
    }
    if op.policy != .stretch && !query.isFixed(3) { return .declined("the sizes are known in the run only") }
    let geometry = try op.geometry(
      from: x, to: y, scales: try query.constant(2)?.elements(as: Float.self) ?? [], sizes: try query.constant(3)?.ints(),
      region: op.coordinates == .cropAndResize ? try query.constant(1)?.doubles() : nil)
    var axes: [ResampledAxis?] = []
    for axis in geometry {
      guard let axis else {
        axes.append(nil)
        continue
      }
      guard let table = try table(axis) else { return .declined("a part lies outside the input, or the window is too large") }
      axes.append(table.isIdentity ? nil : table)
    }
    if axes.allSatisfy({ $0 == nil }) { return .view(of: 0) }
    return make(axes)
  }
}
