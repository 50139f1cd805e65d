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
  /// What the calls of each body had so far.
  private var histories: [History]
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
    histories = Array(repeating: History(), count: bodies.count)
  }

  /// Runs body `index` on its formal inputs. Throws what its steps throw, and `budgetExceeded` past a limit of the run.
  func call(_ index: Int, _ inputs: inout [Value]) throws(OnyxError) -> [Value] {
    try control.beginIteration()
    guard inputs.count + captured[index].count == bodies[index].plans.program.graph.inputs.count else {
      throw .bug("A body was called with \(inputs.count) inputs.")
    }
    if let body = current[index], body.pool.types.admit(formals: inputs) {
      let startsAnew = !body.execution.keepsOnlyResults(formals: inputs.count)
      if startsAnew { body.execution.end() }
      return try executor.runCall(body.execution, &inputs, captured: captured[index], isFirst: startsAnew, control)
    }
    let execution = try takeExecution(index, inputs)
    return try executor.runCall(execution, &inputs, captured: captured[index], isFirst: true, control)
  }

  /// Runs iterations by one plan, as long as it serves what they carry. False, for nothing done, when the plan of the first one says that
  /// types change, until calls have led to a plan that leaves open which extents do.
  func iterate(_ iterations: inout Iterations) throws(OnyxError) -> Bool {
    let index = iterations.body
    guard iterations.formals.count + captured[index].count == bodies[index].plans.program.graph.inputs.count else { return false }
    if iterations.count > 0 {
      guard let pool = current[index]?.pool, pool.types.hasOpen, pool !== histories[index].declined,
        pool.types.admit(formals: iterations.formals)
      else { return false }
    }
    try control.check()
    let execution = try takeExecution(index, iterations.formals)
    let pool = current[index]?.pool
    defer { giveBack(index) }
    guard let fixed = FixedIterations(execution, iterations, pool?.types ?? []) else {
      histories[index].declined = pool
      return false
    }
    try control.reserve(fixed.byteCount)
    defer { control.release(fixed.byteCount) }
    try fixed.run(&iterations, captured: captured[index], executor, control) { (bytes) throws(OnyxError) in try hold(bytes) }
    return true
  }

  private func takeExecution(_ index: Int, _ inputs: [Value]) throws(OnyxError) -> Execution {
    giveBack(index)
    let pool = try plan(index, inputs + captured[index])
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

  /// Changes of a body's types within one step.
  private struct History {
    var changes = 0
    var plans = 0
    /// The last whose plan does not serve iterations.
    var declined: ExecutionPool?
    /// What serves all calls so far; nil when nothing does.
    var joined: [RunType?]?
  }

  /// Plans that are made for a body in one step before those that leave open which extents change.
  private static let exactPlans = 4

  /// The plan for values. A tensor that grows in each iteration would need one for each: after some, one plan serves all.
  private func plan(_ index: Int, _ values: [Value]) throws(OnyxError) -> ExecutionPool {
    let (plans, types) = (bodies[index].plans, values.map { RunType($0) as RunType? })
    histories[index].changes += 1
    histories[index].joined = histories[index].changes == 1 ? types : histories[index].joined?.joined(types)
    if let pool = plans.cached(for: types) { return pool }
    if histories[index].changes > 2, let pool = plans.openPlan(admitting: values.map { $0 }) { return pool }
    histories[index].plans += 1
    if histories[index].plans > Self.exactPlans, let joined = histories[index].joined {
      // A rule that needs the extents, or a budget that their bounds exceed, is no fault of the model.
      do throws(OnyxError) { return try plans.openPlan(for: joined) } catch { histories[index].joined = nil }
    }
    return try plans.plan(for: values.map { $0 })
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
