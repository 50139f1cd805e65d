/// The keys that a query sees: a range around its own position, which counts from the first key of the cache.
package struct VisibleKeys: Sendable, Hashable {
  /// Keys before the query's position that it sees; nil: all.
  private var left: Int?
  /// Keys after it; nil: all.
  private var right: Int?
  /// The position of query 0 where sequences have no length of their own.
  private var past = 0
  /// Keys from here on are hidden from every query.
  private var limit = Int.max / 4

  package static let all = VisibleKeys()
  /// No key after the query.
  package static let causal = VisibleKeys(right: 0)

  private init() {}

  /// Windows, positions and limits past any length of a sequence count as such.
  package init(left: Int? = nil, right: Int? = nil, past: Int = 0, limit: Int? = nil) {
    self.left = left.map(Self.held)
    self.right = right.map(Self.held)
    self.past = Self.held(past)
    self.limit = limit.map(Self.held) ?? self.limit
  }

  /// Sums of three such numbers do not overflow.
  private static func held(_ size: Int) -> Int { min(max(size, 0), .max / 4) }

  /// The keys of `count` that query `query` of `queries` sees in a sequence of `length` keys, nil: of all. Both ends grow with the query.
  package func range(_ query: Int, of queries: Int, count: Int, length: Int?) -> Range<Int> {
    let position = (length.map { $0 - queries } ?? past) + query
    let end = min(count, limit, length ?? count)
    let upper = max(0, right.map { min(end, position + $0 + 1) } ?? end)
    let lower = left.map { max(0, position - $0) } ?? 0
    return min(lower, upper)..<upper
  }
}
