import OnyxThreads

/// The loop nest of a broadcast function of up to four operands: axes of one element dropped, neighbours that every operand
/// crosses with one stride merged. The last loop is the inner one; there is always at least one.
struct BroadcastLoops: Sendable {
  private(set) var extents: [Int] = []
  /// For each loop the element strides of the operands.
  private(set) var strides: [SIMD4<Int>] = []

  /// `operands` has for each operand the element strides over `shape`; 0 broadcasts.
  init(shape: [Int], operands: [[Int]]) {
    for axis in shape.indices where shape[axis] != 1 {
      var next = SIMD4<Int>(repeating: 0)
      for (operand, strides) in operands.enumerated() { next[operand] = strides[axis] }
      if let last = strides.indices.last, strides[last] == next &* shape[axis] {
        extents[last] *= shape[axis]
        strides[last] = next
      } else {
        extents.append(shape[axis])
        strides.append(next)
      }
    }
    if extents.isEmpty { (extents, strides) = ([1], [SIMD4(repeating: 1)]) }
  }

  /// The strides of the operands in the inner loop.
  var inner: SIMD4<Int> { strides[strides.count - 1] }

  /// Calls `row(target, offsets, count)` for runs of the inner loop that cover the shape: the element of a dense row-major
  /// target that the run begins at, the elements of the operands there, and the length. `grain` elements are worth a thread.
  func forEachRow(pool: ThreadPool, grain: Int, _ row: (_ target: Int, _ offsets: SIMD4<Int>, _ count: Int) -> Void) {
    let (length, inner) = (extents[extents.count - 1], inner)
    if extents.count == 1 {
      pool.parallelFor(count: length, grain: grain) { range in row(range.lowerBound, inner &* range.lowerBound, range.count) }
      return
    }
    guard length > 0 else { return }
    pool.parallelFor(count: extents.dropLast().reduce(1, *), grain: max(1, grain / length)) { range in
      var position = Position(self, at: range.lowerBound)
      for index in range {
        row(index * length, position.offsets, length)
        position.advance(self)
      }
    }
  }

  /// Calls `run(target, offsets, count)` as `forEachRow` does, for runs of `count` neighbours of the loop before the inner one,
  /// each with its whole inner loop. There are at least two loops.
  func forEachRunOfRows(pool: ThreadPool, grain: Int, _ run: (_ target: Int, _ offsets: SIMD4<Int>, _ count: Int) -> Void) {
    let (length, neighbours) = (extents[extents.count - 1], extents[extents.count - 2])
    guard length > 0, neighbours > 0 else { return }
    pool.parallelFor(count: extents.dropLast().reduce(1, *), grain: max(1, grain / length)) { range in
      var row = range.lowerBound
      while row < range.upperBound {
        let count = min(neighbours - row % neighbours, range.upperBound - row)
        run(row * length, Position(self, at: row).offsets, count)
        row += count
      }
    }
  }

  /// The strides of the operands in the loop before the inner one; zeros when there is none.
  var steps: SIMD4<Int> { strides.count > 1 ? strides[strides.count - 2] : SIMD4(repeating: 0) }

  /// The only one of some operands that stays at one row while the others, dense in both, go from row to row of the inner loop.
  func repeatedOperand(of operands: Int) -> Int? {
    guard extents.count > 1, (0..<operands).allSatisfy({ inner[$0] == 1 }) else { return nil }
    let still = (0..<operands).filter { steps[$0] == 0 }
    return still.count == 1 && (0..<operands).allSatisfy({ steps[$0] == 0 || steps[$0] == extents[extents.count - 1] }) ? still[0] : nil
  }

  /// Calls `block(target, offsets, rows, count)` for blocks that cover the shape: `rows` neighbours of the loop before the inner one,
  /// each with `count` elements of the inner loop, which are all of them when there is more than one row. Few long rows are cut.
  func forEachBlock(
    pool: ThreadPool, grain: Int, _ block: (_ target: Int, _ offsets: SIMD4<Int>, _ rows: Int, _ count: Int) -> Void
  ) {
    let (length, inner) = (extents[extents.count - 1], inner)
    if extents.count == 1 {
      pool.parallelFor(count: length, grain: grain) { range in block(range.lowerBound, inner &* range.lowerBound, 1, range.count) }
      return
    }
    let rows = extents.dropLast().reduce(1, *)
    guard rows < 4 * pool.threadCount, length > grain else {
      forEachRunOfRows(pool: pool, grain: grain) { target, offsets, count in block(target, offsets, count, length) }
      return
    }
    pool.parallelFor(count: rows * length, grain: grain) { range in
      var start = range.lowerBound
      while start < range.upperBound {
        let (row, first) = (start / length, start % length)
        let count = min(length - first, range.upperBound - start)
        block(start, Position(self, at: row).offsets &+ inner &* first, 1, count)
        start += count
      }
    }
  }

  /// One step of the outer loops.
  private struct Position {
    private var index: [Int]
    private(set) var offsets = SIMD4<Int>(repeating: 0)

    init(_ loops: BroadcastLoops, at row: Int) {
      index = Array(repeating: 0, count: loops.extents.count - 1)
      var rest = row
      for axis in index.indices.reversed() {
        index[axis] = rest % loops.extents[axis]
        rest /= loops.extents[axis]
        offsets &+= loops.strides[axis] &* index[axis]
      }
    }

    mutating func advance(_ loops: BroadcastLoops) {
      for axis in index.indices.reversed() {
        index[axis] += 1
        offsets &+= loops.strides[axis]
        if index[axis] < loops.extents[axis] { return }
        index[axis] = 0
        offsets &-= loops.strides[axis] &* loops.extents[axis]
      }
    }
  }
}
