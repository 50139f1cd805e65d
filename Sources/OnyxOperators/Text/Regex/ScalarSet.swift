/// A set of code points: what a class of a regular expression accepts.
struct ScalarSet: Hashable, Sendable {
  static let all = ScalarSet([0...0x10FFFF])

  /// Ascending, and neither overlapping nor touching.
  private(set) var ranges: [ClosedRange<UInt32>]

  /// The union of ranges in any order.
  init(_ ranges: [ClosedRange<UInt32>]) {
    self.ranges = ranges
    compact()
  }

  private mutating func compact() {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    ranges = merged
  }

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  /// The code points that are not in the set.
  var complement: ScalarSet {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
    return ScalarSet(gaps)
  }

  /// Complexity: O(log ranges).
  func contains(_ value: UInt32) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= value
  }

  /// The number of code points.
  var memberCount: Int { ranges.reduce(0) { $0 + $1.count } }

  /// The set with every code point that differs from one of it by case only. Complexity: O(code points) of a small set, of a large one
  /// O(orbits · log ranges).
  var foldingCase: ScalarSet {
    var added: [ClosedRange<UInt32>] = []
    if memberCount < CaseOrbits.all.count {
      for range in ranges { for value in range { added += CaseOrbits.orbit(of: value).map { $0...$0 } } }
    } else {
      for orbit in CaseOrbits.all where orbit.contains(where: contains) { added += orbit.map { $0...$0 } }
    }
    return added.isEmpty ? self : ScalarSet(ranges + added)
  }
}

/// A set in the making. It is compacted as it grows, so that a class that names the same large sets over and over stays small.
struct ScalarSetBuilder {
  private var ranges: [ClosedRange<UInt32>] = []
  private var limit = 1024

  mutating func insert(_ range: ClosedRange<UInt32>) { insert(contentsOf: [range]) }

  mutating func insert(_ set: ScalarSet) { insert(contentsOf: set.ranges) }

  private mutating func insert(contentsOf new: [ClosedRange<UInt32>]) {
    ranges += new
    guard ranges.count > limit else { return }
    ranges = ScalarSet(ranges).ranges
    limit = max(1024, 2 * ranges.count)
  }

  var set: ScalarSet { ScalarSet(ranges) }
}
