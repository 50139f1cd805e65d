import OnyxTensor
import OnyxThreads
import Synchronization

/// Packed weights of a session by node and layout; plans for other input shapes find them here instead of packing again.
///
/// SAFETY: what `fill` may touch is the contract of `KernelQuery.packedFloats`.
package final class WeightCache: Sendable {
  /// A node of the session and how its weights are laid out.
  package struct Key: Hashable, Sendable {
    let node: Int
    let layout: String
  }

  private struct State {
    var entries: [Key: any AnyObject & Sendable] = [:]
    /// Asked for by a plan in the making, not written yet.
    var pending: [PackedFloats] = []
  }

  private let state = Mutex(State())
  private let packing = Mutex(())
  /// Memory for what is packed first.
  private let room: Mutex<WeightRoom?>

  package init(room: WeightRoom? = nil) { self.room = Mutex(room) }

  /// Objects that are kept.
  package var count: Int { state.withLock { $0.entries.count } }

  /// The cached object, or the one that `make` gives. Two threads may make the same entry; the first one stays.
  package func value<T: AnyObject & Sendable>(for key: Key, _ make: () throws(OnyxError) -> T) throws(OnyxError) -> T {
    if let found = state.withLock({ $0.entries[key] }) as? T { return found }
    let made = try make()
    return state.withLock { state in
      if let earlier = state.entries[key] as? T { return earlier }
      state.entries[key] = made
      return made
    }
  }

  /// The floats of this key, written at the latest by the next `pack`.
  func floats(for key: Key, count: Int, from sources: [Tensor], fill: @escaping PackedFloats.Fill) -> PackedFloats {
    state.withLock { state in
      if let earlier = state.entries[key] as? PackedFloats { return earlier }
      let made = unsafe PackedFloats(count: count, from: sources, fill: fill)
      state.entries[key] = made
      state.pending.append(made)
      return made
    }
  }

  /// Writes everything that was asked for; what was not written for want of memory is asked for still. When another plan's
  /// weights are being written, waits for them: they can be ours.
  package func pack(_ pool: ThreadPool) throws(OnyxError) {
    try packing.withLock { (_) throws(OnyxError) in
      let jobs = state.withLock { $0.pending }
      let room = room.withLock { $0.take() }
      guard !jobs.isEmpty else { return }
      let total = jobs.reduce(0) { $0 + $1.paddedCount }
      let slab = if let kept = room?.slab(floatCount: total) { kept } else { try PackedSlab(floatCount: total) }
      var offset = 0
      for job in jobs {
        job.place(in: slab, at: offset)
        offset += job.paddedCount
      }
      defer { PassingMemory.release() }
      let failures = pool.workspace.failureCount
      Self.run(jobs.sorted { $0.count > $1.count }, total: total, pool)
      guard pool.workspace.failureCount == failures else {
        throw .budget("Scratch memory for packing weights could not be allocated.", remedy: "Free memory or use a smaller model.")
      }
      for job in jobs { job.finish() }
      state.withLock { $0.pending.removeFirst(jobs.count) }
    }
  }

  /// A job that is large beside the others is split inside; the rest go to the threads one by one, largest first.
  private static func run(_ jobs: [PackedFloats], total: Int, _ pool: ThreadPool) {
    let large = jobs.prefix { $0.count > total / (4 * pool.threadCount) }.count
    for job in jobs[..<large] { job.run(pool) }
    let next = Atomic(large)
    pool.parallelFor(count: min(pool.threadCount, jobs.count - large)) { range in
      for _ in range {
        while true {
          let index = next.add(1, ordering: .relaxed).oldValue
          guard index < jobs.count else { break }
          jobs[index].run(pool)
        }
      }
    }
  }
}
