import OnyxThreads

/// Copies an N-dimensional block of elements between two strided layouts of any element width.
///
/// Strides and offsets are in elements; source strides may be zero (broadcast) or negative. Built once per plan: axes of
/// extent 1 are dropped and neighbours that run on into each other are merged, so that most copies become a few long rows.
package struct StridedCopy: Sendable {
  private let width: Int
  private let sourceOffset: Int
  private let targetOffset: Int
  /// Outermost first, never empty.
  private let extents: [Int]
  private let sourceStrides: [Int]
  private let targetStrides: [Int]
  private let elementCount: Int

  /// `width` is the element width in bytes: 1, 2, 4, 8 or 16. All lists have one entry per axis.
  package init(
    width: Int, extents: [Int], sourceOffset: Int = 0, sourceStrides: [Int], targetOffset: Int = 0, targetStrides: [Int]
  ) {
    self.width = width
    self.sourceOffset = sourceOffset
    self.targetOffset = targetOffset
    elementCount = extents.reduce(1, *)
    var axes: [(extent: Int, source: Int, target: Int)] = []
    for axis in extents.indices where extents[axis] != 1 {
      let next = (extent: extents[axis], source: sourceStrides[axis], target: targetStrides[axis])
      if let last = axes.last, last.source == next.source * next.extent, last.target == next.target * next.extent {
        axes[axes.count - 1] = (last.extent * next.extent, next.source, next.target)
      } else {
        axes.append(next)
      }
    }
    if axes.isEmpty { axes = [(1, 1, 1)] }
    self.extents = axes.map(\.extent)
    self.sourceStrides = axes.map(\.source)
    self.targetStrides = axes.map(\.target)
  }

  /// Bytes that are worth a second thread.
  private static let parallelByteCount = 1 << 16

  /// SAFETY: the caller owns both blocks; every element that extents, strides and offsets reach is inside them, and they do
  /// not overlap.
  package func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, pool: ThreadPool) {
    guard elementCount > 0 else { return }
    let source = unsafe source + sourceOffset * width
    let target = unsafe target + targetOffset * width
    let inner = extents[extents.count - 1]
    if extents.count == 1 {
      let grain = max(1, Self.parallelByteCount / width)
      pool.parallelFor(count: inner, grain: grain) { range in
        unsafe copyRow(
          source + range.lowerBound * sourceStrides[0] * width, target + range.lowerBound * targetStrides[0] * width, range.count)
      }
      return
    }
    let rows = elementCount / inner
    pool.parallelFor(count: rows, grain: max(1, Self.parallelByteCount / (inner * width))) { range in
      unsafe copyRows(range, source, target)
    }
  }

  private func copyRows(_ rows: Range<Int>, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
    let outer = extents.count - 1
    var position = [Int](repeating: 0, count: outer)
    var (from, to) = (0, 0)
    var rest = rows.lowerBound
    for axis in (0..<outer).reversed() {
      position[axis] = rest % extents[axis]
      rest /= extents[axis]
      from += position[axis] * sourceStrides[axis]
      to += position[axis] * targetStrides[axis]
    }
    for _ in rows {
      unsafe copyRow(source + from * width, target + to * width, extents[outer])
      for axis in (0..<outer).reversed() {
        position[axis] += 1
        from += sourceStrides[axis]
        to += targetStrides[axis]
        if position[axis] < extents[axis] { break }
        position[axis] = 0
        from -= extents[axis] * sourceStrides[axis]
        to -= extents[axis] * targetStrides[axis]
      }
    }
  }

  private func copyRow(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int) {
    let (from, to) = (sourceStrides[extents.count - 1], targetStrides[extents.count - 1])
    if from == 1, to == 1 {
      unsafe target.copyMemory(from: source, byteCount: count * width)
      return
    }
    switch width {
    case 1: unsafe copyElements(UInt8.self, source, from, target, to, count)
    case 2: unsafe copyElements(UInt16.self, source, from, target, to, count)
    case 4: unsafe copyElements(UInt32.self, source, from, target, to, count)
    case 8: unsafe copyElements(UInt64.self, source, from, target, to, count)
    default:
      for index in 0..<count { unsafe (target + index * to * width).copyMemory(from: source + index * from * width, byteCount: width) }
    }
  }

  private func copyElements<Word: BitwiseCopyable>(
    _ type: Word.Type, _ source: UnsafeRawPointer, _ from: Int, _ target: UnsafeMutableRawPointer, _ to: Int, _ count: Int
  ) {
    let source = unsafe source.assumingMemoryBound(to: type)
    let target = unsafe target.assumingMemoryBound(to: type)
    if from == 0 {
      let value = unsafe source[0]
      for index in 0..<count { unsafe target[index * to] = value }
    } else {
      for index in 0..<count { unsafe target[index * to] = source[index * from] }
    }
  }
}
