import OnyxGraph
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport

/// One node with seeded inputs, run through any kernel table.
struct NodeCase: CustomStringConvertible, Sendable {
  enum Input: Sendable {
    /// Normal noise given at run time.
    case float(Shape)
    /// Normal noise as an initializer.
    case weight(Shape)
    case constant(Tensor)
    case given(Tensor)
    case none
  }

  let op: String
  let domain: String
  let inputs: [Input]
  let attributes: [String: Attribute]
  let outputs: Int

  init(_ op: String, _ inputs: [Input], _ attributes: [String: Attribute] = [:], domain: String = "", outputs: Int = 1) {
    self.op = op
    self.domain = domain
    self.inputs = inputs
    self.attributes = attributes
    self.outputs = outputs
  }

  var description: String { "\(op)\(inputs) \(attributes.mapValues(\.text))" }

  /// The results, and the names of the kernel rows that made them. In the arena the node stands between negations, so that its
  /// given inputs and its results can share memory.
  func run(
    _ table: KernelTable, isa: ISA = .host, precision: Precision = .float32, threads: Int = 1, isInArena: Bool = false
  ) throws -> (results: [Tensor], rows: [String]) {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    var given: [Tensor] = []
    var types: [ValueID: TensorType] = [:]
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
      types[id] = TensorType(tensor.elementType, tensor.shape)
      given.append(tensor)
      ids.append(isInArena ? builder.node("Neg", id) : id)
    }
    let results = builder.nodes(op, ids, outputs: outputs, attributes: attributes, domain: domain)
    for id in results {
      let result = isInArena ? builder.node("Neg", id) : id
      builder.output(result)
    }
    let plan = try Planner.plan(
      try Program(builder.graph, table: table, isa: isa, precision: precision), inputs: types, memoryBudget: 1 << 30)
    let tensors = try ExecutionPool(plan).withExecution { (execution) throws(OnyxError) in
      try Executor(pool: ThreadPool(threads: threads)).run(execution, inputs: given, control: RunControl())
    }
    return (tensors, plan.steps.map(\.kernelName))
  }

  /// Random numbers in -2 … 2.
  static func noise(_ shape: Shape, seed: Int) throws -> Tensor {
    try Tensor.random(.float32, shape, in: -2...2, seed: UInt64(bitPattern: Int64(seed)))
  }
}
