import CKernels
import OnyxTensor
import OnyxThreads

/// A reduction of a type other than float32: its loops over memory.
///
/// Every output is folded in pieces whose number depends on shape and axes alone, and the pieces are joined in order.
///
/// SAFETY: `x` holds the elements of the shape that made `loops`, the result one element for each output; the accumulators of all
/// pieces lie in scratch memory of `scratchByteCount`.
@safe struct FoldReduction: Sendable {
  /// Writes `count` results of accumulators.
  typealias Finish = @Sendable (_ accumulators: UnsafeRawPointer, _ results: UnsafeMutableRawPointer, _ count: Int) -> Void

  private let loops: ReduceLoops
  private let type: Int
  private let kind: Int
  private let width: Int
  /// Bytes of an accumulator.
  private let accumulatorWidth: Int
  private let identity: UInt64
  private let join: Int
  private let finish: Finish
  /// Pieces of one output, or of one row of outputs.
  private let pieces: Int
  private let isa: ISA

  /// Elements that are worth a thread.
  private static let grain = 16384
  /// Columns of one task.
  private static let columns = 1024
  /// The longest lines that are folded many at a call.
  private static let longestLine = 1024
  /// The most pieces of a reduction with few outputs.
  private static let mostPieces = 64

  /// `type` is an `ONYX_FOLD_*` type, `kind` one of its kinds.
  init(loops: ReduceLoops, type: Int, kind: Int, elementWidth: Int, identity: UInt64, isa: ISA, finish: @escaping Finish) {
    self.loops = loops
    self.type = type
    self.kind = kind
    width = elementWidth
    self.identity = identity
    self.isa = isa
    unsafe self.finish = finish
    let isExtreme = kind == Int(ONYX_REDUCE_MAX) || kind == Int(ONYX_REDUCE_MIN)
    accumulatorWidth = isExtreme ? elementWidth : 8
    let isReal = type == Int(ONYX_FOLD_F64) || kind == Int(ONYX_FOLD_NORM)
    let joinType = isExtreme ? type : Int(isReal ? ONYX_FOLD_F64 : ONYX_FOLD_U64)
    let joinKind = isExtreme || kind == Int(ONYX_REDUCE_PRODUCT) ? kind : Int(ONYX_REDUCE_SUM)
    join = joinType * Int(ONYX_FOLD_KINDS) + joinKind
    let tasks = loops.innerIsKept ? loops.keptCount / min(loops.keptCount, max(1, loops.kept.last?.count ?? 1)) : loops.keptCount
    let steps = loops.innerIsKept ? loops.reduced.first?.count ?? 1 : loops.reducedCount
    let work = loops.keptCount * loops.reducedCount / max(1, tasks)
    pieces = tasks >= 16 ? 1 : max(1, min(work / Self.grain, Self.mostPieces, steps))
  }

  /// Temporary memory of a run.
  var scratchByteCount: Int { loops.keptCount * pieces * 8 + loops.keptCount * 8 }

  func run(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer, pool: ThreadPool) {
    let outputs = loops.keptCount
    guard outputs > 0 else { return }
    let partial = unsafe pieces == 1 ? scratch : scratch + outputs * 8
    unsafe withUnsafeBytes(of: identity) { bits in
      guard let start = bits.baseAddress else { return }
      unsafe onyx_fill(Int64(accumulatorWidth), scratch, start, Int64(outputs))
      if pieces > 1 { unsafe onyx_fill(Int64(accumulatorWidth), partial, start, Int64(outputs * pieces)) }
    }
    if loops.innerIsKept {
      unsafe foldColumns(x, partial, pool)
    } else {
      unsafe foldRuns(x, partial, pool)
    }
    if pieces > 1 { unsafe joinPieces(partial, scratch) }
    pool.parallelFor(count: outputs, grain: Self.grain) { range in
      unsafe finish(scratch + range.lowerBound * accumulatorWidth, y + range.lowerBound * width, range.count)
    }
  }

  private var function: Int { type * Int(ONYX_FOLD_KINDS) + kind }

  /// The innermost axis is reduced. A piece is a part of the runs, or of the only run.
  private func foldRuns(_ x: UnsafeRawPointer, _ partial: UnsafeMutableRawPointer, _ pool: ThreadPool) {
    let inner = loops.reduced.last?.count ?? 1
    let outer = loops.reduced.dropLast()
    let runs = outer.reduce(1) { $0 * $1.count }
    let parts = runs == 1 ? inner : runs
    if runs == 1, pieces == 1, inner <= Self.longestLine {
      return pool.parallelFor(count: loops.keptCount, grain: max(1, Self.grain / inner)) { range in
        unsafe isa.fold.lines[function]!(
          partial + range.lowerBound * accumulatorWidth, x + range.lowerBound * inner * width, Int64(range.count), Int64(inner))
      }
    }
    let length = (parts + pieces - 1) / pieces
    pool.parallelFor(count: loops.keptCount * pieces, grain: max(1, Self.grain * pieces / max(1, loops.reducedCount))) { range in
      for task in range {
        let (output, piece) = task.quotientAndRemainder(dividingBy: pieces)
        let from = unsafe x + ReduceLoops.offset(output, loops.kept) * width
        let to = unsafe partial + task * accumulatorWidth
        let (first, end) = (min(parts, piece * length), min(parts, (piece + 1) * length))
        if runs == 1 {
          unsafe isa.fold.run[function]!(to, from + first * width, Int64(end - first))
        } else {
          for step in first..<end { unsafe isa.fold.run[function]!(to, from + ReduceLoops.offset(step, outer) * width, Int64(inner)) }
        }
      }
    }
  }

  /// The innermost axis is kept. A piece is a part of the first reduced axis; accumulators lie by pieces, then outputs.
  private func foldColumns(_ x: UnsafeRawPointer, _ partial: UnsafeMutableRawPointer, _ pool: ThreadPool) {
    let count = loops.kept.last?.count ?? 1
    let outerKept = loops.kept.dropLast()
    let columnPieces = (count + Self.columns - 1) / Self.columns
    let planes = loops.keptCount / max(1, count)
    let tasks = planes * pieces * columnPieces
    let work = min(count, Self.columns) * loops.reducedCount / pieces
    pool.parallelFor(count: tasks, grain: max(1, Self.grain / max(1, work))) { range in
      for task in range {
        let (rest, columnPiece) = task.quotientAndRemainder(dividingBy: columnPieces)
        let (plane, piece) = rest.quotientAndRemainder(dividingBy: pieces)
        let first = columnPiece * Self.columns
        let from = unsafe x + (ReduceLoops.offset(plane, outerKept) + first) * width
        let to = unsafe partial + (piece * loops.keptCount + plane * count + first) * accumulatorWidth
        unsafe foldPiece(piece, from, to, min(Self.columns, count - first))
      }
    }
  }

  private func foldPiece(_ piece: Int, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ count: Int) {
    guard let head = loops.reduced.first, let rows = loops.reduced.last else {
      return unsafe isa.fold.rows[function]!(to, from, 1, 0, Int64(count))
    }
    let length = (head.count + pieces - 1) / pieces
    let (first, end) = (min(head.count, piece * length), min(head.count, (piece + 1) * length))
    if loops.reduced.count == 1 {
      return unsafe isa.fold.rows[function]!(to, from + first * head.stride * width, Int64(end - first), Int64(head.stride), Int64(count))
    }
    let middle = loops.reduced.dropFirst().dropLast()
    let steps = middle.reduce(1) { $0 * $1.count }
    for row in first..<end {
      for step in 0..<steps {
        let offset = row * head.stride + ReduceLoops.offset(step, middle)
        unsafe isa.fold.rows[function]!(to, from + offset * width, Int64(rows.count), Int64(rows.stride), Int64(count))
      }
    }
  }

  private func joinPieces(_ partial: UnsafeRawPointer, _ result: UnsafeMutableRawPointer) {
    let outputs = loops.keptCount
    if loops.innerIsKept {
      return unsafe isa.fold.rows[join]!(result, partial, Int64(pieces), Int64(outputs), Int64(outputs))
    }
    for output in 0..<outputs {
      unsafe isa.fold.run[join]!(
        result + output * accumulatorWidth, partial + output * pieces * accumulatorWidth, Int64(pieces))
    }
  }
}
