import CKernels
import OnyxThreads

/// Copies an N-dimensional block of elements between two strided layouts of any element width.
///
/// Strides and offsets are in elements; source strides may be zero (broadcast) or negative. Built once per plan: axes of
/// extent 1 are dropped and neighbours that run on into each other are merged. Two axes form planes, which one micro-kernel copies: the
/// innermost one of the target, and the one along which the source is contiguous (a transpose) or else the next one of the target.
package struct StridedCopy: Sendable {
  private struct Axis {
    var extent, source, target: Int
  }

  private let width: Int
  private let sourceOffset: Int
  private let targetOffset: Int
  private let elementCount: Int
  /// Axes around the planes, outermost first.
  private let outer: [Axis]
  private let row: Axis
  private let column: Axis
  /// Rows and columns of one task.
  private let piece: (rows: Int, columns: Int)

  /// Bytes that are worth a second thread.
  private static let parallelByteCount = 1 << 16

  /// `width` is the element width in bytes: 1, 2, 4, 8 or 16. All lists have one entry per axis.
  package init(
    width: Int, extents: [Int], sourceOffset: Int = 0, sourceStrides: [Int], targetOffset: Int = 0, targetStrides: [Int]
  ) {
    self.width = width
    self.sourceOffset = sourceOffset
    self.targetOffset = targetOffset
    elementCount = extents.reduce(1, *)
    var axes: [Axis] = []
    for axis in extents.indices where extents[axis] != 1 {
      let next = Axis(extent: extents[axis], source: sourceStrides[axis], target: targetStrides[axis])
      if let last = axes.last, last.source == next.source * next.extent, last.target == next.target * next.extent {
        axes[axes.count - 1] = Axis(extent: last.extent * next.extent, source: next.source, target: next.target)
      } else {
        axes.append(next)
      }
    }
    column = axes.popLast() ?? Axis(extent: 1, source: 1, target: 1)
    let isTransposed = column.source != 0 && column.source.magnitude != 1
    let partner = isTransposed ? axes.lastIndex { $0.source == 1 } : nil
    row = partner.map { axes.remove(at: $0) } ?? axes.popLast() ?? Axis(extent: 1, source: 0, target: column.extent)
    outer = axes
    let columns = column.extent * width <= 1 << 18 ? column.extent : Self.parallelByteCount / width
    let rows = max(1, Self.parallelByteCount / max(1, columns * width))
    // Transposed planes are moved by cache lines of both sides.
    piece = (rows: partner == nil ? rows : (rows + 63) / 64 * 64, columns: max(1, columns))
  }

  /// SAFETY: the caller owns both blocks; every element that extents, strides and offsets reach is inside them, and they do
  /// not overlap.
  package func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, pool: ThreadPool) {
    guard elementCount > 0 else { return }
    let source = unsafe source + sourceOffset * width
    let target = unsafe target + targetOffset * width
    if outer.isEmpty && elementCount * width <= Self.parallelByteCount {
      return unsafe copy(0..<row.extent, 0..<column.extent, source, target)
    }
    let rowPieces = (row.extent + piece.rows - 1) / piece.rows
    let columnPieces = (column.extent + piece.columns - 1) / piece.columns
    let perPlane = rowPieces * columnPieces
    let bytes = min(piece.rows, row.extent) * min(piece.columns, column.extent) * width
    let planes = outer.reduce(1) { $0 * $1.extent }
    pool.parallelFor(count: planes * perPlane, grain: max(1, Self.parallelByteCount / bytes)) { range in
      if perPlane == 1 { return unsafe copyPlanes(range, source, target) }
      for task in range {
        let (plane, part) = task.quotientAndRemainder(dividingBy: perPlane)
        let (from, to) = offsets(plane)
        let (firstRow, firstColumn) = (part / columnPieces * piece.rows, part % columnPieces * piece.columns)
        unsafe copy(
          firstRow..<min(row.extent, firstRow + piece.rows), firstColumn..<min(column.extent, firstColumn + piece.columns),
          source + from * width, target + to * width)
      }
    }
  }

  private func offsets(_ plane: Int) -> (source: Int, target: Int) {
    var (rest, from, to) = (plane, 0, 0)
    for axis in outer.reversed() {
      let (quotient, position) = rest.quotientAndRemainder(dividingBy: axis.extent)
      from += position * axis.source
      to += position * axis.target
      rest = quotient
    }
    return (from, to)
  }

  /// Whole planes, those along the last outer axis without a division for each.
  private func copyPlanes(_ planes: Range<Int>, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
    guard let last = outer.last else { return unsafe copy(0..<row.extent, 0..<column.extent, source, target) }
    var plane = planes.lowerBound
    while plane < planes.upperBound {
      let count = min(last.extent - plane % last.extent, planes.upperBound - plane)
      let (from, to) = offsets(plane)
      for step in 0..<count {
        unsafe copy(
          0..<row.extent, 0..<column.extent, source + (from + step * last.source) * width, target + (to + step * last.target) * width)
      }
      plane += count
    }
  }

  private func copy(_ rows: Range<Int>, _ columns: Range<Int>, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
    let from = rows.lowerBound * row.source + columns.lowerBound * column.source
    let to = rows.lowerBound * row.target + columns.lowerBound * column.target
    unsafe onyx_copy_plane(
      Int64(width), target + to * width, Int64(row.target), Int64(column.target), source + from * width, Int64(row.source),
      Int64(column.source), Int64(rows.count), Int64(columns.count))
  }
}
