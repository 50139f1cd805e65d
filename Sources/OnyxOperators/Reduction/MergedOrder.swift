import OnyxTensor

/// Sorts by merging, in order and with an end: `sorted` of the standard library cannot be left.
enum MergedOrder {
  /// The numbers 0 ..< count in an order in which no number stands before one that precedes it; equal ones stay as they were.
  ///
  /// Throws `budgetExceeded` when the work has to end. Complexity: O(count · log count).
  static func indices(_ count: Int, _ precedes: (Int, Int) -> Bool) throws(OnyxError) -> [Int] {
    var pace = WorkPace(every: 1 << 12)
    var order = Array(0..<count)
    let run = 16
    for start in stride(from: 0, to: count, by: run) {
      try pace.check(after: run)
      for place in start + 1..<max(start + 1, min(start + run, count)) {
        let item = order[place]
        var hole = place
        while hole > start, precedes(item, order[hole - 1]) {
          order[hole] = order[hole - 1]
          hole -= 1
        }
        order[hole] = item
      }
    }
    var merged = order
    var width = run
    while width < count {
      for start in stride(from: 0, to: count, by: 2 * width) {
        let (middle, end) = (min(start + width, count), min(start + 2 * width, count))
        var (left, right) = (start, middle)
        for place in start..<end {
          try pace.check()
          if left < middle, right == end || !precedes(order[right], order[left]) {
            merged[place] = order[left]
            left += 1
          } else {
            merged[place] = order[right]
            right += 1
          }
        }
      }
      swap(&order, &merged)
      width *= 2
    }
    return order
  }
}
