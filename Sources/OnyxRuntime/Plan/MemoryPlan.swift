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
  /// "Efficient Memory Management for Deep Neural Net Inference", 2020), or behind all others when more than `mostVisits` of them or of its
  /// steps had to be looked at. Complexity: O((n + k) log n) for n requests, of which k pairs are alive together, and the steps that
  /// requests live, but at most O(n) times `mostVisits`.
  package init(_ requests: [Request]) throws(OnyxError) {
    offsets = Array(repeating: 0, count: requests.count)
    var lives = Lives(requests)
    let order = requests.indices.sorted { (requests[$0].byteCount, requests[$1].first) > (requests[$1].byteCount, requests[$0].first) }
    var together: [Placed] = []
    for index in order where requests[index].byteCount > 0 {
      let size = try Self.aligned(requests[index].byteCount)
      var offset = byteCount
      if lives.collect(&together, aliveWith: requests[index], visits: Self.mostVisits) {
        together.sort { $0.offset < $1.offset }
        offset = 0
        for other in together {
          if other.offset >= offset, other.offset - offset >= size { break }
          offset = max(offset, other.end)
        }
      }
      let (end, overflow) = offset.addingReportingOverflow(size)
      guard !overflow else { throw .budget("The intermediate tensors do not fit in memory.") }
      offsets[index] = offset
      byteCount = max(byteCount, end)
      lives.insert(Placed(offset: offset, end: end), requests[index])
    }
  }

  /// Requests and steps that are looked at to place one more.
  private static let mostVisits = 1 << 13

  private static func aligned(_ count: Int) throws(OnyxError) -> Int {
    let (padded, overflow) = count.addingReportingOverflow(Buffer.alignment - 1)
    guard !overflow else { throw .budget("A tensor of \(count) bytes does not fit in memory.") }
    return padded / Buffer.alignment * Buffer.alignment
  }

  private struct Placed {
    let offset: Int
    let end: Int
  }

  /// What was placed, to be found by the steps in which it lives: a segment tree over the steps whose nodes list the requests that live
  /// through all steps of the node but not of its parent, and for each step a list of those that begin there.
  private struct Lives {
    private var placed: [Placed] = []
    /// Entries of all lists: what was placed, and the next entry; -1 ends a list.
    private var entries: [(placed: Int, next: Int)] = []
    private var through: [Int]
    private var beginning: [Int]
    private let origin: Int
    private let width: Int

    init(_ requests: [Request]) {
      let first = requests.reduce(Int.max) { min($0, $1.first) }
      let steps = requests.reduce(0) { max($0, $1.last - first + 1) }
      origin = first
      var width = 1
      while width < steps { width *= 2 }
      self.width = width
      through = Array(repeating: -1, count: 2 * width)
      beginning = Array(repeating: -1, count: width)
      placed.reserveCapacity(requests.count)
      entries.reserveCapacity(4 * requests.count)
    }

    mutating func insert(_ new: Placed, _ request: Request) {
      placed.append(new)
      Self.prepend(placed.count - 1, to: &beginning[request.first - origin], &entries)
      var (low, high) = (request.first - origin + width, request.last - origin + width + 1)
      while low < high {
        if low % 2 == 1 {
          Self.prepend(placed.count - 1, to: &through[low], &entries)
          low += 1
        }
        if high % 2 == 1 {
          high -= 1
          Self.prepend(placed.count - 1, to: &through[high], &entries)
        }
        (low, high) = (low / 2, high / 2)
      }
    }

    private static func prepend(_ placed: Int, to list: inout Int, _ entries: inout [(placed: Int, next: Int)]) {
      entries.append((placed, list))
      list = entries.count - 1
    }

    /// What lives in a step in which `request` lives, each once: what lives in its first, and what begins in a later one. False when there
    /// are more than `visits` of them and of its steps.
    func collect(_ found: inout [Placed], aliveWith request: Request, visits: Int) -> Bool {
      found.removeAll(keepingCapacity: true)
      let most = visits - (request.last - request.first)
      var node = request.first - origin + width
      while node > 0 {
        guard collect(&found, through[node], most) else { return false }
        node /= 2
      }
      guard most > 0 else { return false }
      for step in (request.first - origin + 1)..<(request.last - origin + 1) {
        guard collect(&found, beginning[step], most) else { return false }
      }
      return true
    }

    private func collect(_ found: inout [Placed], _ list: Int, _ most: Int) -> Bool {
      var entry = list
      while entry >= 0 {
        guard found.count < most else { return false }
        found.append(placed[entries[entry].placed])
        entry = entries[entry].next
      }
      return true
    }
  }
}
