import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import Synchronization

/// An If whose captures and results are tensors of types that the plan around it knows: its branches read and write the memory of that
/// plan. Made once for a step; what a branch needs is found when it is first taken, since the other may never be valid.
package final class Choice: Sendable {
  let op: any BodyOperator
  private let branches: Mutex<[Branch?]>

  init(_ op: any BodyOperator) {
    self.op = op
    branches = Mutex(Array(repeating: nil, count: op.bodies.count))
  }

  /// What a branch can be run with; nil when it makes tensors of other types than the step.
  func branch(_ index: Int, of step: Plan.Step, in plan: Plan) throws(OnyxError) -> FixedBranch? {
    if let found = branches.withLock({ $0[index] }) { return found.fixed }
    let fixed = try FixedBranch(plan.program.bodies[step.node][index], step.captures[index], step.outputs, in: plan)
    branches.withLock { $0[index] = Branch(fixed: fixed) }
    return fixed
  }

  private struct Branch {
    let fixed: FixedBranch?
  }
}

/// A branch with the places of its values.
final class FixedBranch: Sendable {
  let pool: ExecutionPool
  /// The values of the branch that are each value captured from the plan around.
  let captures: [(outer: Int, values: [Int])]
  /// The output buffers of the branch, each the memory of a value of the plan around.
  let buffers: [(outer: Int, buffer: Int)]
  /// Results that live elsewhere, and are copied.
  let copies: [(outer: Int, value: Int, byteCount: Int)]

  /// nil for results of other types than `outputs` have around.
  init?(_ body: Body, _ captured: [Int], _ outputs: [Int], in plan: Plan) throws(OnyxError) {
    let pool = try body.plans.plan(for: captured.map { plan.types[$0] })
    let branch = pool.plan
    var buffers: [(outer: Int, buffer: Int)] = []
    var copies: [(outer: Int, value: Int, byteCount: Int)] = []
    for (outer, id) in zip(outputs, branch.program.graph.outputs) {
      guard let type = plan.types[outer], branch.types[id.index] == type else { return nil }
      let byteCount = try type.byteCount()
      if case .output(let buffer) = branch.locations[id.index], branch.outputByteCounts[buffer] == byteCount,
        !buffers.contains(where: { $0.buffer == buffer })
      {
        buffers.append((outer, buffer))
      } else {
        copies.append((outer, id.index, byteCount))
      }
    }
    guard buffers.count == branch.outputByteCounts.count else { return nil }
    self.pool = pool
    self.buffers = buffers
    self.copies = copies
    captures = captured.enumerated().map { index, outer in
      let values = branch.locations.indices.filter { value in
        if case .input(index) = branch.locations[value] { branch.types[value] != nil } else { false }
      }
      return (outer, values)
    }
  }
}
