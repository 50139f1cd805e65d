import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxThreads

extension Session {
  /// Threads of one run, the caller's included.
  public var threadCount: Int { executor.pool.threadCount }

  /// Which thread of the pool worked when.
  package var activity: ThreadActivity { executor.pool.activity }

  /// The instruction set that the kernels use: "avx512", "avx2", "neon" or "scalar".
  package func instructionSetName() throws(OnyxError) -> String { try ISA(options.instructionSet).name }

  /// Runs the graph once and drops its outputs; `observe` is called before the first step of the plan and after each one with
  /// the number of steps done.
  package func run(_ inputs: [String: Tensor], observe: @escaping (Int) -> Void) throws(OnyxError) {
    let bound = try binding.bind(inputs)
    _ = try plan(for: inputs).withExecution { (execution) throws(OnyxError) in
      try executor.run(execution, inputs: bound, control: control(), observe: observe)
    }
  }

  /// The plan for inputs of the declared types, symbols bound to `dimensions` (1 where nothing is given).
  package func plan(dimensions: [String: Int]) throws(OnyxError) -> Plan {
    let cache = try planCache(fetching: [])
    var types: [TensorType?] = []
    for id in model.graph.inputs {
      if let tensor = model.graph.initializers[id] {
        types.append(TensorType(tensor.elementType, tensor.shape))
      } else {
        types.append(try concreteType(of: model.graph[id], dimensions))
      }
    }
    return try cache.plan(for: types).plan
  }

  /// Bytes of arena, scratch and outputs of a run with inputs of the declared types.
  package func activationByteCount(dimensions: [String: Int]) throws(OnyxError) -> Int {
    try plan(dimensions: dimensions).activationByteCount
  }

  /// The declared type with its symbols bound; a symbol that `sizes` lacks is 1.
  package func concreteType(of value: Value, _ sizes: [String: Int]) throws(OnyxError) -> TensorType {
    guard case .tensor(let element, let shape?) = value.type else {
      throw .usage("The shape of the input '\(value.name)' is not known.", remedy: "Give a tensor for it: --input \(value.name)=FILE.")
    }
    var extents: [Int] = []
    for dimension in shape {
      let symbols = Dictionary(dimension.symbols.map { ($0, sizes[$0] ?? 1) }, uniquingKeysWith: { first, _ in first })
      extents.append(try dimension.substituting(symbols).known ?? 1)
    }
    return TensorType(element, try Shape(extents))
  }
}

extension Precision {
  /// The runtime's name for a choice of the session.
  init(_ choice: SessionOptions.Precision) {
    self =
      switch choice {
      case .float32: .float32
      case .bfloat16: .bfloat16
      }
  }
}

extension ISA {
  /// Throws `usage` when the machine lacks the instruction set.
  init(_ choice: SessionOptions.InstructionSet) throws(OnyxError) {
    if choice == .best {
      self = .host
    } else if let isa = ISA(name: choice.rawValue) {
      self = isa
    } else {
      throw .usage(
        "This machine has no \(choice.rawValue) instructions.", remedy: "It has: \(ISA.tiers.map(\.name).joined(separator: ", ")).")
    }
  }
}
