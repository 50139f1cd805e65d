import OnyxTensor
import OnyxThreads

/// The walk of GatherElements and ScatterElements: every index has its own coordinates in the data, but along one axis.
///
/// Indices are walked by lines of neighbours: along the axis itself when it is the last one of more than one index, else along the
/// last axes.
struct AxisLines: Sendable {
  private struct Axis {
    var extent, data: Int
  }

  /// Axes before the indexed one: what they hold never meets.
  private let before: [Axis]
  /// The indexed axis and those behind it, but the line's; the indexed one moves nothing in the data.
  private let behind: [Axis]
  private let line: Int
  /// Elements of the data from one entry of the axis to the next.
  let axisStride: Int
  /// Elements of the data from one place of a line to the next, the axis apart.
  let step: Int

  /// No coordinate of an index is beyond the data, and both have a rank of at least 1.
  init(axis: Int, data: Shape, indices: Shape) {
    let strides = data.strides
    axisStride = strides[axis]
    before = (0..<axis).map { Axis(extent: indices[$0], data: strides[$0]) }
    var rest = (axis..<data.rank).map { Axis(extent: indices[$0], data: $0 == axis ? 0 : strides[$0]) }
    while rest.count > 1, rest[rest.count - 1].extent == 1 { rest.removeLast() }
    if rest.count == 1 {
      (line, step) = (rest[0].extent, 0)
      rest.removeLast()
    } else {
      var last = rest.removeLast()
      while rest.count > 1, rest[rest.count - 1].data == last.extent * last.data {
        last = Axis(extent: last.extent * rest.removeLast().extent, data: last.data)
      }
      (line, step) = (last.extent, last.data)
    }
    behind = rest
  }

  /// Indices that are worth a thread.
  private static let grain = 8192
  /// Indices of a line that are worth a call.
  private static let shortest = 64

  /// Calls `body` for pieces of lines: the position of the first index, its place in the data at entry 0 of the axis, and the number
  /// of indices. Pieces that can meet in the data run in order on one thread, unless `mayReorder`.
  func forEach(pool: ThreadPool, mayReorder: Bool, _ body: (_ index: Int, _ data: Int, _ count: Int) -> Void) {
    let lines = behind.reduce(1) { $0 * $1.extent }
    let outer = before.reduce(1) { $0 * $1.extent }
    guard lines > 0, outer > 0, line > 0 else { return }
    // A line along the axis meets itself; others can be cut.
    let canCut = mayReorder || step != 0
    let pieces =
      canCut && outer < 4 * pool.threadCount
      ? max(1, min(line / Self.shortest, 4 * pool.threadCount, lines * line / Self.grain)) : 1
    let length = (line + pieces - 1) / pieces
    pool.parallelFor(count: outer * pieces, grain: max(1, Self.grain / (lines * length))) { range in
      for task in range {
        let (block, piece) = task.quotientAndRemainder(dividingBy: pieces)
        let (first, base) = (piece * length, Self.offset(block, before))
        let count = min(length, line - first)
        guard count > 0 else { continue }
        for row in 0..<lines {
          body((block * lines + row) * line + first, base + Self.offset(row, behind) + first * step, count)
        }
      }
    }
  }

  private static func offset(_ index: Int, _ axes: [Axis]) -> Int {
    var (rest, offset) = (index, 0)
    for axis in axes.reversed() {
      let (quotient, position) = rest.quotientAndRemainder(dividingBy: axis.extent)
      offset += position * axis.data
      rest = quotient
    }
    return offset
  }
}
