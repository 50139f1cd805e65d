import COnyxSystem
import Synchronization

/// A fork-join pool: `parallelFor` splits a range over the caller and its workers and returns when all is done.
///
/// Joining is late: the caller starts at once and never waits for a worker that has not begun. A worker that has
/// run out of work spins for at most a tenth of a millisecond and then sleeps in the kernel; an idle pool costs no CPU.
///
/// SAFETY: the limits of the thread outlive the call, which waits for all that works under them.
///
/// How a range is cut depends on timing, so a body must compute every index by itself: results then are bit-equal
/// for any number of threads.
package final class ThreadPool: Sendable {
  /// Threads that can take part, the caller included; at least 1.
  package let threadCount: Int

  /// Scratch memory shared by the drivers that run on this pool.
  package let workspace = Workspace()

  /// Which thread worked when, as long as somebody watches.
  package let activity = ThreadActivity()

  /// Whether the workers take denormal numbers for zero, and callers are to do so during a run.
  package let flushesDenormals: Bool

  private let crew: Crew?

  /// Whether every worker sleeps in the kernel: the pool then uses no processor.
  package var isParked: Bool { crew.map { $0.parkedCount == $0.workerCount } ?? true }

  /// Starts `threads - 1` workers; fewer when the system refuses threads.
  package init(threads: Int = ThreadPool.defaultThreadCount, flushesDenormals: Bool = false) {
    self.flushesDenormals = flushesDenormals
    let wanted = min(max(threads, 1), Crew.maximumWorkers + 1) - 1
    let crew = wanted > 0 ? Crew(workers: wanted, flushesDenormals: flushesDenormals) : nil
    self.crew = crew
    threadCount = 1 + (crew?.workerCount ?? 0)
  }

  deinit { crew?.stop() }

  /// Starts the workers anew in a process that was forked from the one that made the pool.
  ///
  /// Until then the forked process runs everything on its callers. Called when nothing runs on the pool, in a process that was forked
  /// when nothing ran on it.
  package func restart() { crew?.restart() }

  /// What `body` returns, which runs on the calling thread and takes denormal numbers for zero where the workers do. Afterwards the thread
  /// treats them as before.
  package func withDenormalMode<R: ~Copyable, Failure: Error>(_ body: () throws(Failure) -> R) throws(Failure) -> R {
    guard flushesDenormals else { return try body() }
    let before = csystem_flush_denormals()
    defer { csystem_restore_denormals(before) }
    return try body()
  }

  /// Calls `body` with disjoint ranges that cover `0..<count`, each at least `grain` long except the last.
  ///
  /// `chunksPerThread` says how finely the range is dealt: many chunks even out tasks of tens of microseconds, few keep the cost of
  /// taking one small.
  ///
  /// Under `WorkLimits` that are over, `body` is not called for what is left. A chunk that could take long is given to it in pieces of a
  /// few milliseconds, none shorter than `grain`.
  ///
  /// Runs serially when there is one chunk, one thread, or when the pool is already at work: nested calls and
  /// calls from several threads are safe.
  package func parallelFor(count: Int, grain: Int = 1, chunksPerThread: Int = 4, _ body: (Range<Int>) -> Void) {
    guard count > 0 else { return }
    if activity.isWatched {
      deal(count, grain, chunksPerThread) { range in activity.record { body(range) } }
    } else {
      deal(count, grain, chunksPerThread, body)
    }
  }

  private func deal(_ count: Int, _ grain: Int, _ chunksPerThread: Int, _ body: (Range<Int>) -> Void) {
    let grain = max(grain, 1)
    let pieces = unsafe Pieces(grain: grain, limits: csystem_limits_current())
    guard let crew, count > grain, crew.claim() else {
      pieces.call(body, 0..<count)
      return
    }
    let (chunks, overflow) = threadCount.multipliedReportingOverflow(by: chunksPerThread)
    let chunk = max(grain, overflow ? 1 : (count - 1) / chunks + 1)
    crew.run(count: count, chunk: chunk, pieces, body)
    crew.release()
  }
}
