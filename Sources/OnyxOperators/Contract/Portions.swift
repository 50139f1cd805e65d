import OnyxTensor

// Loops of references over many elements, which ask between portions whether the work has to end.

extension Array {
  /// As `reduce`. Throws `budgetExceeded` when the work has to end.
  func folded<R>(_ initial: R, _ combine: (R, Element) -> R) throws(OnyxError) -> R {
    var result = initial
    try indices.forEachPortion { portion in for index in portion { result = combine(result, self[index]) } }
    return result
  }

  /// As `map`. Throws `budgetExceeded` when the work has to end.
  func mapped<R>(_ transform: (Element) -> R) throws(OnyxError) -> [R] {
    var results: [R] = []
    results.reserveCapacity(count)
    try indices.forEachPortion { portion in for index in portion { results.append(transform(self[index])) } }
    return results
  }
}

extension Range<Int> {
  /// Elements that are a portion: some tenths of a millisecond.
  private static var portion: Int { 1 << 15 }

  /// Calls `body` with the indices, a portion at a time. Throws `budgetExceeded` when the work has to end.
  func forEachPortion(_ body: (Range<Int>) -> Void) throws(OnyxError) {
    var pace = WorkPace(every: 1)
    var start = lowerBound
    while start < upperBound {
      if start > lowerBound { try pace.check() }
      let end = start + Swift.min(Self.portion, upperBound - start)
      body(start..<end)
      start = end
    }
  }
}
