/// Candidates by falling score, of equal scores the lower index first, NaN last.
///
/// They are counted in buckets of equal ranges between their best and their worst score; the best buckets are gathered and sorted, twice as
/// many candidates each time the last ones are used up: who takes few pays for few. Complexity: O(n) for n candidates, and O(n + b · log b)
/// for every batch of b candidates that is reached; there are O(log n) batches.
struct ScoreQueue {
  /// Ranks of the scores; `none` for those that are no candidates.
  private let ranks: [UInt32]
  private let deal: Deal
  /// Candidates of each bucket, and what is none behind them.
  private let sizes: [UInt32]
  /// The first bucket that is not in a batch yet.
  private var bucket = 0
  /// The rank above the index of the candidates that come next.
  private var batch: [UInt64] = []
  private var taken = 0
  /// Candidates that the next batch aims at.
  private var aim = 64

  /// Some candidates share a bucket on average.
  private static let candidatesBits = 4
  private static let mostBucketBits = 9
  private static let none = UInt32.max
  private static let nan = UInt32.max - 1
  /// Of more scores every eighth says where buckets begin and end.
  private static let mostLookedAt = 4096

  /// `count` scores from `first` on, but those that are not greater than `least`.
  init(_ scores: Span<Float>, from first: Int, count: UInt32, above least: Float?) {
    let (count, takesAll, bound) = (Int(count), least == nil, least ?? 0)
    let own = scores.extracting(first..<first + count)
    var ranks = [UInt32](repeating: Self.none, count: count)
    for index in own.indices { ranks[index] = takesAll || own[index] > bound ? Self.rank(own[index]) : Self.none }
    var (best, worst) = (UInt32.max, UInt32.min)
    for index in stride(from: 0, to: count, by: count > Self.mostLookedAt ? 8 : 1) {
      best = min(best, ranks[index])
      worst = max(worst, ranks[index] < Self.nan ? ranks[index] : 0)
    }
    let deal = Deal(best: best, worst: worst, count: count)
    var sizes = [UInt32](repeating: 0, count: deal.last + 2)
    for rank in ranks { sizes[rank == Self.none ? deal.last + 1 : deal.bucket(rank)] &+= 1 }
    (self.ranks, self.deal, self.sizes) = (ranks, deal, sizes)
  }

  /// Which rank goes where: what is better than the best into the first bucket, what is worse than the worst, as NaN is, into the last.
  private struct Deal {
    private let best: UInt32
    private let shift: UInt32
    let last: Int

    /// `count` candidates whose ranks go from `best` to `worst`, or a little beyond.
    init(best: UInt32, worst: UInt32, count: Int) {
      self.best = best
      let bits = min(mostBucketBits, max(0, Int.bitWidth - count.leadingZeroBitCount - 1 - candidatesBits))
      let range = worst > best ? worst - best : 0
      shift = UInt32(max(0, UInt32.bitWidth - range.leadingZeroBitCount - bits))
      last = 1 << bits - 1
    }

    func bucket(_ rank: UInt32) -> Int { min(Int((max(rank, best) &- best) &>> shift), last) }

    /// The ranks of some buckets.
    func ranks(_ buckets: Range<Int>) -> Range<UInt32> {
      func start(_ bucket: Int) -> UInt32 { UInt32(clamping: UInt64(best) + UInt64(bucket) << UInt64(shift)) }
      let low = buckets.lowerBound == 0 ? 0 : start(buckets.lowerBound)
      return low..<max(low, buckets.upperBound > last ? none : start(buckets.upperBound))
    }
  }

  /// Falls where scores rise; both zeros are equal.
  private static func rank(_ score: Float) -> UInt32 {
    let bits = (score + 0).bitPattern
    let positive = UInt32(bitPattern: ~(Int32(bitPattern: bits) &>> 31))
    return score.isNaN ? nan : bits ^ (positive & 0x7fff_ffff)
  }

  /// The index of the next candidate, counted from the first score; nil when all are taken.
  mutating func next() -> Int? {
    if taken == batch.count {
      guard bucket <= deal.last else { return nil }
      gather()
      guard !batch.isEmpty else { return nil }
    }
    taken += 1
    return Int(truncatingIfNeeded: batch[taken - 1] & 0xffff_ffff)
  }

  /// Sorts the candidates of the next buckets, as many as it takes to have those that are aimed at.
  private mutating func gather() {
    let first = bucket
    var size = 0
    while bucket <= deal.last, size < aim {
      size += Int(sizes[bucket])
      bucket += 1
    }
    (batch, taken, aim) = ([], 0, 2 * aim)
    guard size > 0 else { return }
    batch.reserveCapacity(size)
    let wanted = deal.ranks(first..<bucket)
    let (low, width) = (wanted.lowerBound, wanted.upperBound - wanted.lowerBound)
    for index in ranks.indices where ranks[index] &- low < width { batch.append(UInt64(ranks[index]) << 32 | UInt64(index)) }
    batch.sort()
  }
}
