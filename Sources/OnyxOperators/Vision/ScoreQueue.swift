/// Candidates by falling score, of equal scores the lower index first, NaN last.
///
/// They are dealt into buckets by the leading bits of their scores, and a bucket is sorted when the first of its candidates is asked for:
/// who takes few pays for few. Complexity: O(n) for n candidates, and O(b · log b) for each bucket of b that is reached.
struct ScoreQueue {
  /// The rank of the score above the index, bucket by bucket.
  private var keys: [UInt64]
  /// Where each bucket ends.
  private var ends: [UInt32]
  private var bucket = 0
  private var taken = 0
  private var sorted = 0

  private static let bucketBits = 13
  private static let bucketShift = UInt64(64 - bucketBits)

  /// `count` scores from `first` on, but those that are not greater than `least`.
  init(_ scores: Span<Float>, from first: Int, count: UInt32, above least: Float?) {
    var unordered: [UInt64] = []
    unordered.reserveCapacity(Int(count))
    ends = Array(repeating: 0, count: 1 << Self.bucketBits)
    for index in 0..<count {
      let score = scores[first + Int(index)]
      if let least, !(score > least) { continue }
      let key = UInt64(Self.rank(score)) << 32 | UInt64(index)
      ends[Int(truncatingIfNeeded: key >> Self.bucketShift)] &+= 1
      unordered.append(key)
    }
    var start: UInt32 = 0
    for place in ends.indices { (ends[place], start) = (start, start &+ ends[place]) }
    keys = unordered
    for key in unordered {
      let place = Int(truncatingIfNeeded: key >> Self.bucketShift)
      keys[Int(ends[place])] = key
      ends[place] &+= 1
    }
  }

  /// Falls where scores rise; both zeros are equal.
  private static func rank(_ score: Float) -> UInt32 {
    if score.isNaN { return .max }
    let bits = (score + 0).bitPattern
    return bits >> 31 == 0 ? ~(bits | 0x8000_0000) : bits
  }

  /// The index of the next candidate, counted from the first score; nil when all are taken.
  mutating func next() -> Int? {
    guard taken < keys.count else { return nil }
    if taken == sorted {
      while Int(ends[bucket]) == taken { bucket += 1 }
      sorted = Int(ends[bucket])
      keys[taken..<sorted].sort()
    }
    taken += 1
    return Int(truncatingIfNeeded: keys[taken - 1] & 0xffff_ffff)
  }
}
