import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Gather along an axis: every index moves one run of elements. Indices are checked in the run.
///
/// SAFETY: see `KernelCall`.
enum GatherRows {
  static let gather = KernelRow("gather_rows", ["Gather"], .any) { (op: Gather, query) throws(OnyxError) in
    guard let x = query.input(0), let indices = query.input(1) else { return .declined("an input is missing") }
    let axis = try Shape.normalize(axis: op.axis, rank: x.shape.rank)
    let outer = x.shape[..<axis].reduce(1, *)
    let extent = x.shape[axis]
    let run = x.shape[(axis + 1)...].reduce(1, *) * x.elementType.byteWidth
    let count = indices.shape.elementCount
    let isWide = indices.elementType == .int64
    return .run { (call) throws(OnyxError) in
      let positions = try positions(call, count: count, extent: extent, isWide: isWide)
      let (source, target) = unsafe (
        UnsafeRawPointer(call.input(0, as: UInt8.self)), UnsafeMutableRawPointer(call.output(0, as: UInt8.self))
      )
      call.pool.parallelFor(count: outer * count, grain: max(1, 65536 / max(run, 1))) { range in
        for item in range {
          let (block, index) = item.quotientAndRemainder(dividingBy: count)
          unsafe (target + item * run).copyMemory(from: source + (block * extent + positions[index]) * run, byteCount: run)
        }
      }
    }
  }

  /// The indices of input 1, int64 or int32, counted from the start of the axis. Throws for one outside the axis.
  private static func positions(
    _ call: borrowing KernelCall, count: Int, extent: Int, isWide: Bool
  ) throws(OnyxError) -> [Int] {
    var positions = [Int](repeating: 0, count: count)
    for index in 0..<count {
      let given = isWide ? unsafe Int(call.input(1, as: Int64.self)[index]) : unsafe Int(call.input(1, as: Int32.self)[index])
      let position = given < 0 ? given &+ extent : given
      guard position >= 0, position < extent else {
        throw .invalid(
          "The index \(given) is outside the axis of \(extent) elements.", remedy: "Indices must lie in \(-extent) … \(extent - 1).")
      }
      positions[index] = position
    }
    return positions
  }
}
