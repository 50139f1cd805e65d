import OnyxTensor

/// Places buffers with known lifetimes into one arena so that buffers alive at the same step never overlap.
package struct MemoryPlan: Sendable {
  /// A buffer that is alive from step `first` to step `last`, both included.
  package struct Request: Sendable {
    package let byteCount: Int
    package let first: Int
    package let last: Int

    package init(byteCount: Int, first: Int, last: Int) {
      self.byteCount = byteCount
      self.first = first
      self.last = last
    }
  }

  /// Offset of each request, in the order given; multiples of `Buffer.alignment`.
  package private(set) var offsets: [Int]
  package private(set) var byteCount = 0

  /// Greedy by size: the largest buffer first, each at the lowest gap that is free for its whole life (Pisarchyk and Lee,
  /// "Efficient Memory Management for Deep Neural Net Inference", 2020). Complexity: O(n²) for n requests.
  package init(_ requests: [Request]) throws(OnyxError) {
    offsets = Array(repeating: 0, count: requests.count)
    var placed: [(offset: Int, end: Int, request: Request)] = []
    let order = requests.indices.sorted { (requests[$0].byteCount, requests[$1].first) > (requests[$1].byteCount, requests[$0].first) }
    for index in order where requests[index].byteCount > 0 {
      let request = requests[index]
      let size = try Self.aligned(request.byteCount)
      var offset = 0
      // `placed` is sorted by offset, so the first gap that fits is the lowest.
      for other in placed where other.request.first <= request.last && request.first <= other.request.last {
        if other.offset >= offset, other.offset - offset >= size { break }
        offset = max(offset, other.end)
      }
      let (end, overflow) = offset.addingReportingOverflow(size)
      guard !overflow else { throw .budget("The intermediate tensors do not fit in memory.") }
      offsets[index] = offset
      byteCount = max(byteCount, end)
      let position = placed.firstIndex { $0.offset > offset } ?? placed.count
      placed.insert((offset, end, request), at: position)
    }
  }

  private static func aligned(_ count: Int) throws(OnyxError) -> Int {
    let (padded, overflow) = count.addingReportingOverflow(Buffer.alignment - 1)
    guard !overflow else { throw .budget("A tensor of \(count) bytes does not fit in memory.") }
    return padded / Buffer.alignment * Buffer.alignment
  }
}
