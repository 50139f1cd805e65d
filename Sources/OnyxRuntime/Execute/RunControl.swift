import OnyxTensor
import Synchronization

/// Ends a run early: by cancellation, by a deadline, or because a step wants more memory than the budget leaves.
package final class RunControl: Sendable {
  private let isCancelled = Atomic(false)
  private let deadline: ContinuousClock.Instant?
  private let memoryBudget: Int

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
    guard byteCount <= memoryBudget else {
      throw .budget(
        "The node needs \(byteCount) bytes; the memory budget is \(memoryBudget).", remedy: "Use smaller inputs or raise the memory budget."
      )
    }
  }
}
