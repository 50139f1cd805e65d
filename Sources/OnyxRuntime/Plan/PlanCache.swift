import OnyxGraph
import OnyxKernels
import OnyxTensor
import OnyxThreads
import Synchronization

/// The plans of a program by input types, the least recently used dropped first.
package final class PlanCache: Sendable {
  private struct Entry {
    let key: [RunType?]
    let pool: ExecutionPool
  }

  package let program: Program
  /// The names of the graph's outputs, in order.
  package let outputNames: [String]
  private let memoryBudget: Int
  private let entries = Mutex<[Entry]>([])
  /// The plan for inputs of which some extents show only in the run, the last that was asked for.
  private let openEntry = Mutex<Entry?>(nil)

  /// Plans kept; each holds an arena, so a session that sees ever new shapes stays bounded.
  package static let limit = 8

  package init(_ program: Program, memoryBudget: Int) {
    self.program = program
    self.memoryBudget = memoryBudget
    outputNames = program.graph.outputs.map { program.graph[$0].name }
  }

  /// The plan for the types of these values, in the order of the graph's inputs, made when it is not there.
  package func plan(for inputs: [Value?]) throws(OnyxError) -> ExecutionPool {
    if let found = last(where: { $0.admit(inputs) }) { return found }
    return try plan(for: inputs.map { $0.map { RunType($0) } })
  }

  /// The same of tensors.
  package func plan(for inputs: [Tensor?]) throws(OnyxError) -> ExecutionPool {
    if let found = last(where: { $0.admit(inputs) }) { return found }
    return try plan(for: inputs.map { $0.map { .tensor(TensorType($0.elementType, $0.shape)) } })
  }

  /// The plan that was used last if its types serve.
  private func last(where serve: ([RunType?]) -> Bool) -> ExecutionPool? {
    entries.withLock { entries in
      guard let last = entries.last, serve(last.key) else { return nil }
      return last.pool
    }
  }

  /// The plan for tensors of these types, in the order of the graph's inputs, made when it is not there.
  package func plan(for types: [TensorType?]) throws(OnyxError) -> ExecutionPool { try plan(for: types.map { $0.map { .tensor($0) } }) }

  private func plan(for types: [RunType?]) throws(OnyxError) -> ExecutionPool {
    if let pool = find(types) { return pool }
    let pool = ExecutionPool(try makePlan(types), types: types)
    entries.withLock { entries in
      if entries.count >= Self.limit { entries.removeFirst() }
      entries.append(Entry(key: types, pool: pool))
    }
    return pool
  }

  /// The plan for the types when it is there.
  func cached(for types: [RunType?]) -> ExecutionPool? { find(types) }

  /// A plan that is there for values of which some extents are open.
  func openPlan(admitting values: [Value?]) -> ExecutionPool? {
    openEntry.withLock { entry in
      guard let entry, entry.key.admit(values) else { return nil }
      return entry.pool
    }
  }

  /// The plan for types of which some extents are open; it takes the place of an earlier one.
  func openPlan(for types: [RunType?]) throws(OnyxError) -> ExecutionPool {
    let pool = ExecutionPool(try makePlan(types), types: types)
    openEntry.withLock { $0 = Entry(key: types, pool: pool) }
    return pool
  }

  private func makePlan(_ types: [RunType?]) throws(OnyxError) -> Plan {
    var inputs: [ValueID: RunType] = [:]
    for (id, type) in zip(program.graph.inputs, types) { inputs[id] = type }
    return try Planner.plan(program, inputs: inputs, memoryBudget: memoryBudget)
  }

  private func find(_ types: [RunType?]) -> ExecutionPool? {
    entries.withLock { entries in
      guard let position = entries.lastIndex(where: { $0.key == types }) else { return nil }
      let entry = entries[position]
      if position != entries.count - 1 {
        entries.remove(at: position)
        entries.append(entry)
      }
      return entry.pool
    }
  }
}
