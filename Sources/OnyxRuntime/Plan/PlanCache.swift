import OnyxGraph
import OnyxKernels
import OnyxTensor
import OnyxThreads
import Synchronization

/// The plans of a program by input types, the least recently used dropped first. One of them at a time has memory to run in, beside
/// those that run.
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
  private let memory = RunMemory()
  /// Plans kept.
  package let limit: Int

  /// Steps of all plans kept, and the least and most plans: what stays bounded for ever new shapes is the memory of the steps.
  private static let stepLimit = 2048, limits = 8...64

  package init(_ program: Program, memoryBudget: Int) {
    self.program = program
    self.memoryBudget = memoryBudget
    limit = min(max(Self.stepLimit / max(program.graph.nodes.count, 1), Self.limits.lowerBound), Self.limits.upperBound)
    outputNames = program.graph.outputs.map { program.graph[$0].name }
  }

  /// Plans that are kept for exact types.
  package var planCount: Int { entries.withLock { $0.count } }

  /// The plan for the types of these values, in the order of the graph's inputs, made when it is not there.
  package func plan(for inputs: [Value?]) throws(OnyxError) -> ExecutionPool {
    let last = entries.withLock { entries -> ExecutionPool? in
      // The last entry is the one used last.
      guard let last = entries.last, last.key.admit(inputs) else { return nil }
      return last.pool
    }
    if let last { return last }
    if let found = find({ $0.admit(inputs) }) { return found }
    return try makeEntry(inputs.map { $0.map { RunType($0) } })
  }

  /// The same of tensors.
  package func plan(for inputs: [Tensor?]) throws(OnyxError) -> ExecutionPool {
    if let found = find({ $0.admit(inputs) }) { return found }
    return try makeEntry(inputs.map { $0.map { .tensor(TensorType($0.elementType, $0.shape)) } })
  }

  /// The plan for tensors of these types, in the order of the graph's inputs, made when it is not there.
  package func plan(for types: [TensorType?]) throws(OnyxError) -> ExecutionPool { try plan(for: types.map { $0.map { .tensor($0) } }) }

  private func plan(for types: [RunType?]) throws(OnyxError) -> ExecutionPool {
    if let pool = cached(for: types) { return pool }
    return try makeEntry(types)
  }

  private func makeEntry(_ types: [RunType?]) throws(OnyxError) -> ExecutionPool {
    let pool = ExecutionPool(try makePlan(types), types: types, memory: memory)
    entries.withLock { entries in
      if entries.count >= limit { entries.removeFirst().pool.releaseMemory(retired: true) }
      for entry in entries { entry.pool.releaseMemory() }
      entries.append(Entry(key: types, pool: pool))
    }
    return pool
  }

  /// The plan for the types when it is there.
  func cached(for types: [RunType?]) -> ExecutionPool? { find { $0 == types } }

  /// A plan that is there for values of which some extents are open.
  func openPlan(admitting values: [Value?]) -> ExecutionPool? {
    openEntry.withLock { entry in
      guard let entry, entry.key.admit(values) else { return nil }
      return entry.pool
    }
  }

  /// The plan for types of which some extents are open; it takes the place of an earlier one.
  func openPlan(for types: [RunType?]) throws(OnyxError) -> ExecutionPool {
    let pool = ExecutionPool(try makePlan(types), types: types, memory: memory)
    openEntry.withLock { entry in
      entry?.pool.releaseMemory(retired: true)
      entry = Entry(key: types, pool: pool)
    }
    return pool
  }

  private func makePlan(_ types: [RunType?]) throws(OnyxError) -> Plan {
    var inputs: [ValueID: RunType] = [:]
    for (id, type) in zip(program.graph.inputs, types) { inputs[id] = type }
    return try program.checkingFiles { () throws(OnyxError) in try Planner.plan(program, inputs: inputs, memoryBudget: memoryBudget) }
  }

  /// The plan with a key that `serves`, which becomes the one used last and gets the memory that the others left idle.
  private func find(_ serves: ([RunType?]) -> Bool) -> ExecutionPool? {
    entries.withLock { entries in
      guard let position = entries.lastIndex(where: { serves($0.key) }) else { return nil }
      if position == entries.count - 1 { return entries[position].pool }
      for entry in entries where entry.pool !== entries[position].pool { entry.pool.releaseMemory() }
      let entry = entries.remove(at: position)
      entries.append(entry)
      return entry.pool
    }
  }
}
