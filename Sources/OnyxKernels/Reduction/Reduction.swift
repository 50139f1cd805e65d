import CKernels
import OnyxThreads

/// One reduction: its loops over memory.
///
/// SAFETY: see `Reduce`.
@safe struct Reduction {
  let kind: Reduce.Kind
  let loops: ReduceLoops
  let x: UnsafePointer<Float>
  let y: UnsafeMutablePointer<Float>
  let isa: ISA
  let pool: ThreadPool

  /// Elements of a run folded at a time.
  private static let runPiece = 1 << 15
  /// Rows of a column folded at a time.
  private static let columnPiece = 128
  /// Pixels of a channel block folded at a time.
  private static let blockPiece = 1024
  /// Columns of one task.
  private static let columns = 1024
  /// Lines of one task, a multiple of those that a kernel folds at once.
  private static let group = 16

  /// The innermost axis is reduced: each output folds contiguous runs.
  func runRuns() {
    let inner = loops.reduced.last?.count ?? 1
    let outer = loops.reduced.dropLast()
    let outerCount = outer.reduce(1) { $0 * $1.count }
    let grain = max(1, 16384 / max(loops.reducedCount, 1))
    pool.parallelFor(count: loops.keptCount, grain: grain) { range in
      for output in range {
        let from = unsafe x + ReduceLoops.offset(output, loops.kept)
        var result = kind.identity
        for step in 0..<outerCount {
          result = join(result, unsafe fold(from + ReduceLoops.offset(step, outer), inner))
        }
        unsafe y[output] = result
      }
    }
  }

  /// The `count` lines of the innermost axis, which is reduced, each into one number.
  func runLines(into target: UnsafeMutablePointer<Float>, count: Int) {
    let length = loops.reduced.last?.count ?? 1
    let fold = unsafe isa.reduce.lines[kind.fold]!
    let groups = (count + Reduction.group - 1) / Reduction.group
    pool.parallelFor(count: groups, grain: max(1, 16384 / (length * Reduction.group))) { range in
      let first = range.lowerBound * Reduction.group
      let lines = min(count, range.upperBound * Reduction.group) - first
      unsafe fold(target + first, x + first * length, Int64(lines), Int64(length))
    }
  }

  /// Everything into one output: pieces in parallel, joined in order.
  func runWhole() {
    let count = loops.reducedCount
    let pieces = (count + Reduction.runPiece - 1) / Reduction.runPiece
    unsafe pool.workspace.withFloats(pieces) { partial in
      pool.parallelFor(count: pieces) { range in
        for piece in range {
          let from = piece * Reduction.runPiece
          unsafe partial[piece] = foldPiece(x + from, min(Reduction.runPiece, count - from))
        }
      }
      var result = kind.identity
      for piece in 0..<pieces { result = join(result, unsafe partial[piece]) }
      unsafe y.pointee = result
    }
  }

  /// The innermost axis is kept: rows are folded into a row of accumulators.
  func runColumns() {
    let width = loops.kept.last!.count
    let outerKept = loops.kept.dropLast()
    let pieces = (width + Reduction.columns - 1) / Reduction.columns
    let tasks = loops.keptCount / width * pieces
    let work = min(width, Reduction.columns) * max(loops.reducedCount, 1)
    pool.parallelFor(count: tasks, grain: max(1, 16384 / work)) { range in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: Reduction.columns) { partial in
        for task in range {
          let (outer, piece) = task.quotientAndRemainder(dividingBy: pieces)
          let first = piece * Reduction.columns
          let count = min(Reduction.columns, width - first)
          unsafe foldColumns(
            x + ReduceLoops.offset(outer, outerKept) + first, y + outer * width + first, count,
            partial.baseAddress!)
        }
      }
    }
  }

  /// The innermost axis is kept and holds the lanes of a channel block: pieces of pixels in parallel, joined in order.
  func runBlocks() {
    guard let rows = loops.reduced.last else { return }
    let outer = loops.reduced.dropLast()
    let pieces = (rows.count + Reduction.blockPiece - 1) / Reduction.blockPiece
    let piecesOfBlock = pieces * outer.reduce(1) { $0 * $1.count }
    let lanes = Int(ONYX_BLOCK)
    let blocks = loops.keptCount / lanes
    let outerKept = loops.kept.dropLast()
    unsafe pool.workspace.withFloats(blocks * piecesOfBlock * lanes) { partial in
      let work = min(rows.count, Reduction.blockPiece) * lanes
      pool.parallelFor(count: blocks * piecesOfBlock, grain: max(1, 16384 / max(work, 1))) { range in
        for task in range {
          let (block, piece) = task.quotientAndRemainder(dividingBy: piecesOfBlock)
          let first = piece % pieces * Reduction.blockPiece
          let target = unsafe partial + task * lanes
          unsafe isa.elementwise.fill!(target, kind.identity, Int64(lanes))
          unsafe isa.reduce.blocks[kind.fold]!(
            target, x + ReduceLoops.offset(block, outerKept) + ReduceLoops.offset(piece / pieces, outer) + first * rows.stride,
            Int64(min(Reduction.blockPiece, rows.count - first)), Int64(rows.stride))
        }
      }
      unsafe isa.elementwise.fill!(y, kind.identity, Int64(blocks * lanes))
      for block in 0..<blocks {
        unsafe isa.reduce.blocks[kind.join]!(
          y + block * lanes, partial + block * piecesOfBlock * lanes, Int64(piecesOfBlock), Int64(lanes))
      }
    }
  }

  /// Folds all reduced axes of `count` columns; `partial` is scratch for a piece.
  private func foldColumns(
    _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ count: Int,
    _ partial: UnsafeMutablePointer<Float>
  ) {
    unsafe isa.elementwise.fill!(to, kind.identity, Int64(count))
    guard let rows = loops.reduced.last else {
      return unsafe isa.reduce.rows[kind.fold]!(to, from, 1, 0, Int64(count))
    }
    let outer = loops.reduced.dropLast()
    let outerCount = outer.reduce(1) { $0 * $1.count }
    for step in 0..<outerCount {
      let base = unsafe from + ReduceLoops.offset(step, outer)
      for row in stride(from: 0, to: rows.count, by: Reduction.columnPiece) {
        unsafe isa.elementwise.fill!(partial, kind.identity, Int64(count))
        unsafe isa.reduce.rows[kind.fold]!(
          partial, base + row * rows.stride, Int64(min(Reduction.columnPiece, rows.count - row)),
          Int64(rows.stride), Int64(count))
        unsafe isa.reduce.rows[kind.join]!(to, partial, 1, 0, Int64(count))
      }
    }
  }

  /// log(sum(exp(x))), the maximum taken out first.
  func runLogSumExp() {
    if loops.innerIsKept {
      runLogSumExpColumns()
    } else {
      runLogSumExpRuns()
    }
  }

  /// The innermost axis is kept: strips of columns.
  private func runLogSumExpColumns() {
    let (width, outerKept) = (loops.kept.last?.count ?? 1, loops.kept.dropLast())
    let strip = 128
    let strips = (width + strip - 1) / strip
    let rows = loops.reduced.last ?? ReduceLoops.Axis(count: 1, stride: 0)
    let outer = loops.reduced.dropLast()
    let steps = outer.reduce(1) { $0 * $1.count }
    let grain = max(1, 4096 / max(min(width, strip) * loops.reducedCount, 1))
    pool.parallelFor(count: loops.keptCount / width * strips, grain: grain) { range in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * strip) { scratch in
        let top = scratch.baseAddress!
        let sum = unsafe top + strip
        for task in range {
          let (plane, piece) = task.quotientAndRemainder(dividingBy: strips)
          let (first, n) = (piece * strip, min(strip, width - piece * strip))
          let from = unsafe x + ReduceLoops.offset(plane, outerKept) + first
          unsafe isa.elementwise.fill!(top, -.infinity, Int64(n))
          unsafe isa.elementwise.fill!(sum, 0, Int64(n))
          for step in 0..<steps {
            let base = unsafe from + ReduceLoops.offset(step, outer)
            unsafe isa.reduce.rows[Int(ONYX_REDUCE_MAX)]!(top, base, Int64(rows.count), Int64(rows.stride), Int64(n))
          }
          for column in 0..<n where unsafe top[column].isInfinite { unsafe top[column] = 0 }
          for step in 0..<steps {
            let base = unsafe from + ReduceLoops.offset(step, outer)
            unsafe isa.reduce.sum_exp_rows!(sum, base, Int64(rows.count), Int64(rows.stride), Int64(n), top)
          }
          unsafe isa.elementwise.unary[UnaryOperation.log.rawValue]!(sum, sum, Int64(n), 0, 0)
          let to = unsafe y + plane * width + first
          for column in 0..<n { unsafe to[column] = sum[column] + top[column] }
        }
      }
    }
  }

  /// The innermost axis is reduced: runs that lie apart are gathered.
  private func runLogSumExpRuns() {
    let (count, outer) = (loops.reducedCount, loops.reduced.dropLast())
    let inner = loops.reduced.last?.count ?? 1
    pool.parallelFor(count: loops.keptCount, grain: max(1, 4096 / max(count, 1))) { range in
      unsafe pool.workspace.withFloats(outer.isEmpty ? 0 : count) { scratch in
        for output in range {
          var from = unsafe x + ReduceLoops.offset(output, loops.kept)
          if !outer.isEmpty {
            for step in 0..<count / max(inner, 1) {
              unsafe (scratch + step * inner).update(from: from + ReduceLoops.offset(step, outer), count: inner)
            }
            unsafe from = UnsafePointer(scratch)
          }
          let top = unsafe isa.reduce.run[Int(ONYX_REDUCE_MAX)]!(from, Int64(count))
          let shift = top.isInfinite ? 0 : top
          var logarithm: Float = 0
          var sum = unsafe isa.reduce.sum_exp!(from, Int64(count), shift)
          unsafe isa.elementwise.unary[UnaryOperation.log.rawValue]!(&logarithm, &sum, 1, 0, 0)
          unsafe y[output] = logarithm + shift
        }
      }
    }
  }

  /// The last step on the folded values.
  func finish() {
    let count = Int64(loops.keptCount)
    switch kind {
    case .mean:
      var divisor = Float(loops.reducedCount)
      unsafe isa.elementwise.binary_scalar[BinaryOperation.divide.rawValue]!(y, y, &divisor, count, 0)
    case .l2: unsafe isa.elementwise.unary[UnaryOperation.sqrt.rawValue]!(y, y, count, 0, 0)
    case .logSum: unsafe isa.elementwise.unary[UnaryOperation.log.rawValue]!(y, y, count, 0, 0)
    default: break
    }
  }

  private func fold(_ from: UnsafePointer<Float>, _ count: Int) -> Float {
    guard count > Reduction.runPiece else { return unsafe foldPiece(from, count) }
    var result = kind.identity
    for start in stride(from: 0, to: count, by: Reduction.runPiece) {
      result = join(result, unsafe foldPiece(from + start, min(Reduction.runPiece, count - start)))
    }
    return result
  }

  private func foldPiece(_ from: UnsafePointer<Float>, _ count: Int) -> Float {
    unsafe isa.reduce.run[kind.fold]!(from, Int64(count))
  }

  private func join(_ a: Float, _ b: Float) -> Float {
    switch kind {
    case .product: a * b
    case .max: a > b || a.isNaN ? a : b
    case .min: a < b || a.isNaN ? a : b
    default: a + b
    }
  }
}
