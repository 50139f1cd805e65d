import COnyxSystem
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The workers of a pool and the one job they share.
///
/// The state word holds the number of workers inside the job, whether the job may be joined, whether the caller
/// sleeps until the last worker leaves, and the job's generation. A worker enters by compare-and-swap on an open
/// state; the caller closes the job when no chunks are left and waits only for workers inside.
///
/// SAFETY: the job's fields are written while the job is closed and no worker is inside, and read only inside, so
/// they never race. The words and `job` live until `deinit`, which runs after every worker was joined.
@safe final class Crew: @unchecked Sendable {
  static let maximumWorkers = 1022

  private static let activeMask: UInt32 = 0x3ff
  private static let open: UInt32 = 0x400
  private static let callerSleeps: UInt32 = 0x800
  private static let generation: UInt32 = 0x1000

  @safe private struct Job {
    var body: UnsafeRawPointer?
    var count = 0
    var chunk = 1
    var pieces: Pieces
  }

  private typealias Body = (Range<Int>) -> Void

  private let state = AtomicWord()
  private let signal = AtomicWord()
  private let busy = Atomic<Bool>(false)
  private let stopping = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let shares: ShareCounters
  /// Workers that have begun: each takes its number, and with it its share of every job; the caller is number 0.
  private let arrivals = Atomic<Int>(0)
  private let job: UnsafeMutablePointer<Job>
  private let flushesDenormals: Bool
  private var threads: [csystem_thread] = []
  /// The process that has the threads: one that is forked from it has none of them.
  private var process: pid_t = 0

  var workerCount: Int { threads.count }

  /// Workers that sleep in the kernel, where they use no processor.
  var parkedCount: Int { sleepers.load(ordering: .sequentiallyConsistent) }

  init(workers: Int, flushesDenormals: Bool) {
    self.flushesDenormals = flushesDenormals
    shares = ShareCounters(count: workers + 1)
    unsafe job = .allocate(capacity: 1)
    unsafe job.initialize(to: Job(pieces: Pieces(grain: 1, limits: nil)))
    start(workers)
  }

  private func start(_ workers: Int) {
    process = getpid()
    for _ in 0..<workers {
      var thread = csystem_thread()
      let context = unsafe Unmanaged.passRetained(self)
      let status = unsafe csystem_thread_start(
        &thread,
        { context in
          let crew = unsafe Unmanaged<Crew>.fromOpaque(context!).takeRetainedValue()
          crew.work()
          return nil
        }, context.toOpaque())
      guard status == 0 else {
        unsafe context.release()
        break
      }
      threads.append(thread)
    }
  }

  deinit {
    state.deallocate()
    signal.deallocate()
    shares.deallocate()
    unsafe job.deallocate()
  }

  /// Ends and joins all workers. Called once, when no job runs.
  func stop() {
    guard process == getpid() else { return }
    stopping.store(true, ordering: .sequentiallyConsistent)
    wakeWorkers(Int32.max)
    for thread in threads { csystem_thread_join(thread) }
    threads = []
  }

  /// Starts as many workers anew in a process that was forked from the one that has them: threads do not come along.
  ///
  /// Called when nothing runs on the crew, in a process that was forked when nothing ran on it. What the parent's workers held of the
  /// crew is never given back, so its memory stays.
  func restart() {
    let workers = threads.count
    threads = []
    state.store(0)
    signal.store(0)
    sleepers.store(0, ordering: .sequentiallyConsistent)
    arrivals.store(0, ordering: .sequentiallyConsistent)
    busy.store(false, ordering: .sequentiallyConsistent)
    start(workers)
  }

  /// Takes the job slot; false when a job runs already.
  func claim() -> Bool {
    !busy.load(ordering: .relaxed) && !busy.exchange(true, ordering: .acquiring)
  }

  func release() { busy.store(false, ordering: .releasing) }

  /// Runs a job on the caller and whichever workers join. The slot must be claimed.
  func run(count: Int, chunk: Int, _ pieces: Pieces, _ body: (Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { escapable in
      unsafe withUnsafePointer(to: escapable) { pointer in
        unsafe job.pointee = Job(body: UnsafeRawPointer(pointer), count: count, chunk: chunk, pieces: pieces)
        shares.reset()
        let previous = state.load() & ~(Crew.generation - 1)
        state.store((previous &+ Crew.generation) | Crew.open)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
          wakeWorkers(Int32(min((count - 1) / chunk, workerCount)))
        }
        drain(as: 0)
        close()
      }
    }
  }

  private func wakeWorkers(_ count: Int32) {
    signal.add(1)
    signal.wake(count)
  }

  /// Takes chunks until none is left, from the own share first. Not inlined: the body is released before the worker leaves the job.
  @inline(never) private func drain(as participant: Int) {
    let (count, chunk, pieces) = unsafe (job.pointee.count, job.pointee.chunk, job.pointee.pieces)
    let body = unsafe job.pointee.body!.assumingMemoryBound(to: Body.self)
    for offset in 0..<shares.count {
      let share = (participant + offset) % shares.count
      while let range = shares.take(chunk, from: share, of: count) { unsafe pieces.call(body.pointee, range) }
    }
  }

  /// Shuts the job to newcomers and waits for the workers inside.
  private func close() {
    var value = state.clear(Crew.open)
    var spins = 0
    while value & Crew.activeMask != 0 {
      if spins < 4096 {
        spins += 1
        csystem_pause()
        value = state.load()
        continue
      }
      value = state.set(Crew.callerSleeps)
      if value & Crew.activeMask != 0 {
        state.wait(while: value)
        value = state.load()
      }
    }
  }

  /// A worker's life.
  private func work() {
    if flushesDenormals { _ = csystem_flush_denormals() }
    let participant = arrivals.add(1, ordering: .relaxed).newValue
    var seen: UInt32 = 0
    while !stopping.load(ordering: .relaxed) {
      if let generation = join(after: seen, as: participant) {
        seen = generation
      } else if !spin(after: seen) {
        park(after: seen)
      }
    }
  }

  private func hasNewJob(_ value: UInt32, after seen: UInt32) -> Bool {
    value & Crew.open != 0 && value & ~(Crew.generation - 1) != seen
  }

  /// Enters an open job not seen before, works, leaves. Returns its generation.
  private func join(after seen: UInt32, as participant: Int) -> UInt32? {
    let value = state.load()
    guard hasNewJob(value, after: seen) else { return nil }
    guard state.replace(value, with: value + 1) else { return nil }
    // What the job calls asks for the limits of the thread that it is on.
    let before = unsafe csystem_limits_enter(job.pointee.pieces.limits)
    drain(as: participant)
    _ = unsafe csystem_limits_enter(before)
    let left = state.subtract(1)
    if left & Crew.activeMask == 0 && left & Crew.callerSleeps != 0 {
      state.wake(1)
    }
    return value & ~(Crew.generation - 1)
  }

  /// Watches for work for a tenth of a millisecond, longer than what lies between the steps of a run. False when none came.
  private func spin(after seen: UInt32) -> Bool {
    let start = csystem_nanoseconds()
    while true {
      for _ in 0..<64 {
        if hasNewJob(state.load(), after: seen) { return true }
        csystem_pause()
      }
      if stopping.load(ordering: .relaxed) { return true }
      let waited = csystem_nanoseconds() - start
      if waited > 100_000 { return false }
      // On a machine with more work than processors the spinner must not hold up the caller.
      if waited > 20_000 { csystem_yield() }
    }
  }

  /// Sleeps until signalled. Either the caller sees this sleeper or this worker sees the caller's job.
  private func park(after seen: UInt32) {
    let before = signal.load()
    sleepers.add(1, ordering: .sequentiallyConsistent)
    if !stopping.load(ordering: .sequentiallyConsistent),
      !hasNewJob(state.load(), after: seen)
    {
      signal.wait(while: before)
    }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
  }
}
