import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Elements and slices that indices select. Indices are checked in the run, before anything is read through them.
///
/// SAFETY: see `KernelCall`.
enum GatherRows {
  static let gather = KernelRow("gather_rows", ["Gather"], .any) { (op: Gather, query) throws(OnyxError) in
    guard let x = query.input(0), let indices = query.input(1) else { return .declined(missing) }
    return try gather(op, x, indices)
  }.opened { (query) throws(OnyxError) in
    guard let op = query.op as? Gather, let x = query.input(0)?.elementType, let type = query.input(1)?.elementType else { return nil }
    return { (inputs) throws(OnyxError) in
      guard let data = inputs[0]?.shape, let indices = inputs[1]?.shape, let y = op.shape(of: data, at: indices) else { return nil }
      return OpenKernel.Bound(y, try gather(op, TensorType(x, data), TensorType(type, indices)))
    }
  }

  private static func gather(_ op: Gather, _ x: TensorType, _ indices: TensorType) throws(OnyxError) -> Preparation {
    let axis = try Shape.normalize(axis: op.axis, rank: x.shape.rank)
    let outer = x.shape[..<axis].reduce(1, *)
    let extent = x.shape[axis]
    let width = x.elementType.byteWidth
    let run = x.shape[(axis + 1)...].reduce(1, *) * width
    let count = indices.shape.elementCount
    let isWide = indices.elementType == .int64
    guard let scratch = scratch(count) else { return .declined("there are too many indices") }
    // The reference does not look at indices that select nothing.
    guard outer > 0, count > 0, run > 0 else { return .run { _ in } }
    return .run(scratchByteCount: scratch) { (call) throws(OnyxError) in
      let positions = unsafe call.scratch.assumingMemoryBound(to: Int64.self)
      try unsafe fill(positions, call, count: count, extent: extent, isWide: isWide)
      let (source, target) = unsafe (call.bytes(0), call.outputBytes())
      let piece = min(count, max(1, 65536 / run))
      let pieces = (count + piece - 1) / piece
      call.pool.parallelFor(count: outer * pieces, grain: max(1, 65536 / (piece * run))) { range in
        for task in range {
          let (block, part) = task.quotientAndRemainder(dividingBy: pieces)
          let (first, n) = (part * piece, min(piece, count - part * piece))
          let (from, to) = unsafe (source + block * extent * run, target + (block * count + first) * run)
          if run == width {
            unsafe onyx_take(Int64(width), to, from, positions + first, Int64(n))
          } else {
            unsafe onyx_move_runs(to, from, positions + first, Int64(run), Int64(run), Int64(n), 0)
          }
        }
      }
    }
  }

  static let elements = KernelRow("gather_elements_width", ["GatherElements"], .any) { (op: GatherElements, query) throws(OnyxError) in
    guard let x = query.input(0), let indices = query.input(1) else { return .declined(missing) }
    let axis = try Shape.normalize(axis: op.axis, rank: x.shape.rank)
    let lines = AxisLines(axis: axis, data: x.shape, indices: indices.shape)
    let (isWide, width, extent) = (indices.elementType == .int64, x.elementType.byteWidth, x.shape[axis])
    return .run { (call) throws(OnyxError) in
      let failure = IndexFailure()
      let (source, target, positions) = unsafe (call.bytes(0), call.outputBytes(), call.bytes(1))
      let indexWidth = isWide ? 8 : 4
      lines.forEach(pool: call.pool, mayReorder: true) { at, offset, count in
        let done = unsafe onyx_gather_line(
          Int64(width), target + at * width, source + offset * width, positions + at * indexWidth, Int64(indexWidth), Int64(count),
          Int64(extent), Int64(lines.axisStride), Int64(lines.step))
        if Int(done) < count { failure.record(at + Int(done)) }
      }
      try failure.check(call, isWide: isWide, extents: [extent])
    }
  }

  static let tuples = KernelRow("gather_nd_rows", ["GatherND"], .any) { (op: GatherND, query) throws(OnyxError) in
    guard let x = query.input(0), let indices = query.input(1)?.shape, let y = query.outputs[0] else { return .declined(missing) }
    guard y.shape.elementCount > 0 else { return .run { _ in } }
    return tuples(op, x.shape, indices, width: x.elementType.byteWidth)
  }.opened { (query) throws(OnyxError) in
    guard let op = query.op as? GatherND, let width = query.input(0)?.elementType.byteWidth else { return nil }
    return { inputs in
      guard let x = inputs[0]?.shape, let indices = inputs[1]?.shape, let y = op.shape(of: x, at: indices) else { return nil }
      return OpenKernel.Bound(y, tuples(op, x, indices, width: width))
    }
  }

  /// The slices of data and indices that are not empty.
  private static func tuples(_ op: GatherND, _ x: Shape, _ indices: Shape, width: Int) -> Preparation {
    let tuples = IndexTuples(data: x, indices: indices, batch: op.batch)
    let run = tuples.length * width
    guard let scratch = scratch(tuples.count) else { return .declined("there are too many indices") }
    return .run(scratchByteCount: scratch) { (call) throws(OnyxError) in
      let failure = IndexFailure()
      let offsets = unsafe call.scratch.assumingMemoryBound(to: Int64.self)
      let (source, target) = unsafe (call.bytes(0), call.outputBytes())
      unsafe tuples.forEach(call, failure: failure, offsets, runBytes: run) { first, count in
        unsafe onyx_move_runs(target + first * run, source, offsets + first, Int64(width), Int64(run), Int64(count), 0)
      }
      try failure.check(call, isWide: true, extents: tuples.extents)
    }
  }

  static let missing = "an input is missing"

  /// Bytes of one position for each index; nil when they do not fit an `Int`.
  static func scratch(_ count: Int) -> Int? {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Int64>.stride)
    return overflow ? nil : bytes
  }

  /// The indices of input 1, int64 or int32, counted from the start of the axis. Throws for one outside the axis.
  ///
  /// SAFETY: `positions` holds `count` numbers.
  static func fill(
    _ positions: UnsafeMutablePointer<Int64>, _ call: borrowing KernelCall, count: Int, extent: Int, isWide: Bool
  ) throws(OnyxError) {
    let failure = IndexFailure()
    let indices = unsafe call.bytes(1)
    let indexWidth = isWide ? 8 : 4
    call.pool.parallelFor(count: count, grain: 32768) { range in
      let first = range.lowerBound
      let done = unsafe onyx_positions(
        positions + first, indices + first * indexWidth, Int64(indexWidth), Int64(range.count), Int64(extent))
      if Int(done) < range.count { failure.record(first + Int(done)) }
    }
    try failure.check(call, isWide: isWide, extents: [extent])
  }
}
