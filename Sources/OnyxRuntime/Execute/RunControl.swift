import OnyxTensor
import Synchronization

/// Ends a run early: by cancellation, by a deadline, or because a step or a body wants more memory than the budget leaves.
package final class RunControl: Sendable {
  private let isCancelled = Atomic(false)
  private let deadline: ContinuousClock.Instant?
  private let memoryBudget: Int
  /// Bytes that the activations of bodies take at the moment.
  private let reserved = Atomic(0)

  /// `memoryBudget` in bytes bounds what one step with sizes known only during the run may allocate.
  package init(deadline: ContinuousClock.Instant? = nil, memoryBudget: Int = .max) {
    self.deadline = deadline
    self.memoryBudget = memoryBudget
  }

  /// Makes the run end before its next step. Can be called from any thread.
  package func cancel() { isCancelled.store(true, ordering: .relaxed) }

  func check() throws(OnyxError) {
    if isCancelled.load(ordering: .relaxed) { throw .budget("The run was cancelled.") }
    if let deadline, ContinuousClock.now > deadline {
      throw .budget("The deadline of the run has passed.", remedy: "Allow more time or use smaller inputs.")
    }
  }

  func admit(_ byteCount: Int) throws(OnyxError) {
    let held = reserved.load(ordering: .relaxed)
    guard byteCount <= memoryBudget - held else {
      throw .budget(
        "The node needs \(byteCount) bytes" + (held > 0 ? " beside \(held) of the bodies around it" : "")
          + "; the memory budget is \(memoryBudget).", remedy: "Use smaller inputs or raise the memory budget.")
    }
  }

  /// Takes memory for a body's activations, until `release`. Throws as `admit`.
  func reserve(_ byteCount: Int) throws(OnyxError) {
    try admit(byteCount)
    reserved.wrappingAdd(byteCount, ordering: .relaxed)
  }

  func release(_ byteCount: Int) { reserved.wrappingSubtract(byteCount, ordering: .relaxed) }
}
