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
    _ plan: Plan, _ inputs: [Tensor], threads: Int = 2, control: RunControl = RunControl()
  ) throws -> [Tensor] {
    ReachedRows.record(plan, threads: threads)
    return try ExecutionPool(plan).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: ThreadPool(threads: threads)).run(execution, inputs: inputs, control: control)
    }
  }
}
