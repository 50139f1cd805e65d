import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

@Suite("Memory plan")
struct MemoryPlanTests {
  @Test func buffersAliveTogetherNeverOverlap() throws {
    var generator = SeededGenerator(seed: 1)
    func random(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    for _ in 0..<200 {
      let requests = (0..<random(30)).map { _ in
        let first = random(20)
        return MemoryPlan.Request(byteCount: random(5000), first: first, last: first + random(8))
      }
      let plan = try MemoryPlan(requests)
      for a in requests.indices {
        #expect(plan.offsets[a] % Buffer.alignment == 0)
        #expect(plan.offsets[a] + requests[a].byteCount <= plan.byteCount)
        for b in requests.indices where b > a {
          let together = requests[a].first <= requests[b].last && requests[b].first <= requests[a].last
          let apart =
            plan.offsets[a] + requests[a].byteCount <= plan.offsets[b] || plan.offsets[b] + requests[b].byteCount <= plan.offsets[a]
          #expect(!together || apart || requests[a].byteCount == 0 || requests[b].byteCount == 0)
        }
      }
    }
  }

  @Test func aChainNeedsTwoBuffers() throws {
    let plan = try MemoryPlan((0..<50).map { .init(byteCount: 1024, first: $0, last: $0 + 1) })
    #expect(plan.byteCount == 2048)
  }

  /// The lowest gap among all that were placed before and live in a common step, found by looking at each.
  @Test func offsetsAreTheLowestGaps() throws {
    var generator = SeededGenerator(seed: 2)
    func random(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    for round in 0..<200 {
      let requests = (0..<random(40)).map { _ in
        let first = 7 + random(30)
        return MemoryPlan.Request(byteCount: random(round % 2 == 0 ? 400 : 5000), first: first, last: first + random(1 + random(30)))
      }
      let plan = try MemoryPlan(requests)
      var placed: [Int] = []
      let order = requests.indices.sorted { (requests[$0].byteCount, requests[$1].first) > (requests[$1].byteCount, requests[$0].first) }
      func size(_ index: Int) -> Int { (requests[index].byteCount + 63) / 64 * 64 }
      for index in order where requests[index].byteCount > 0 {
        let request = requests[index]
        let together = placed.filter { requests[$0].first <= request.last && request.first <= requests[$0].last }
        let lowest = ([0] + together.map { plan.offsets[$0] + size($0) }).filter { offset in
          together.allSatisfy { plan.offsets[$0] >= offset + size(index) || plan.offsets[$0] + size($0) <= offset }
        }.min()
        #expect(plan.offsets[index] == lowest)
        placed.append(index)
      }
    }
  }

  @Test func aLongChainNeedsTwoBuffersToo() throws {
    let plan = try MemoryPlan((0..<100_000).map { .init(byteCount: 1024, first: $0, last: $0 + 1) })
    #expect(plan.byteCount == 2048)
  }

  @Test func overflowIsAnError() {
    #expect(throws: OnyxError.self) { try MemoryPlan([.init(byteCount: .max - 10, first: 0, last: 1)]) }
    #expect(throws: OnyxError.self) {
      try MemoryPlan([.init(byteCount: 1 << 62, first: 0, last: 1), .init(byteCount: 1 << 62, first: 0, last: 1)])
    }
  }
}
