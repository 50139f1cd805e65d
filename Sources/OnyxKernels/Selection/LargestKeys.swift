import OnyxTensor

/// The k largest of n keys in descending order, of equal keys those with the lower index first.
///
/// Few are kept sorted while blocks whose keys are all too small are passed over; some in a heap; many by sorting all keys by their bytes,
/// lowest first, which keeps equal keys in order. Of long lines only those are sorted that are not below a bound, which a sample suggests.
///
/// Work that has to end leaves entries without an index behind, so none is told then.
///
/// SAFETY: `keys` holds `count` keys, and `memory` the bytes that `byteCount` tells, aligned for keys.
struct LargestKeys<Key: FixedWidthInteger & SignedInteger & BitwiseCopyable> {
  private struct Entry: BitwiseCopyable {
    let key: Key
    let index: Int32

    /// Whether it comes behind another entry.
    func isBehind(_ other: Entry) -> Bool { key < other.key || (key == other.key && index > other.index) }
  }

  private enum Way {
    case sortedList, heap, sampled, radix
  }

  private let count: Int
  private let k: Int
  private let way: Way

  init(count: Int, k: Int) {
    self.count = count
    self.k = k
    if k >= 256 && k <= count / 4 && count >= 4096 {
      way = .sampled
    } else {
      way = k <= 16 || count <= 48 ? .sortedList : k <= count / 8 || count < 256 ? .heap : .radix
    }
  }

  var byteCount: Int { MemoryLayout<Entry>.stride * (way == .radix || way == .sampled ? 2 * count : k) }

  /// Calls `body` with the index of each, in order.
  func select(_ keys: UnsafePointer<Key>, _ memory: UnsafeMutableRawPointer, _ body: (_ place: Int, _ index: Int) -> Void) {
    guard k > 0 else { return }
    let entries = unsafe memory.assumingMemoryBound(to: Entry.self)
    var result = unsafe entries
    switch way {
    case .sortedList: unsafe sortedList(keys, entries)
    case .heap: unsafe heap(keys, entries)
    case .sampled: unsafe result = sampled(keys, entries)
    case .radix: unsafe result = radix(keys, entries)
    }
    if WorkLimits.isOver { return }
    for place in 0..<k { unsafe body(place, Int(result[place].index)) }
  }

  private func sortedList(_ keys: UnsafePointer<Key>, _ best: UnsafeMutablePointer<Entry>) {
    func insert(_ index: Int, _ filled: Int) {
      var place = filled
      let key = unsafe keys[index]
      while place > 0, unsafe best[place - 1].key < key {
        if place < k { unsafe best[place] = best[place - 1] }
        place -= 1
      }
      if place < k { unsafe best[place] = Entry(key: key, index: Int32(truncatingIfNeeded: index)) }
    }
    for index in 0..<k { insert(index, index) }
    unsafe scan(keys, from: k, limit: { unsafe best[k - 1].key }, { insert($0, k) })
  }

  /// Calls `body` with each index from `start` on whose key is above the limit of the moment.
  @inline(__always)
  private func scan(_ keys: UnsafePointer<Key>, from start: Int, limit: () -> Key, _ body: (Int) -> Void) {
    let block = 32
    var index = start
    while index + block <= count {
      let bound = limit()
      var isAbove: Key = 0
      for offset in 0..<block { isAbove |= unsafe keys[index + offset] > bound ? 1 : 0 }
      if isAbove != 0 {
        for start in stride(from: index, to: index + block, by: 8) {
          let bound = limit()
          var isNear: Key = 0
          for place in start..<start + 8 { isNear |= unsafe keys[place] > bound ? 1 : 0 }
          guard isNear != 0 else { continue }
          for place in start..<start + 8 where unsafe keys[place] > limit() { body(place) }
        }
      }
      index += block
    }
    while index < count {
      if unsafe keys[index] > limit() { body(index) }
      index += 1
    }
  }

  /// The last of the kept entries is at the root.
  private func heap(_ keys: UnsafePointer<Key>, _ heap: UnsafeMutablePointer<Entry>) {
    func sink(_ start: Int, _ end: Int) {
      let entry = unsafe heap[start]
      var place = start
      while true {
        var child = 2 * place + 1
        guard child < end else { break }
        if child + 1 < end, unsafe heap[child + 1].isBehind(heap[child]) { child += 1 }
        guard unsafe heap[child].isBehind(entry) else { break }
        unsafe heap[place] = heap[child]
        place = child
      }
      unsafe heap[place] = entry
    }
    var pace = WorkPace(every: 1 << 14)
    var hasEnded = false
    for index in 0..<k { unsafe heap[index] = Entry(key: keys[index], index: Int32(truncatingIfNeeded: index)) }
    for start in stride(from: k / 2, through: 0, by: -1) {
      if pace.isOver() { return }
      sink(start, k)
    }
    func replace(_ index: Int) {
      if hasEnded { return }
      hasEnded = pace.isOver()
      unsafe heap[0] = Entry(key: keys[index], index: Int32(truncatingIfNeeded: index))
      sink(0, k)
    }
    unsafe scan(keys, from: k, limit: { unsafe heap[0].key }, replace)
    for end in stride(from: k - 1, to: 0, by: -1) {
      if pace.isOver() { return }
      unsafe (heap[0], heap[end]) = unsafe (heap[end], heap[0])
      sink(0, end)
    }
  }

  private func radix(_ keys: UnsafePointer<Key>, _ entries: UnsafeMutablePointer<Entry>) -> UnsafeMutablePointer<Entry> {
    for index in 0..<count { unsafe entries[index] = Entry(key: keys[index], index: Int32(truncatingIfNeeded: index)) }
    return unsafe sort(entries, entries + count, count)
  }

  /// Looks for a bound that a few more than k keys reach, and sorts these; all when the sample misled.
  private func sampled(_ keys: UnsafePointer<Key>, _ entries: UnsafeMutablePointer<Entry>) -> UnsafeMutablePointer<Entry> {
    let sampleCount = 256
    for sample in 0..<sampleCount {
      // No fixed distance apart, since keys can come in a pattern.
      let place = sample * (count / sampleCount) + sample &* 40503 % (count / sampleCount)
      unsafe entries[sample] = Entry(key: keys[place], index: 0)
    }
    let samples = unsafe sort(entries, entries + count, sampleCount)
    let place = k * sampleCount / count
    let bound = unsafe samples[min(place + place / 4 + 8, sampleCount - 1)].key
    guard bound > Key.min else { return unsafe radix(keys, entries) }
    var found = 0
    func collect(_ index: Int) {
      unsafe entries[found] = Entry(key: keys[index], index: Int32(truncatingIfNeeded: index))
      found += 1
    }
    unsafe scan(keys, from: 0, limit: { bound - 1 }, collect)
    return found < k ? unsafe radix(keys, entries) : unsafe sort(entries, entries + count, found)
  }

  /// Sorts `count` entries, the largest key first; `others` holds as many.
  private func sort(
    _ entries: UnsafeMutablePointer<Entry>, _ others: UnsafeMutablePointer<Entry>, _ count: Int
  ) -> UnsafeMutablePointer<Entry> {
    var (from, to) = unsafe (entries, others)
    unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { places in
      for byte in 0..<Key.bitWidth / 8 {
        // The digits run backwards; the top bit is that of the sign.
        let flip = byte == Key.bitWidth / 8 - 1 ? 0x7f : 0xff
        func digit(_ entry: Entry) -> Int { Int(truncatingIfNeeded: entry.key >> Key(8 * byte)) & 0xff ^ flip }
        if WorkLimits.isOver { return }
        unsafe places.initialize(repeating: 0)
        for index in 0..<count { unsafe places[digit(from[index])] += 1 }
        if unsafe places[digit(from[0])] == count { continue }
        var start = 0
        for value in 0..<256 { unsafe (places[value], start) = unsafe (start, start + places[value]) }
        var pace = WorkPace(every: 1 << 16)
        for index in 0..<count {
          if pace.isOver() { return }
          let value = unsafe digit(from[index])
          unsafe to[places[value]] = from[index]
          unsafe places[value] += 1
        }
        unsafe swap(&from, &to)
      }
    }
    return unsafe from
  }
}
