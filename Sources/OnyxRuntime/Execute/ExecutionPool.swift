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
  /// Where executions have their memory from.
  private let memory: RunMemory
  private let idle = Mutex(Idle())

  private struct Idle {
    var executions: [Execution] = []
    /// Whether the cache has dropped the plan: who holds it still may run it, and leaves no memory with it.
    var isRetired = false
  }

  /// More idle executions than this are freed: memory stays flat after a burst of concurrent runs.
  private static let idleLimit = 2

  package convenience init(_ plan: Plan) { self.init(plan, types: [], memory: RunMemory()) }

  init(_ plan: Plan, types: [RunType?], memory: RunMemory) {
    self.plan = plan
    self.types = types
    self.memory = memory
  }

  /// Runs `body` with an execution that no other run uses.
  ///
  /// Throws what `body` throws, and `missingFile` in place of anything that `body` made of a model's file that was cut short.
  package func withExecution<R>(_ body: (borrowing ReusableExecution) throws(OnyxError) -> R) throws(OnyxError) -> R {
    try plan.program.checkingFiles { () throws(OnyxError) in
      let execution = try take()
      defer { give(execution) }
      return try plan.program.pool.withDenormalMode { () throws(OnyxError) in try body(ReusableExecution(execution: execution)) }
    }
  }

  /// An execution that no other run uses, to be given back.
  func take() throws(OnyxError) -> Execution {
    let execution = idle.withLock { $0.executions.popLast() } ?? Execution(plan)
    if !execution.hasMemory { execution.attach(try memory.take(plan.arenaByteCount + plan.scratchByteCount)) }
    return execution
  }

  /// Takes back an execution after its last run.
  func give(_ execution: Execution) {
    let left = idle.withLock { idle -> Execution? in
      if idle.isRetired { return execution }
      guard idle.executions.count < Self.idleLimit else { return execution }
      idle.executions.append(execution)
      return nil
    }
    if let memory = left?.detach() { self.memory.give(memory) }
  }

  /// Hands the memory of idle executions on to other plans. A plan that is `retired` keeps none from then on.
  func releaseMemory(retired: Bool = false) {
    let blocks = idle.withLock { idle -> [Buffer] in
      idle.isRetired = idle.isRetired || retired
      let blocks = idle.executions.compactMap { $0.detach() }
      if retired { idle.executions = [] }
      return blocks
    }
    for block in blocks { memory.give(block) }
  }
}
