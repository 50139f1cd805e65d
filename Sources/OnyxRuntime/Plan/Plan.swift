import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Everything that is fixed for one set of input types: which kernels run in which order over which memory.
package struct Plan: Sendable {
  /// Where a value lives during a run.
  package enum Location: Sendable {
    /// Not read by any step of this plan.
    case none
    case constant(Tensor)
    /// The caller's tensor for graph input `index`.
    case input(Int)
    /// Bytes from this offset of the arena on.
    case arena(Int)
    /// A fresh buffer for every run, which leaves as graph output; several values can share one.
    case output(buffer: Int)
    /// A tensor made by a step during the run: its shape is not known before, or it holds strings.
    case dynamic
  }

  package struct Step: Sendable {
    package enum Action: Sendable {
      case kernel(PreparedKernel.Body)
      /// The scalar reference, copied into the planned memory.
      case reference(any TensorOperator)
      /// Types are found during the run; a kernel row is chosen then.
      case dynamic(any TensorOperator)
    }

    package let node: Int
    package let kernelName: String
    package let action: Action
    /// Value indices; -1 for an omitted one.
    package let inputs: [Int]
    package let outputs: [Int]
    /// Dynamic values that no later step reads.
    package var releases: [Int] = []
  }

  package let program: Program
  package let steps: [Step]
  /// Indexed by `ValueID`.
  package let locations: [Location]
  /// Concrete types by `ValueID`; nil for dynamic values.
  package let types: [TensorType?]
  package let arenaByteCount: Int
  package let scratchByteCount: Int
  package let outputByteCounts: [Int]
  /// Constants that some kernel reads from memory.
  package let residentConstants: Set<Int>

  /// Bytes that a run needs beside weights and inputs, not counting dynamic values.
  package var activationByteCount: Int { arenaByteCount + scratchByteCount + outputByteCounts.reduce(0, +) }
}

/// A graph ready to be planned: what all plans of a session share.
package final class Program: Sendable {
  package let graph: Graph
  package let operators: [any Operator]
  package let table: KernelTable
  package let isa: ISA
  package let precision: Precision
  package let weights = WeightCache()
  /// The threads that pack weights.
  package let pool: ThreadPool
  /// How often each rewrite was applied to make the graph, by its name.
  package let rewrites: [String: Int]

  /// Makes the operators of the nodes. Throws `unsupported` for one that is not in the catalog and `invalidModel` for attributes that
  /// break its rules.
  package init(
    _ graph: Graph, table: KernelTable, isa: ISA, precision: Precision = .float32, pool: ThreadPool = ThreadPool(threads: 1),
    rewrites: [String: Int] = [:]
  ) throws(OnyxError) {
    self.graph = graph
    self.rewrites = rewrites
    self.pool = pool
    self.table = table
    self.isa = isa
    self.precision = precision
    var operators: [any Operator] = []
    for node in graph.nodes { operators.append(try Catalog.make(node)) }
    self.operators = operators
  }

  /// "conv1 (Conv)" with the input types, for an error at a node.
  package func locate(_ error: OnyxError, node index: Int, inputs: [TensorType?]) -> OnyxError {
    error.at(node: graph.nodes[index].label, inputTypes: inputs.map { $0?.description ?? "-" })
  }
}
