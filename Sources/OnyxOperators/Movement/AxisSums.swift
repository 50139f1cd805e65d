import OnyxTensor

/// For each element of a shape, in order, the sum of the shares that its coordinates contribute; `IndexMap.outside` when one has none.
///
/// Nothing is kept for each element. Complexity: O(elements), and O(rank) for each row.
struct AxisSums: Sequence {
  typealias Share = (_ axis: Int, _ coordinate: Int) -> Int?

  private let shape: Shape
  private let share: Share

  init(_ shape: Shape, _ share: @escaping Share) {
    self.shape = shape
    self.share = share
  }

  var underestimatedCount: Int { shape.elementCount }

  func makeIterator() -> Iterator { Iterator(shape, share) }

  struct Iterator: IteratorProtocol {
    private let shape: Shape
    private let share: Share
    private let last: Int
    private let extent: Int
    /// The shares of the last axis when it is short.
    private let table: [Int]
    /// Of the axes before the last one, and the sums up to each of them.
    private var coordinates: [Int]
    private var bases: [Int]
    private var base = 0
    private var place = 0
    private var left: Int

    private static let longestTable = 1024

    init(_ shape: Shape, _ share: @escaping Share) {
      (self.shape, self.share) = (shape, share)
      left = shape.elementCount
      last = shape.rank - 1
      extent = shape.last ?? 1
      coordinates = Array(repeating: 0, count: Swift.max(last, 0))
      bases = coordinates
      let hasTable = left > extent && extent <= Self.longestTable && last >= 0
      let axis = last
      table = hasTable ? (0..<extent).map { share(axis, $0) ?? IndexMap.outside } : []
      if left > 0 { sum(from: 0) }
    }

    private mutating func sum(from first: Int) {
      for axis in first..<Swift.max(last, first) {
        let before = axis == 0 ? 0 : bases[axis - 1]
        let own = share(axis, coordinates[axis]) ?? IndexMap.outside
        bases[axis] = before < 0 || own < 0 ? IndexMap.outside : before + own
      }
      base = bases.last ?? 0
    }

    private mutating func beginRow() {
      place = 0
      var axis = last - 1
      while axis >= 0 {
        coordinates[axis] += 1
        if coordinates[axis] < shape[axis] { return sum(from: axis) }
        coordinates[axis] = 0
        axis -= 1
      }
    }

    mutating func next() -> Int? {
      guard left > 0 else { return nil }
      left -= 1
      guard last >= 0 else { return 0 }
      if place == extent { beginRow() }
      let own = table.isEmpty ? share(last, place) ?? IndexMap.outside : table[place]
      place += 1
      return base < 0 || own < 0 ? IndexMap.outside : base + own
    }
  }
}

/// The positions of runs of `length` elements, one run from each of some starts.
struct IndexRuns<Starts: Sequence<Int>>: Sequence {
  private let starts: Starts
  private let length: Int

  init(from starts: Starts, length: Int) { (self.starts, self.length) = (starts, length) }

  func makeIterator() -> Iterator { Iterator(starts.makeIterator(), length) }

  struct Iterator: IteratorProtocol {
    private var starts: Starts.Iterator
    private let length: Int
    private var start = 0
    private var left = 0

    init(_ starts: Starts.Iterator, _ length: Int) { (self.starts, self.length) = (starts, length) }

    mutating func next() -> Int? {
      if left == 0 {
        guard length > 0, let first = starts.next() else { return nil }
        (start, left) = (first, length)
      }
      left -= 1
      start += 1
      return start - 1
    }
  }
}
