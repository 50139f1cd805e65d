import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// One node with seeded inputs, run through any kernel table.
package struct NodeCase: CustomStringConvertible, Sendable {
  package enum Input: Sendable {
    /// Normal noise given at run time.
    case float(Shape)
    /// Normal noise as an initializer.
    case weight(Shape)
    case constant(Tensor)
    case given(Tensor)
    case none
  }

  package let op: String
  package let domain: String
  package let inputs: [Input]
  package let attributes: [String: Attribute]
  package let outputs: Int

  package init(_ op: String, _ inputs: [Input], _ attributes: [String: Attribute] = [:], domain: String = "", outputs: Int = 1) {
    self.op = op
    self.domain = domain
    self.inputs = inputs
    self.attributes = attributes
    self.outputs = outputs
  }

  package var description: String { "\(op)\(inputs) \(attributes.mapValues(\.text))" }

  /// The results, and the names of the kernel rows that made them. In the arena the node stands between negations, so that its
  /// given inputs and its results can share memory.
  package func run(
    _ table: KernelTable, isa: ISA = .host, precision: Precision = .float32, threads: Int = 1, isInArena: Bool = false
  ) throws -> (results: [Tensor], rows: [String]) {
    let (graph, given) = try self.graph(isInArena: isInArena)
    let types = Dictionary(uniqueKeysWithValues: zip(graph.inputs, given.map { TensorType($0.elementType, $0.shape) }))
    let plan = try Planner.plan(
      try Program(graph, table: table, isa: isa, precision: precision), inputs: types, memoryBudget: 1 << 30)
    return (try GraphRun.run(plan, given, threads: threads), plan.steps.map(\.kernelName))
  }

  /// The results on so many threads each, and the rows that made them, also those that only the run chose or that need no step.
  package func traced(
    _ table: KernelTable, isa: ISA = .host, threads: [Int]
  ) throws -> [(results: [Tensor], uses: Set<RowUse>)] {
    let (graph, given) = try self.graph()
    let types = Dictionary(uniqueKeysWithValues: zip(graph.inputs, given.map { TensorType($0.elementType, $0.shape) }))
    let plan = try Planner.plan(try Program(graph, table: table, isa: isa), inputs: types, memoryBudget: 1 << 30)
    return try threads.map { try GraphRun.traced(plan, given, threads: $0) }
  }

  /// The graph of the node, and the tensors for its inputs.
  package func graph(isInArena: Bool = false) throws -> (Graph, [Tensor]) {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    var given: [Tensor] = []
    var ids: [ValueID?] = []
    for (index, input) in inputs.enumerated() {
      switch input {
      case .none: ids.append(nil)
      case .weight(let shape): ids.append(builder.constant(try Self.noise(shape, seed: index)))
      case .constant(let tensor): ids.append(builder.constant(tensor))
      case .float(let shape): try add(Self.noise(shape, seed: index))
      case .given(let tensor): try add(tensor)
      }
    }
    func add(_ tensor: Tensor) throws {
      let id = builder.input("x\(ids.count)", tensor.elementType, tensor.shape.map { Dimension($0) })
      given.append(tensor)
      ids.append(isInArena ? builder.node("Neg", id) : id)
    }
    let results = builder.nodes(op, ids, outputs: outputs, attributes: attributes, domain: domain)
    for id in results {
      let result = isInArena ? builder.node("Neg", id) : id
      builder.output(result)
    }
    return (builder.graph, given)
  }

  /// Random numbers in -2 … 2.
  package static func noise(_ shape: Shape, seed: Int) throws -> Tensor {
    try Tensor.random(.float32, shape, in: -2...2, seed: UInt64(bitPattern: Int64(seed)))
  }
}
