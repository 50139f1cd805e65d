/// Candidates by falling score, of equal scores the lower index first, NaN last.
///
/// They are dealt into buckets of equal ranges between their best and their worst score, and a bucket is sorted when the first of its
/// candidates is asked for: who takes few pays for few. Complexity: O(n) for n candidates, and O(b · log b) for each bucket of b that is
/// reached.
struct ScoreQueue {
  /// The rank of the score above the index, bucket by bucket.
  private var keys: [UInt64]
  /// Where each bucket ends.
  private var ends: [UInt32]
  private var bucket = 0
  private var taken = 0
  private var sorted = 0

  /// Some candidates share a bucket on average.
  private static let candidatesBits = 4
  private static let mostBucketBits = 9
  private static let nan = UInt32.max

  /// `count` scores from `first` on, but those that are not greater than `least`.
  init(_ scores: Span<Float>, from first: Int, count: UInt32, above least: Float?) {
    var unordered: [UInt64] = []
    unordered.reserveCapacity(Int(count))
    for index in 0..<count {
      let score = scores[first + Int(index)]
      if let least, !(score > least) { continue }
      unordered.append(UInt64(Self.rank(score)) << 32 | UInt64(index))
    }
    let deal = Deal(unordered)
    var ends = [UInt32](repeating: 0, count: deal.last + 1)
    for key in unordered { ends[deal.bucket(key)] &+= 1 }
    var start: UInt32 = 0
    for place in ends.indices { (ends[place], start) = (start, start &+ ends[place]) }
    var keys = unordered
    for key in unordered {
      let place = deal.bucket(key)
      keys[Int(ends[place])] = key
      ends[place] &+= 1
    }
    (self.keys, self.ends) = (keys, ends)
  }

  /// Which candidate goes where; NaN, whose rank is behind all others, into the last bucket.
  private struct Deal {
    private var best = UInt32.max
    private let shift: UInt32
    let last: Int

    init(_ keys: [UInt64]) {
      var worst = UInt32.min
      for key in keys {
        let rank = UInt32(truncatingIfNeeded: key >> 32)
        best = min(best, rank)
        worst = max(worst, rank == nan ? 0 : rank)
      }
      let bits = min(mostBucketBits, max(0, Int.bitWidth - keys.count.leadingZeroBitCount - 1 - candidatesBits))
      let range = worst > best ? worst - best : 0
      shift = UInt32(max(0, UInt32.bitWidth - range.leadingZeroBitCount - bits))
      last = 1 << bits - 1
    }

    func bucket(_ key: UInt64) -> Int { min(Int((UInt32(truncatingIfNeeded: key >> 32) &- best) &>> shift), last) }
  }

  /// Falls where scores rise; both zeros are equal.
  private static func rank(_ score: Float) -> UInt32 {
    if score.isNaN { return nan }
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
