import OnyxGraph
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// A graph planned for given tensors and run, without a session.
package enum GraphRun {
  /// The plan for the types of `tensors`, in the order of the graph's inputs.
  package static func plan(
    _ graph: Graph, _ tensors: [Tensor], table: KernelTable = KernelTable(), memoryBudget: Int = 1 << 30
  ) throws -> Plan {
    let types = Dictionary(uniqueKeysWithValues: zip(graph.inputs, tensors.map { TensorType($0.elementType, $0.shape) }))
    return try Planner.plan(try Program(graph, table: table, isa: .host), inputs: types, memoryBudget: memoryBudget)
  }

  /// The graph's outputs.
  package static func run(
    _ plan: Plan, _ inputs: [Tensor], threads: Int = 2, control: RunControl? = nil
  ) throws -> [Tensor] {
    guard ReachedRows.isWanted, control == nil else { return try execute(plan, inputs, threads, control ?? RunControl()) }
    return try traced(plan, inputs, threads: threads).results
  }

  /// The graph's outputs, and the rows that made them: those that the run chose and those that need no step too.
  package static func traced(_ plan: Plan, _ inputs: [Tensor], threads: Int) throws -> (results: [Tensor], uses: Set<RowUse>) {
    let tally = RunTally()
    let results = try execute(plan, inputs, threads, RunControl(tally: tally))
    let uses = RowUses(plan, inputs: inputs, results: results, threads: threads).all(tally)
    if ReachedRows.isWanted { ReachedRows.record(uses) }
    return (results, uses)
  }

  private static func execute(_ plan: Plan, _ inputs: [Tensor], _ threads: Int, _ control: RunControl) throws -> [Tensor] {
    try ExecutionPool(plan).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: ThreadPool(threads: threads)).run(execution, inputs: inputs, control: control)
    }
  }
}
