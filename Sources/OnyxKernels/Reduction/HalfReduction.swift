import CKernels
import OnyxTensor
import OnyxThreads

/// A reduction of 16-bit floats: widened piece by piece, folded in float32, rounded once.
///
/// SAFETY: `x` holds the elements of the shape that this was made for, the result one for each output; scratch memory has
/// `scratchByteCount` bytes.
@safe struct HalfReduction: Sendable {
  private let kind: Reduce.Kind
  private let shape: [Int]
  private let reduced: [Bool]
  private let loops: ReduceLoops
  private let widening, narrowing: ElementCast
  private let isa: ISA
  private let way: Way

  private enum Way {
    /// Short lines of the innermost axis, many at once.
    case lines
    /// Columns of rows that lie at one distance.
    case columns
    /// All of the input is widened first.
    case whole
  }

  /// Columns of a task, and rows that are widened at a time.
  private static let (columns, rows) = (256, 16)

  /// Nil when there are no conversions for the type.
  init?(_ kind: Reduce.Kind, _ type: ElementType, shape: [Int], reduced: [Bool], isa: ISA) {
    guard let widening = ElementCast(from: type, to: .float32, isa: isa), let narrowing = ElementCast(from: .float32, to: type, isa: isa)
    else { return nil }
    (self.kind, self.shape, self.reduced, self.isa) = (kind, shape, reduced, isa)
    (self.widening, self.narrowing) = (widening, narrowing)
    let loops = ReduceLoops(shape: shape, reduced: reduced)
    self.loops = loops
    if kind == .logSumExp || loops.reduced.count != 1 {
      way = .whole
    } else {
      way = loops.hasShortLines ? .lines : loops.innerIsKept ? .columns : .whole
    }
  }

  var scratchByteCount: Int {
    (loops.keptCount + (way == .whole ? loops.keptCount * loops.reducedCount : 0)) * MemoryLayout<Float>.stride
  }

  func run(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer, pool: ThreadPool) {
    let count = loops.keptCount
    let results = unsafe scratch.assumingMemoryBound(to: Float.self)
    switch way {
    case .lines: unsafe foldLines(x, results, pool)
    case .columns: unsafe foldColumns(x, results, pool)
    case .whole:
      let wide = unsafe results + count
      unsafe widening.run(wide, x, count: count * loops.reducedCount, pool: pool)
      unsafe Reduce.run(kind, wide, results, shape: shape, reduced: reduced, isa: isa, pool: pool)
    }
    if way != .whole { unsafe Reduction(kind: kind, loops: loops, x: results, y: results, isa: isa, pool: pool).finish() }
    unsafe narrowing.run(y, results, count: count, pool: pool)
  }

  private func foldLines(_ x: UnsafeRawPointer, _ results: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
    let (length, count) = (loops.reducedCount, loops.keptCount)
    let lines = max(16, 4096 / length & ~15)
    let fold = unsafe isa.reduce.lines[kind.fold]!
    pool.parallelFor(count: (count + lines - 1) / lines, grain: max(1, 16384 / (lines * length))) { range in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: lines * length) { scratch in
        let wide = scratch.baseAddress!
        for block in range {
          let first = block * lines
          let n = min(lines, count - first)
          unsafe widening.block(wide, x + first * length * widening.width, count: n * length)
          unsafe fold(results + first, wide, Int64(n), Int64(length))
        }
      }
    }
  }

  private func foldColumns(_ x: UnsafeRawPointer, _ results: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
    guard let rows = loops.reduced.last else { return }
    let (width, outerKept) = (loops.kept.last?.count ?? 1, loops.kept.dropLast())
    let pieces = (width + Self.columns - 1) / Self.columns
    let work = min(width, Self.columns) * rows.count
    pool.parallelFor(count: loops.keptCount / width * pieces, grain: max(1, 16384 / work)) { range in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.columns * Self.rows) { scratch in
        let wide = scratch.baseAddress!
        for task in range {
          let (plane, piece) = task.quotientAndRemainder(dividingBy: pieces)
          let first = piece * Self.columns
          let n = min(Self.columns, width - first)
          let from = unsafe x + (ReduceLoops.offset(plane, outerKept) + first) * widening.width
          let to = unsafe results + plane * width + first
          unsafe isa.elementwise.fill!(to, kind.identity, Int64(n))
          for start in stride(from: 0, to: rows.count, by: Self.rows) {
            let height = min(Self.rows, rows.count - start)
            for row in 0..<height {
              unsafe widening.block(wide + row * n, from + (start + row) * rows.stride * widening.width, count: n)
            }
            unsafe isa.reduce.rows[kind.fold]!(to, wide, Int64(height), Int64(n), Int64(n))
          }
        }
      }
    }
  }
}
