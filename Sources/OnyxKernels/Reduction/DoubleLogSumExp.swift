import CKernels
import OnyxTensor
import OnyxThreads

/// log(sum(exp(x))) of float64, the maximum taken out first; a maximum that is not finite is the result.
///
/// SAFETY: `x` holds the elements of the shape that made `loops`, `y` one element for each output.
@safe struct DoubleLogSumExp: Sendable {
  let loops: ReduceLoops
  let isa: ISA

  /// The longest lines that are folded many at a call, elements of a call, and columns of a strip.
  private static let (longestLine, piece, strip) = (1024, 1024, 64)

  private var maximum: Int { Int(ONYX_FOLD_F64) * Int(ONYX_FOLD_KINDS) + Int(ONYX_REDUCE_MAX) }

  func run(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ pool: ThreadPool) {
    guard loops.keptCount > 0 else { return }
    if loops.innerIsKept {
      unsafe columns(x, y, pool)
    } else if loops.reduced.count == 1, loops.reducedCount <= Self.longestLine {
      unsafe lines(x, y, pool)
    } else {
      unsafe runs(x, y, pool)
    }
  }

  /// Lines that lie end to end.
  private func lines(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ pool: ThreadPool) {
    let length = loops.reducedCount
    let height = max(1, Self.piece / length)
    let blocks = (loops.keptCount + height - 1) / height
    pool.parallelFor(count: blocks, grain: max(1, 4096 / (height * length))) { range in
      unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * height) { scratch in
        let top = scratch.baseAddress!
        let total = unsafe top + height
        for block in range {
          let first = block * height
          let n = min(height, loops.keptCount - first)
          let from = unsafe x + first * length
          unsafe start(top, total, n)
          unsafe isa.fold.lines[maximum]!(top, from, Int64(n), Int64(length))
          unsafe keepFinite(top, y + first, n)
          unsafe isa.fold.exp_lines!(total, from, Int64(n), Int64(length), top)
          unsafe finish(top, total, y + first, n)
        }
      }
    }
  }

  /// Strips of columns.
  private func columns(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ pool: ThreadPool) {
    let (width, outerKept) = (loops.kept.last?.count ?? 1, loops.kept.dropLast())
    let strips = (width + Self.strip - 1) / Self.strip
    let rows = loops.reduced.last ?? ReduceLoops.Axis(count: 1, stride: 0)
    let outer = loops.reduced.dropLast()
    let steps = outer.reduce(1) { $0 * $1.count }
    let grain = max(1, 4096 / max(min(width, Self.strip) * loops.reducedCount, 1))
    pool.parallelFor(count: loops.keptCount / width * strips, grain: grain) { range in
      unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * Self.strip) { scratch in
        let top = scratch.baseAddress!
        let total = unsafe top + Self.strip
        for task in range {
          let (plane, part) = task.quotientAndRemainder(dividingBy: strips)
          let (first, n) = (part * Self.strip, min(Self.strip, width - part * Self.strip))
          let from = unsafe x + ReduceLoops.offset(plane, outerKept) + first
          let to = unsafe y + plane * width + first
          unsafe start(top, total, n)
          for step in 0..<steps {
            let base = unsafe from + ReduceLoops.offset(step, outer)
            unsafe isa.fold.rows[maximum]!(top, base, Int64(rows.count), Int64(rows.stride), Int64(n))
          }
          unsafe keepFinite(top, to, n)
          for step in 0..<steps {
            let base = unsafe from + ReduceLoops.offset(step, outer)
            unsafe isa.fold.exp_rows!(total, base, Int64(rows.count), Int64(rows.stride), Int64(n), top)
          }
          unsafe finish(top, total, to, n)
        }
      }
    }
  }

  /// One output after the other, over runs of neighbours.
  private func runs(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ pool: ThreadPool) {
    let (inner, outer) = (loops.reduced.last?.count ?? 1, loops.reduced.dropLast())
    let steps = outer.reduce(1) { $0 * $1.count }
    pool.parallelFor(count: loops.keptCount, grain: max(1, 4096 / max(loops.reducedCount, 1))) { range in
      unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { scratch in
        let top = scratch.baseAddress!
        let total = unsafe top + 1
        for output in range {
          let from = unsafe x + ReduceLoops.offset(output, loops.kept)
          unsafe start(top, total, 1)
          for step in 0..<steps { unsafe isa.fold.run[maximum]!(top, from + ReduceLoops.offset(step, outer), Int64(inner)) }
          unsafe keepFinite(top, y + output, 1)
          for step in 0..<steps {
            // Piece by piece, so that sums stay short.
            for first in stride(from: 0, to: inner, by: Self.piece) {
              let n = Int64(min(Self.piece, inner - first))
              unsafe isa.fold.exp_lines!(total, from + ReduceLoops.offset(step, outer) + first, 1, n, top)
            }
          }
          unsafe finish(top, total, y + output, 1)
        }
      }
    }
  }

  private func start(_ top: UnsafeMutablePointer<Double>, _ total: UnsafeMutablePointer<Double>, _ count: Int) {
    unsafe top.update(repeating: -.infinity, count: count)
    unsafe total.update(repeating: 0, count: count)
  }

  /// Writes the maxima as results, and takes 0 for those that are not finite.
  private func keepFinite(_ top: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    for index in 0..<count {
      unsafe y[index] = top[index]
      if unsafe !top[index].isFinite { unsafe top[index] = 0 }
    }
  }

  /// Adds the logarithms of the sums to finite maxima.
  private func finish(
    _ top: UnsafeMutablePointer<Double>, _ total: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    unsafe isa.functions.f64[ONYX_FUNCTION_LOG]!(total, total, Int64(count), 0, 0)
    for index in 0..<count where unsafe y[index].isFinite { unsafe y[index] = top[index] + total[index] }
  }
}
