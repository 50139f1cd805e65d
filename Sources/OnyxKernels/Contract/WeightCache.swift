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

  /// Where packed weights are kept from session to session.
  private let file: PackedFile?

  package init(room: WeightRoom? = nil, file: PackedFile? = nil) {
    self.room = Mutex(room)
    self.file = file
  }

  /// Whether packed weights outlive the session, and need an identity for that.
  var isKeptInFile: Bool { file != nil }

  /// Throws `missingFile` when the file gave weights and was cut short.
  package func checkFile() throws(OnyxError) { try file?.check() }

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
  func floats(
    for key: Key, count: Int, from sources: [Tensor], identify: PackedFloats.Identify?, fill: @escaping PackedFloats.Fill
  ) -> PackedFloats {
    state.withLock { state in
      if let earlier = state.entries[key] as? PackedFloats { return earlier }
      let made = unsafe PackedFloats(count: count, from: sources, identify: identify, fill: fill)
      state.entries[key] = made
      state.pending.append(made)
      return made
    }
  }

  /// Writes everything that was asked for and the file does not have; what was not written for want of memory is asked for still. When
  /// another plan's weights are being written, waits for them: they can be ours. `limits` are asked between weights, and within one
  /// between portions; when they are over, `budgetExceeded` is thrown and the weights are asked for still.
  package func pack(_ pool: ThreadPool, _ limits: WorkLimits.Outer = .none) throws(OnyxError) {
    try packing.withLock { (_) throws(OnyxError) in
      let asked = state.withLock { $0.pending }
      let room = room.withLock { $0.take() }
      guard !asked.isEmpty else { return }
      if let file { try limits.perform { Self.forEach(asked, pool) { $0.take(from: file) } } }
      let jobs = asked.filter { !$0.isTaken }
      if !jobs.isEmpty { try Self.write(jobs, room, pool, limits) }
      for job in asked { job.finish() }
      state.withLock { $0.pending.removeFirst(asked.count) }
      // Floats without an identity are packed by every session, and are no reason to write. Zeros in place of a file that was cut short
      // must not outlive the session.
      if let file, jobs.contains(where: { $0.identity != nil }), !FileMapping.anyIsBroken { file.write(asked) }
    }
  }

  private static func write(
    _ jobs: [PackedFloats], _ room: WeightRoom?, _ pool: ThreadPool, _ limits: WorkLimits.Outer
  ) throws(OnyxError) {
    let total = jobs.reduce(0) { $0 + $1.paddedCount }
    let slab = if let kept = room?.slab(floatCount: total) { kept } else { try PackedSlab(floatCount: total) }
    var offset = 0
    for job in jobs {
      job.place(in: slab, at: offset)
      offset += job.paddedCount
    }
    defer { PassingMemory.release() }
    let failures = pool.workspace.failureCount
    try limits.perform { Self.run(jobs.sorted { $0.count > $1.count }, total: total, pool) }
    guard pool.workspace.failureCount == failures else {
      throw .budget("Scratch memory for packing weights could not be allocated.", remedy: "Free memory or use a smaller model.")
    }
  }

  /// A job that is large beside the others is split inside; the rest go to the threads one by one, largest first.
  private static func run(_ jobs: [PackedFloats], total: Int, _ pool: ThreadPool) {
    let large = jobs.prefix { $0.count > total / (4 * pool.threadCount) }.count
    for job in jobs[..<large] {
      if WorkLimits.isOver { return }
      job.run(pool)
    }
    forEach(Array(jobs[large...]), pool) { $0.run(pool) }
  }

  /// Each job on one thread, the next one on whichever is free.
  private static func forEach(_ jobs: [PackedFloats], _ pool: ThreadPool, _ body: @Sendable (PackedFloats) -> Void) {
    let next = Atomic(0)
    pool.parallelFor(count: min(pool.threadCount, jobs.count)) { range in
      for _ in range {
        while true {
          let index = next.add(1, ordering: .relaxed).oldValue
          guard index < jobs.count, !WorkLimits.isOver else { break }
          body(jobs[index])
        }
      }
    }
  }
}
