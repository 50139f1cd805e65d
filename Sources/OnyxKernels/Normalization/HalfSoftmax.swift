import CKernels
import OnyxTensor
import OnyxThreads

/// Softmax and its logarithm of 16-bit floats along the middle axis of a [outer, count, inner] block: widened block by block, computed in
/// float32, rounded once.
///
/// SAFETY: both buffers hold outer * count * inner elements, and may be one; tasks own disjoint outer slices and inner columns.
@safe struct HalfSoftmax: Sendable {
  private let outer, count, inner: Int
  private let isLogarithm: Bool
  private let widening, narrowing: ElementCast
  private let isa: ISA

  /// Columns of a task, and elements that are widened at a time: what stays in the first-level cache.
  private static let (columns, block) = (64, 4096)

  /// Nil when there are no conversions for the type.
  init?(_ type: ElementType, outer: Int, count: Int, inner: Int, isLogarithm: Bool, isa: ISA) {
    guard let widening = ElementCast(from: type, to: .float32, isa: isa), let narrowing = ElementCast(from: .float32, to: type, isa: isa)
    else { return nil }
    (self.outer, self.count, self.inner, self.isLogarithm, self.isa) = (outer, count, inner, isLogarithm, isa)
    (self.widening, self.narrowing) = (widening, narrowing)
  }

  /// Lines that are computed together.
  private var lines: Int { max(1, Self.block / max(count, 1)) }
  private var floatCount: Int { inner == 1 ? lines * count : min(inner, Self.columns) * count }

  /// Bytes that all threads borrow.
  func borrowedByteCount(_ threads: Int) -> Int {
    let (bytes, overflow) = floatCount.multipliedReportingOverflow(by: threads * MemoryLayout<Float>.stride)
    return overflow ? .max : bytes
  }

  func run(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, pool: ThreadPool) {
    guard count > 0, inner > 0 else { return }
    if inner == 1 { unsafe runLines(x, y, pool) } else { unsafe runColumns(x, y, pool) }
  }

  private func runLines(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ pool: ThreadPool) {
    let width = widening.width
    pool.parallelFor(count: outer, grain: max(1, 4096 / count)) { range in
      unsafe pool.workspace.withFloats(floatCount) { wide in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: lines) {
          let n = min(lines, range.upperBound - first)
          let at = first * count * width
          unsafe widening.block(wide, x + at, count: n * count)
          unsafe isa.normalize.softmax_lines!(wide, wide, Int64(n), Int64(count), isLogarithm ? 1 : 0)
          unsafe narrowing.block(y + at, wide, count: n * count)
        }
      }
    }
  }

  private func runColumns(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ pool: ThreadPool) {
    let width = widening.width
    let pieces = (inner + Self.columns - 1) / Self.columns
    pool.parallelFor(count: outer * pieces, grain: max(1, 4096 / (count * min(inner, Self.columns)))) { range in
      unsafe pool.workspace.withFloats(floatCount) { wide in
        for task in range {
          let (plane, piece) = task.quotientAndRemainder(dividingBy: pieces)
          let first = piece * Self.columns
          let n = min(Self.columns, inner - first)
          let at = (plane * count * inner + first) * width
          for row in 0..<count { unsafe widening.block(wide + row * n, x + at + row * inner * width, count: n) }
          unsafe isa.normalize.softmax_columns!(wide, wide, Int64(count), Int64(n), Int64(n), isLogarithm ? 1 : 0)
          for row in 0..<count { unsafe narrowing.block(y + at + row * inner * width, wide + row * n, count: n) }
        }
      }
    }
  }
}
