import OnyxTensor
import OnyxThreads
import Synchronization

/// Ends a run early: by cancellation, by a deadline, or because a step or a body wants more memory than the budget leaves.
package final class RunControl: Sendable {
  private let isCancelled = Atomic(false)
  /// What kernels and references ask while they work.
  let limits: WorkLimits
  private let memoryBudget: Int
  /// Bytes that one tensor may take.
  private let tensorLimit: Int
  /// Iterations that all loops of the run may have, and those that they had.
  private let iterationLimit: Int
  private let iterations = Atomic(0)
  /// Bytes that the activations of bodies take at the moment.
  private let reserved = Atomic(0)
  /// Bytes that steps put into values that are no tensors since those were counted.
  private let uncounted = Atomic(0)
  private let seed: UInt64?
  /// Hears of steps whose time or kernel no observer sees.
  let tally: RunTally?
  /// Nodes that asked for a seed so far.
  private let draws = Atomic<UInt64>(0)

  /// `memoryBudget` in bytes bounds what one step with sizes known only during the run may allocate. Runs of equal `seed` draw equal
  /// random numbers; without one every run draws others. `tensorLimit` in bytes and `iterationLimit`
  /// are those of `SessionOptions`. `questions` ends the run after kernels and references asked so often whether to go on, for tests.
  package init(
    deadline: ContinuousClock.Instant? = nil, memoryBudget: Int = .max, tensorLimit: Int = .max, iterationLimit: Int = .max,
    seed: UInt64? = nil, tally: RunTally? = nil, questions: Int? = nil
  ) {
    self.tensorLimit = tensorLimit
    self.iterationLimit = iterationLimit
    self.seed = seed
    self.tally = tally
    limits = WorkLimits(deadline: deadline, memoryBudget: memoryBudget, questions: questions)
    self.memoryBudget = memoryBudget
  }

  /// Makes the run end soon, also within a step. Can be called from any thread.
  package func cancel() {
    isCancelled.store(true, ordering: .relaxed)
    limits.stop()
  }

  /// Makes a plan for the run, which its limits can end. Throws what `body` throws, and `budgetExceeded` when they did.
  package func planning<R>(_ body: () throws(OnyxError) -> R) throws(OnyxError) -> R {
    let outer = limits.enter()
    defer { limits.leave(to: outer) }
    // What planning throws that was ended is a consequence.
    do throws(OnyxError) { return try body() } catch { throw stopReason ?? error }
  }

  /// Throws `budgetExceeded` when the run has to end.
  func check() throws(OnyxError) { if limits.isOver { throw reason } }

  /// Throws the same when a step was told so: what it made is not whole then.
  func checkStep() throws(OnyxError) { if let stopReason { throw stopReason } }

  /// Why work was told to end; nil when it was not.
  var stopReason: OnyxError? { limits.hasStopped ? reason : nil }

  private var reason: OnyxError {
    isCancelled.load(ordering: .relaxed)
      ? .budget("The run was cancelled.")
      : .budget("The deadline of the run has passed.", remedy: "Allow more time or use smaller inputs.")
  }

  /// The seed of the next node that draws: steps ask one after the other, so the number of threads changes nothing.
  func nextSeed() -> UInt64 {
    guard let seed else { return .random(in: .min ... .max) }
    // SplitMix64's output function over the seed and the number of the draw.
    var z = seed &+ draws.wrappingAdd(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  func admit(_ byteCount: Int) throws(OnyxError) {
    let held = reserved.load(ordering: .relaxed)
    guard byteCount <= memoryBudget - held else {
      throw .budget(
        "The node needs \(byteCount) bytes" + (held > 0 ? " beside \(held) of the bodies around it" : "")
          + "; the memory budget is \(memoryBudget).", remedy: "Use smaller inputs or raise the memory budget.")
    }
  }

  /// Throws `budgetExceeded` for a tensor of more bytes than one may take.
  func admit(tensorOf byteCount: Int) throws(OnyxError) {
    guard byteCount <= tensorLimit else {
      throw .budget(
        "A tensor would take \(byteCount) bytes; one can take at most \(tensorLimit).", remedy: "Use smaller inputs or raise the limit.")
    }
  }

  /// Counts an iteration of a loop. Throws `budgetExceeded` when there were too many, and as `check`.
  func beginIteration() throws(OnyxError) {
    try check()
    guard iterations.wrappingAdd(1, ordering: .relaxed).newValue <= iterationLimit else {
      throw .budget("The loops of the run had more than \(iterationLimit) iterations.", remedy: "Raise the limit of iterations.")
    }
  }

  /// Whether values that are no tensors are to be counted, after a step put so many bytes into them: each time that a part of the budget
  /// may have been filled.
  func shouldCount(after byteCount: Int) -> Bool {
    let sum = uncounted.wrappingAdd(byteCount, ordering: .relaxed).newValue
    guard sum > memoryBudget / 64 else { return false }
    uncounted.store(0, ordering: .relaxed)
    return true
  }

  /// Takes memory for a body's activations, until `release`. Throws as `admit`.
  func reserve(_ byteCount: Int) throws(OnyxError) {
    try admit(byteCount)
    reserved.wrappingAdd(byteCount, ordering: .relaxed)
  }

  func release(_ byteCount: Int) { reserved.wrappingSubtract(byteCount, ordering: .relaxed) }
}
