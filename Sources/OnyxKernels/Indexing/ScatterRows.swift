import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Data with updates written, or combined with what is there, where indices say. Updates that can meet are applied in their order on
/// one thread.
///
/// SAFETY: see `KernelCall`. Nothing is written through an index that was not checked.
enum ScatterRows {
  static let all = [
    KernelRow("scatter_elements_width", ["ScatterElements"], .any) { (op: ScatterElements, query) throws(OnyxError) in
      op.reduction == .none ? try unsafe elements(op, query) { unsafe replaceLine($0) } : .declined(combines)
    },
    KernelRow("scatter_nd_rows", ["ScatterND"], .any) { (op: ScatterND, query) throws(OnyxError) in
      op.reduction == .none ? try unsafe tuples(op, query) { unsafe replaceSlices($0) } : .declined(combines)
    },
    KernelRow("scatter_elements_reduced", ["ScatterElements"], .input(0, numbers)) { (op: ScatterElements, query) throws(OnyxError) in
      op.reduction == .none ? .declined("nothing is combined") : try unsafe elements(op, query) { unsafe $0.loops(op.reduction).line }
    },
    KernelRow("scatter_nd_reduced", ["ScatterND"], .input(0, numbers)) { (op: ScatterND, query) throws(OnyxError) in
      op.reduction == .none ? .declined("nothing is combined") : try unsafe tuples(op, query) { unsafe $0.loops(op.reduction).slices }
    },
    KernelRow("tensor_scatter_rows", ["TensorScatter"], .any, cache),
  ]

  private static let combines = "updates are combined"
  private static let numbers: Set<ElementType> = [
    .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
  ]

  /// Combines or writes the updates of one line; gives the first index outside its axis, else the count.
  typealias Line =
    @Sendable (
      _ target: UnsafeMutableRawPointer, _ updates: UnsafeRawPointer, _ indices: UnsafeRawPointer, _ indexWidth: Int, _ count: Int,
      _ extent: Int, _ axisStride: Int, _ step: Int
    ) -> Int

  /// Combines or writes `count` elements of each of the slices that begin at `offsets`.
  typealias Slices =
    @Sendable (
      _ target: UnsafeMutableRawPointer, _ updates: UnsafeRawPointer, _ offsets: UnsafePointer<Int64>, _ slices: Int, _ length: Int,
      _ columns: Range<Int>
    ) -> Void

  /// Both of one element type and function.
  typealias Loops = (line: Line, slices: Slices)

  private static func elements(
    _ op: ScatterElements, _ query: KernelQuery, _ makeLine: (ElementType) -> Line
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let indices = query.input(1) else { return .declined(GatherRows.missing) }
    let axis = try Shape.normalize(axis: op.axis, rank: x.shape.rank)
    let lines = AxisLines(axis: axis, data: x.shape, indices: indices.shape)
    let (isWide, width, extent) = (indices.elementType == .int64, x.elementType.byteWidth, x.shape[axis])
    let byteCount = try x.byteCount()
    let line = unsafe makeLine(x.elementType)
    return .run(inPlaceInputs: [0]) { (call) throws(OnyxError) in
      copy(call, byteCount)
      let failure = IndexFailure()
      let (target, updates, positions) = unsafe (call.outputBytes(), call.bytes(2), call.bytes(1))
      let indexWidth = isWide ? 8 : 4
      lines.forEach(pool: call.pool, mayReorder: false) { at, offset, count in
        let done = unsafe line(
          target + offset * width, updates + at * width, positions + at * indexWidth, indexWidth, count, extent, lines.axisStride,
          lines.step)
        if done < count { failure.record(at + done) }
      }
      try failure.check(call, isWide: isWide, extents: [extent])
    }
  }

  private static func replaceLine(_ type: ElementType) -> Line {
    let width = Int64(type.byteWidth)
    return { target, updates, indices, indexWidth, count, extent, axisStride, step in
      unsafe Int(
        onyx_scatter_line(
          width, target, updates, indices, Int64(indexWidth), Int64(count), Int64(extent), Int64(axisStride), Int64(step)))
    }
  }

  private static func tuples(_ op: ScatterND, _ query: KernelQuery, _ makeSlices: (ElementType) -> Slices) throws(OnyxError) -> Preparation
  {
    guard let x = query.input(0), let indices = query.input(1), let updates = query.input(2) else { return .declined(GatherRows.missing) }
    let byteCount = try x.byteCount()
    guard updates.shape.elementCount > 0 else { return .run(inPlaceInputs: [0]) { call in copy(call, byteCount) } }
    let tuples = IndexTuples(data: x.shape, indices: indices.shape, batch: 0)
    guard let scratch = GatherRows.scratch(tuples.count) else { return .declined("there are too many indices") }
    let slices = unsafe makeSlices(x.elementType)
    return .run(scratchByteCount: scratch, inPlaceInputs: [0]) { (call) throws(OnyxError) in
      copy(call, byteCount)
      let failure = IndexFailure()
      let offsets = unsafe call.scratch.assumingMemoryBound(to: Int64.self)
      unsafe tuples.forEach(call, failure: failure, offsets, runBytes: 16) { _, _ in }
      try failure.check(call, isWide: true, extents: tuples.extents)
      let (target, updates) = unsafe (call.outputBytes(), call.bytes(2))
      // Slices can meet, their columns cannot.
      let piece = max(64, 32768 / max(1, tuples.count))
      let pieces = (tuples.length + piece - 1) / piece
      call.pool.parallelFor(count: pieces, grain: 1) { range in
        let columns = range.lowerBound * piece..<min(tuples.length, range.upperBound * piece)
        unsafe slices(target, updates, offsets, tuples.count, tuples.length, columns)
      }
    }
  }

  private static func replaceSlices(_ type: ElementType) -> Slices {
    let width = type.byteWidth
    return { target, updates, offsets, slices, length, columns in
      let skipped = columns.lowerBound * width
      if columns.count == length {
        unsafe onyx_move_runs(target, updates, offsets, Int64(width), Int64(length * width), Int64(slices), 1)
        return
      }
      for slice in 0..<slices {
        unsafe (target + Int(offsets[slice]) * width + skipped).copyMemory(
          from: updates + slice * length * width + skipped, byteCount: columns.count * width)
      }
    }
  }

  /// The data into the output, unless they are the same memory.
  private static func copy(_ call: borrowing KernelCall, _ byteCount: Int) {
    let (source, target) = unsafe (call.bytes(0), call.outputBytes())
    if unsafe source == UnsafeRawPointer(target) { return }
    call.pool.parallelFor(count: byteCount, grain: 1 << 16) { range in
      unsafe (target + range.lowerBound).copyMemory(from: source + range.lowerBound, byteCount: range.count)
    }
  }

  private static func cache(_ op: TensorScatter, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let update = query.input(1) else { return .declined(GatherRows.missing) }
    let axis = try op.sequenceAxis(rank: x.shape.rank)
    let (capacity, length, batches) = (x.shape[axis], update.shape[axis], x.shape[0])
    let rows = x.shape[1..<axis].reduce(1, *)
    let inner = x.shape[(axis + 1)...].reduce(1, *) * x.elementType.byteWidth
    let (byteCount, isLinear, isEmpty) = (try x.byteCount(), op.mode == .linear, update.shape.elementCount == 0)
    return .run(inPlaceInputs: [0]) { (call) throws(OnyxError) in
      copy(call, byteCount)
      if isEmpty { return }
      let (target, updates) = unsafe (call.outputBytes(), call.bytes(1))
      for batch in 0..<batches {
        let index = unsafe call.optionalInput(2, as: Int64.self).map { unsafe Int($0[batch]) } ?? 0
        if isLinear, index < 0 || index > capacity - length {
          throw .invalid("\(length) entries from index \(index) do not fit in a cache of \(capacity).", remedy: "Use mode 'circular'.")
        }
        let start = (index % capacity + capacity) % capacity
        let first = min(length, capacity - start)
        call.pool.parallelFor(count: rows, grain: max(1, 65536 / (length * inner))) { range in
          for row in range.lowerBound + batch * rows..<range.upperBound + batch * rows {
            let (from, to) = unsafe (updates + row * length * inner, target + row * capacity * inner)
            unsafe (to + start * inner).copyMemory(from: from, byteCount: first * inner)
            unsafe to.copyMemory(from: from + first * inner, byteCount: (length - first) * inner)
          }
        }
      }
    }
  }
}

extension ElementType {
  /// The loops that combine; of the types that `ScatterRows` lists.
  fileprivate func loops(_ reduction: ScatterReduction) -> ScatterRows.Loops {
    switch self {
    case .float32: unsafe ScatterLoops<Float>.loops(reduction)
    case .float64: unsafe ScatterLoops<Double>.loops(reduction)
    case .int8: unsafe ScatterLoops<Int8>.loops(reduction)
    case .int16: unsafe ScatterLoops<Int16>.loops(reduction)
    case .int32: unsafe ScatterLoops<Int32>.loops(reduction)
    case .int64: unsafe ScatterLoops<Int64>.loops(reduction)
    case .uint8: unsafe ScatterLoops<UInt8>.loops(reduction)
    case .uint16: unsafe ScatterLoops<UInt16>.loops(reduction)
    case .uint32: unsafe ScatterLoops<UInt32>.loops(reduction)
    default: unsafe ScatterLoops<UInt64>.loops(reduction)
    }
  }
}
