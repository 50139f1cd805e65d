import COnyxSystem
import Synchronization

/// When each thread of a pool worked, for traces. Costs one load for each job as long as nobody watches.
package final class ThreadActivity: Sendable {
  /// One thread at one chunk of a job.
  package struct Slice: Sendable {
    /// Small and the same for the life of a thread.
    package let thread: Int
    package let start: Moment
    package let end: Moment
  }

  private let watched = Atomic<Bool>(false)
  private let slices = Mutex<[Slice]>([])

  var isWatched: Bool { watched.load(ordering: .relaxed) }

  /// Begins to watch, from nothing.
  package func watch() {
    slices.withLock { $0 = [] }
    watched.store(true, ordering: .relaxed)
  }

  /// Ends watching and returns what was seen.
  package func finish() -> [Slice] {
    watched.store(false, ordering: .relaxed)
    return slices.withLock { seen in
      defer { seen = [] }
      return seen
    }
  }

  /// A trace of more is of no use, and must not take the machine's memory.
  private static let limit = 2_000_000

  func record(_ work: () -> Void) {
    let start = Moment.now
    work()
    let slice = Slice(thread: Int(csystem_thread_number()), start: start, end: Moment.now)
    slices.withLock { if $0.count < Self.limit { $0.append(slice) } }
  }
}
