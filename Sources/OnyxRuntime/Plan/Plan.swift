import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads
import Synchronization

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
    /// Made by a step during the run: a value that is no tensor, or a tensor whose shape is not known before, that holds strings or
    /// that an operator on values or bodies made.
    case dynamic
  }

  /// A class, so that passing one to who runs it counts one reference.
  package final class Step: Sendable {
    package enum Action: Sendable {
      case kernel(PreparedKernel.Body)
      /// The scalar reference, copied into the planned memory.
      case reference(any TensorOperator)
      /// Types are found during the run; a kernel row is chosen then.
      case dynamic(any TensorOperator)
      /// Takes or makes values that are no tensors.
      case values(any ValueOperator)
      /// Runs bodies of the node.
      case bodies(any BodyOperator)
      /// Runs one of two bodies over planned memory.
      case choice(Choice)
    }

    package let node: Int
    package let kernelName: String
    package let action: Action
    /// Value indices; -1 for an omitted one.
    package let inputs: [Int]
    package let outputs: [Int]
    /// What each body of the node captures, as value indices; behind the body's own inputs they are inputs of its program.
    package let captures: [[Int]]
    /// Dynamic values that no later step reads.
    package let releases: [Int]
    /// Every value that the step needs.
    let reads: [Int]

    init(_ site: NodeSite, node: Int, kernelName: String, action: Action, releases: [Int] = []) {
      self.node = node
      self.kernelName = kernelName
      self.action = action
      self.releases = releases
      (inputs, outputs, captures, reads) = (site.inputs, site.outputs, site.captures, site.reads)
    }

    /// Whether the step reads the dynamic value once and nobody after it.
    func isLastRead(of value: Int) -> Bool { !releases.isEmpty && releases.contains(value) && reads.count { $0 == value } == 1 }
  }

  /// Consecutive steps that run for one part of a batch after the other.
  package struct Strip: Sendable {
    package let steps: Range<Int>
    package let rounds: Int
    /// Values that are there for the whole batch, and the bytes of one round in them.
    package let moving: [(value: Int, byteCount: Int)]
    /// Bytes of values that are there for one round, by value.
    package let held: [Int: Int]
  }

  package let program: Program
  package let steps: [Step]
  /// In the order of the steps.
  package let strips: [Strip]
  /// Indexed by `ValueID`.
  package let locations: [Location]
  /// Concrete types by `ValueID`; nil for dynamic values.
  package let types: [TensorType?]
  package let arenaByteCount: Int
  package let scratchByteCount: Int
  package let outputByteCounts: [Int]
  /// Bytes that a run needs beside weights and inputs, not counting dynamic values: arena, scratch, outputs, and what kernels borrow and
  /// keep in tables.
  package let activationByteCount: Int
  /// Bytes that a run may need.
  package let memoryBudget: Int
  /// Constants that some kernel reads from memory.
  package let residentConstants: Set<Int>

  /// Bytes of a value in the arena: those of one round where no more is there. nil for a dynamic value.
  package func heldByteCount(_ value: Int) -> Int? {
    for strip in strips { if let count = strip.held[value] { return count } }
    return try? types[value]?.byteCount()
  }
}

/// A graph ready to be planned: what all plans of a session share.
package final class Program: Sendable {
  package let graph: Graph
  package let operators: [any Operator]
  /// The bodies of each node, in the order in which its operator has them.
  package let bodies: [[Body]]
  package let table: KernelTable
  package let isa: ISA
  package let precision: Precision
  package let weights: WeightCache
  /// The threads that pack weights.
  package let pool: ThreadPool
  /// Bytes that one tensor of a run may take.
  let tensorLimit: Int
  /// What inference needs of the graph for each plan.
  let rules: GraphRules
  /// What the steps of nodes are in every plan.
  let sites: [NodeSite]
  /// Reads of each value by nodes and their bodies.
  let readCounts: [Int]
  /// Where values are before any step is planned.
  let locations: [Plan.Location]
  /// What the last plan that was made knows of the graph.
  let memo = Mutex<PlanMemo?>(nil)
  /// How often each rewrite was applied to make the graph, by its name.
  package let rewrites: [String: Int]
  /// What decides which steps run for a part of a batch at a time; nil for none.
  let strips: StripCosts?
  /// The files that constants view, those of bodies too. A body has none of its own.
  private let files: [FileMapping]

  /// Makes the operators of the nodes. Throws `unsupported` for one that is not in the catalog and `invalidModel` for attributes that
  /// break its rules.
  package convenience init(
    _ graph: Graph, table: KernelTable, isa: ISA, precision: Precision = .float32, pool: ThreadPool = ThreadPool(threads: 1),
    memoryBudget: Int = Buffer.largestByteCount, tensorLimit: Int = .max, rewrites: [String: Int] = [:], strips: StripCosts? = .standard,
    room: WeightRoom? = nil, file: PackedFile? = nil, files: [FileMapping] = []
  ) throws(OnyxError) {
    let settings = Settings(
      table: table, isa: isa, precision: precision, pool: pool, memoryBudget: memoryBudget, tensorLimit: tensorLimit)
    try self.init(graph, settings, rewrites: rewrites, strips: strips, room: room, file: file, files: files)
  }

  /// What the program of a graph and those of its bodies share.
  struct Settings: Sendable {
    let table: KernelTable
    let isa: ISA
    let precision: Precision
    let pool: ThreadPool
    /// Bytes that the activations of one plan may take.
    let memoryBudget: Int
    /// Bytes that one tensor may take.
    let tensorLimit: Int
  }

  /// Programs of bodies run without strips.
  init(
    _ graph: Graph, _ settings: Settings, rewrites: [String: Int] = [:], strips: StripCosts? = nil, room: WeightRoom? = nil,
    file: PackedFile? = nil, files: [FileMapping] = []
  ) throws(OnyxError) {
    self.graph = graph
    self.files = files
    self.strips = strips
    weights = WeightCache(room: room, file: file)
    self.rewrites = rewrites
    pool = settings.pool
    tensorLimit = settings.tensorLimit
    table = settings.table
    isa = settings.isa
    precision = settings.precision
    var operators: [any Operator] = []
    var bodies: [[Body]] = []
    for node in graph.nodes {
      let op = try Catalog.make(node)
      operators.append(op)
      bodies.append(try Self.bodies(of: op, node, in: settings, graph))
    }
    self.operators = operators
    self.bodies = bodies
    rules = try GraphRules(graph, operators: operators)
    var sites: [NodeSite] = []
    var readCounts = Array(repeating: 0, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      let site = NodeSite(node, operators[index], bodies[index], settings.table)
      sites.append(site)
      for value in site.reads { readCounts[value] += 1 }
    }
    self.sites = sites
    self.readCounts = readCounts
    locations = Self.locations(graph)
  }

  /// What `body` returns; throws `missingFile` instead when a file that constants or packed weights view was cut short.
  package func checkingFiles<R>(_ body: () throws(OnyxError) -> R) throws(OnyxError) -> R {
    let result: R
    do throws(OnyxError) { result = try body() } catch {
      try checkFiles()
      throw error
    }
    try checkFiles()
    return result
  }

  private func checkFiles() throws(OnyxError) {
    try FileMapping.check(files)
    try weights.checkFile()
  }

  private static func locations(_ graph: Graph) -> [Plan.Location] {
    var locations: [Plan.Location] = Array(repeating: .none, count: graph.values.count)
    for (id, tensor) in graph.initializers { locations[id.index] = .constant(tensor) }
    for (index, id) in graph.inputs.enumerated() { locations[id.index] = .input(index) }
    return locations
  }

  /// Whether the value is a constant of the graph: what rows pack of it serves every plan.
  func isInitializer(_ value: Int) -> Bool { if case .constant = locations[value] { true } else { false } }

  /// Whether equal inputs can give different results.
  package var drawsNumbers: Bool { operators.contains { !$0.isDeterministic } }

  /// "conv1 (Conv)" with the input types, for an error at a node.
  package func locate(_ error: OnyxError, node index: Int, inputs: [String]) -> OnyxError {
    error.at(node: graph.nodes[index].label, inputTypes: inputs)
  }
}
