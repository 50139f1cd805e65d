import OnyxKernels
import OnyxTensor
import OnyxThreads
import Synchronization

/// An execution checked out of a pool; one run at a time.
package struct ReusableExecution: ~Copyable, Sendable {
  let execution: Execution
}

/// The executions of one plan: each concurrent run takes its own, and gives it back for the next.
package final class ExecutionPool: Sendable {
  package let plan: Plan
  private let idle = Mutex<[Execution]>([])

  /// More idle executions than this are freed: memory stays flat after a burst of concurrent runs.
  private static let idleLimit = 2

  package init(_ plan: Plan) { self.plan = plan }

  /// Runs `body` with an execution that no other run uses.
  package func withExecution<R>(_ body: (borrowing ReusableExecution) throws(OnyxError) -> R) throws(OnyxError) -> R {
    let execution: Execution
    if let last = idle.withLock({ $0.popLast() }) { execution = last } else { execution = try Execution(plan) }
    defer { idle.withLock { if $0.count < Self.idleLimit { $0.append(execution) } } }
    return try body(ReusableExecution(execution: execution))
  }
}
