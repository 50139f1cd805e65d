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
  /// What the plan was made for, in the order of the graph's inputs; empty when it was not made for a cache.
  let types: [RunType?]
  private let idle = Mutex<[Execution]>([])

  /// More idle executions than this are freed: memory stays flat after a burst of concurrent runs.
  private static let idleLimit = 2

  package convenience init(_ plan: Plan) { self.init(plan, types: []) }

  init(_ plan: Plan, types: [RunType?]) {
    self.plan = plan
    self.types = types
  }

  /// Runs `body` with an execution that no other run uses.
  package func withExecution<R>(_ body: (borrowing ReusableExecution) throws(OnyxError) -> R) throws(OnyxError) -> R {
    let execution = try take()
    defer { give(execution) }
    return try body(ReusableExecution(execution: execution))
  }

  /// An execution that no other run uses, to be given back.
  func take() throws(OnyxError) -> Execution {
    if let last = idle.withLock({ $0.popLast() }) { return last }
    return try Execution(plan)
  }

  /// Takes back an execution after its last run.
  func give(_ execution: Execution) { idle.withLock { if $0.count < Self.idleLimit { $0.append(execution) } } }
}
