import Synchronization

/// How far each participant's share of a range has been taken, one cache line each.
///
/// A share belongs to one participant, which begins there in every job: threads that work on the same part of one tensor
/// after another find it in their own caches. Whoever is done takes from the shares of others, so that nobody waits
/// for a worker that has not started.
///
/// SAFETY: the memory lives from `init` to `deallocate()`, which the owner calls when no thread uses the counters.
@safe package struct ShareCounters: @unchecked Sendable {
  private static let stride = 128 / MemoryLayout<Int>.stride

  package let count: Int
  private let pointer: UnsafeMutablePointer<Atomic<Int>>

  package init(count: Int) {
    self.count = count
    let lines = UnsafeMutableRawPointer.allocate(byteCount: 128 * count, alignment: 128)
    unsafe pointer = lines.bindMemory(to: Atomic<Int>.self, capacity: count * Self.stride)
    for index in 0..<count * Self.stride { unsafe (pointer + index).initialize(to: Atomic(0)) }
  }

  package func deallocate() { unsafe UnsafeMutableRawPointer(pointer).deallocate() }

  /// The part of `0..<total` that belongs to a participant; all parts together are the whole.
  package func share(_ index: Int, of total: Int) -> Range<Int> {
    let (size, rest) = total.quotientAndRemainder(dividingBy: count)
    let start = index * size + min(index, rest)
    return start..<start + size + (index < rest ? 1 : 0)
  }

  /// Marks every share as untouched. Called before a job opens.
  package func reset() { for index in 0..<count { unsafe pointer[index * Self.stride].store(0, ordering: .relaxed) } }

  /// The next piece of at most `chunk` from a share; nil when it is used up.
  package func take(_ chunk: Int, from index: Int, of total: Int) -> Range<Int>? {
    let share = share(index, of: total)
    let taken = unsafe pointer[index * Self.stride].add(chunk, ordering: .relaxed).oldValue
    guard taken < share.count else { return nil }
    let start = share.lowerBound + taken
    return start..<min(start + chunk, share.upperBound)
  }
}
