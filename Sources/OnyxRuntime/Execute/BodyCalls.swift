import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The calls that one step makes of its bodies: each body keeps an execution from the first call to the last.
final class BodyCalls {
  private let executor: Executor
  private let control: RunControl
  private let bodies: [Body]
  /// The values that each body captures, which do not change while the step runs.
  private let captured: [[Value]]
  private var current: [Current?]
  /// Bytes of results that the operator holds.
  private var heldByteCount = 0

  /// The execution that a body has, and what its plan was made for.
  private struct Current {
    let pool: ExecutionPool
    let execution: Execution
  }

  init(_ executor: Executor, _ control: RunControl, _ bodies: [Body], captured: [[Value]]) {
    self.executor = executor
    self.control = control
    self.bodies = bodies
    self.captured = captured
    current = Array(repeating: nil, count: bodies.count)
  }

  /// Runs body `index` on its formal inputs. Throws what its steps throw, and `budgetExceeded` past a limit of the run.
  func call(_ index: Int, _ inputs: inout [Value]) throws(OnyxError) -> [Value] {
    try control.check()
    guard inputs.count + captured[index].count == bodies[index].plans.program.graph.inputs.count else {
      throw .bug("A body was called with \(inputs.count) inputs.")
    }
    if let body = current[index], body.pool.types.admit(formals: inputs) {
      let startsAnew = !body.execution.keepsNothing
      if startsAnew { body.execution.end() }
      return try executor.runCall(body.execution, &inputs, captured: captured[index], isFirst: startsAnew, control)
    }
    let execution = try takeExecution(index, inputs)
    return try executor.runCall(execution, &inputs, captured: captured[index], isFirst: true, control)
  }

  private func takeExecution(_ index: Int, _ inputs: [Value]) throws(OnyxError) -> Execution {
    giveBack(index)
    let pool = try bodies[index].plans.plan(for: (inputs + captured[index]).map { $0 })
    try control.reserve(pool.plan.activationByteCount)
    do throws(OnyxError) {
      let execution = try pool.take()
      current[index] = Current(pool: pool, execution: execution)
      return execution
    } catch {
      control.release(pool.plan.activationByteCount)
      throw error
    }
  }

  private func giveBack(_ index: Int) {
    guard let body = current[index] else { return }
    current[index] = nil
    control.release(body.pool.plan.activationByteCount)
    body.execution.end()
    body.pool.give(body.execution)
  }

  /// Gives back what the calls held. Called once, after the last.
  func finish() {
    for index in bodies.indices { giveBack(index) }
    control.release(heldByteCount)
    heldByteCount = 0
  }

  /// Counts the results that the operator holds by now as memory of the run.
  func hold(_ byteCount: Int) throws(OnyxError) {
    control.release(heldByteCount)
    heldByteCount = 0
    try control.reserve(byteCount)
    heldByteCount = byteCount
  }
}
