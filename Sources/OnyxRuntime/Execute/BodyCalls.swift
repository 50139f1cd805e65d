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
  private var current: [(pool: ExecutionPool, execution: Execution)?]

  init(_ executor: Executor, _ control: RunControl, _ bodies: [Body], captured: [[Value]]) {
    self.executor = executor
    self.control = control
    self.bodies = bodies
    self.captured = captured
    current = Array(repeating: nil, count: bodies.count)
  }

  /// Runs body `index` on its formal inputs. Throws what its steps throw, and `budgetExceeded` past a limit of the run.
  func call(_ index: Int, _ inputs: consuming [Value]) throws(OnyxError) -> [Value] {
    try control.check()
    var values: [Value?] = []
    values.reserveCapacity(inputs.count + captured[index].count)
    for input in inputs { values.append(input) }
    inputs = []
    for value in captured[index] { values.append(value) }
    let execution = try execution(index, values)
    return try executor.run(execution, values: values, control: control)
  }

  private func execution(_ index: Int, _ values: [Value?]) throws(OnyxError) -> Execution {
    if let (pool, execution) = current[index], pool.types.admit(values) { return execution }
    giveBack(index)
    let pool = try bodies[index].plans.plan(for: values)
    try control.reserve(pool.plan.activationByteCount)
    do throws(OnyxError) {
      let execution = try pool.take()
      current[index] = (pool, execution)
      return execution
    } catch {
      control.release(pool.plan.activationByteCount)
      throw error
    }
  }

  private func giveBack(_ index: Int) {
    guard let (pool, execution) = current[index] else { return }
    current[index] = nil
    control.release(pool.plan.activationByteCount)
    pool.give(execution)
  }

  /// Gives back what the calls held. Called once, after the last.
  func finish() { for index in bodies.indices { giveBack(index) } }
}
