import OnyxThreads
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.serialized) struct ThreadPoolTests {
  /// Calls parallelFor and returns how often each index was visited.
  private func visits(_ pool: ThreadPool, count: Int, grain: Int) -> [Int] {
    let cells = UnsafeMutablePointer<Int>.allocate(capacity: max(count, 1))
    defer { unsafe cells.deallocate() }
    for i in 0..<count { unsafe cells[i] = 0 }
    pool.parallelFor(count: count, grain: grain) { range in
      for i in range { unsafe cells[i] += 1 }
    }
    return (0..<count).map { unsafe cells[$0] }
  }

  @Test(arguments: [1, 2, 3, 8]) func coversEveryIndexOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threadCount == threads)
    for count in [0, 1, 2, 7, 100, 1001] {
      for grain in [0, 1, 3, 64, 5000] {
        #expect(visits(pool, count: count, grain: grain).allSatisfy { $0 == 1 }, "\(count) \(grain)")
      }
    }
  }

  /// Many small jobs in a row, more threads than processors included.
  @Test(arguments: [2, 3, 7]) func manySmallJobs(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let total = Atomic<Int>(0)
    for job in 0..<20_000 {
      pool.parallelFor(count: job % 13) { range in total.add(range.count, ordering: .relaxed) }
    }
    let expected = (0..<20_000).reduce(0) { $0 + $1 % 13 }
    #expect(total.load(ordering: .relaxed) == expected)
  }

  @Test func nestedCallsRunSerially() {
    let pool = ThreadPool(threads: 3)
    let total = Atomic<Int>(0)
    for _ in 0..<200 {
      pool.parallelFor(count: 10) { outer in
        for _ in outer {
          pool.parallelFor(count: 10) { inner in
            pool.parallelFor(count: inner.count) { total.add($0.count, ordering: .relaxed) }
          }
        }
      }
    }
    #expect(total.load(ordering: .relaxed) == 200 * 100)
  }

  @Test func concurrentCallers() async {
    let pool = ThreadPool(threads: 3)
    let sums = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let total = Atomic<Int>(0)
          for _ in 0..<2000 { pool.parallelFor(count: 50) { total.add($0.count, ordering: .relaxed) } }
          return total.load(ordering: .relaxed)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == [100_000, 100_000, 100_000, 100_000])
  }

  /// After the spin time every worker sleeps in the kernel, stays there, and still wakes. The sleep is asked for, not
  /// the processor time: other tests run in the same process.
  @Test func idlePoolSleeps() {
    let pool = ThreadPool(threads: 4)
    #expect(visits(pool, count: 1000, grain: 1).allSatisfy { $0 == 1 })
    var waits = 0
    while !pool.isParked, waits < 2000 {
      usleep(1000)
      waits += 1
    }
    for _ in 0..<100 {
      #expect(pool.isParked)
      usleep(1000)
    }
    for _ in 0..<20 {
      usleep(2000)
      #expect(visits(pool, count: 1000, grain: 1).allSatisfy { $0 == 1 })
    }
  }

  @Test func poolsComeAndGo() {
    for threads in 0..<60 {
      let pool = ThreadPool(threads: threads % 5)
      if threads % 3 > 0 { #expect(visits(pool, count: 17, grain: 1).allSatisfy { $0 == 1 }) }
    }
  }

  @Test func defaultCountIsPositive() {
    #expect(ThreadPool.defaultThreadCount >= 1)
  }

  /// Borrowed memory is aligned, distinct while borrowed, and used again.
  @Test func workspaceReusesBlocks() {
    let workspace = Workspace()
    for _ in 0..<10 {
      unsafe workspace.withFloats(100) { a in
        unsafe workspace.withFloats(100) { b in
          unsafe #expect(a != b && UInt(bitPattern: a) % 64 == 0 && UInt(bitPattern: b) % 64 == 0)
        }
      }
    }
    #expect(workspace.retainedBytes == 2 * 65536)
  }

  /// A block that is too small goes when a larger one is made; smaller ones beside it stay.
  @Test func growingNeedsLeaveOneBlock() {
    let workspace = Workspace()
    unsafe workspace.withFloats(100) { _ in unsafe workspace.withFloats(100_000) { _ in } }
    #expect(workspace.retainedBytes == 65536 + 7 * 65536)
    for count in stride(from: 100_000, through: 400_000, by: 20_000) {
      unsafe workspace.withFloats(count) { a in unsafe workspace.withFloats(100) { b in unsafe #expect(a != b) } }
    }
    #expect(workspace.retainedBytes == 65536 + 25 * 65536)
  }
}
