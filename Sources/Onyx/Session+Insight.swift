import OnyxGraph
import OnyxInsight
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxThreads

extension Session {
  /// Threads of one run, the caller's included.
  public var threadCount: Int { executor.pool.threadCount }

  /// Whether the graph has nodes that draw random numbers in each run.
  package func drawsNumbers() throws(OnyxError) -> Bool { try planCache(fetching: []).program.drawsNumbers }

  /// Which thread of the pool worked when.
  package var activity: ThreadActivity { executor.pool.activity }

  /// The instruction set that the kernels use: "avx512", "avx2", "neon" or "scalar".
  package func instructionSetName() throws(OnyxError) -> String { try ISA(options.instructionSet).name }

  /// Runs the graph once and drops its outputs; `observe` is called before the first step of the plan and after each one with
  /// the number of steps done, `tally` hears of what happens inside steps.
  package func run(_ inputs: [String: Tensor], tally: RunTally? = nil, observe: @escaping (Int) -> Void) throws(OnyxError) {
    let bound = try binding.bind(inputs.mapValues { Value.tensor($0) }).values
    _ = try plan(for: inputs).withExecution { (execution) throws(OnyxError) in
      try executor.run(execution, values: bound, control: control(tally), observe: observe)
    }
  }

  /// Throws `budgetExceeded` when tensors that are to be made for inputs, or a run over them and those that are there, need more than the
  /// memory budget; nothing of their size is taken.
  package func admit(_ wanted: [String: (element: ElementType, shape: Shape)], beside given: [String: Tensor] = [:]) throws(OnyxError) {
    var byteCount = 0
    for (name, type) in wanted {
      let width = type.element == .string ? MemoryLayout<String>.stride : type.element.byteWidth
      let bytes = try Tensor.byteCount(type.shape.elementCount, width: width)
      guard bytes <= options.tensorLimit ?? .max, bytes <= Int.max - byteCount else {
        throw .budget(
          "The input '\(name)' of shape \(type.shape) would take \(bytes) bytes; at most \(options.tensorLimit ?? .max) are allowed.",
          remedy: "Give smaller sizes, or allow more.")
      }
      byteCount += bytes
    }
    guard isOfTensors else { return try check(byteCount, beside: 0) }
    var types: [TensorType?] = []
    for input in model.graph.inputs {
      let name = model.graph[input].name
      if let type = wanted[name] {
        types.append(TensorType(type.element, type.shape))
      } else {
        types.append((given[name] ?? model.graph.initializers[input]).map { TensorType($0.elementType, $0.shape) })
      }
    }
    // What else is wrong with the inputs is said when they are bound.
    let plan: Plan
    do throws(OnyxError) { plan = try planCache(fetching: []).plan(for: types).plan } catch {
      if error.code == .budgetExceeded { throw error }
      return try check(byteCount, beside: 0)
    }
    try check(byteCount, beside: plan.activationByteCount)
  }

  private func check(_ inputs: Int, beside activations: Int) throws(OnyxError) {
    guard inputs <= memoryBudget, activations <= memoryBudget - inputs else {
      throw .budget(
        "The run needs \(activations) bytes of activations beside \(inputs) of generated inputs; the memory budget is \(memoryBudget).",
        remedy: "Use smaller inputs or raise the memory budget.")
    }
  }

  /// The plan for inputs of the declared types, symbols bound to `dimensions` (1 where nothing is given).
  package func plan(dimensions: [String: Int]) throws(OnyxError) -> Plan {
    let cache = try planCache(fetching: [])
    return try cache.plan(for: try model.graph.inputTypes(sizes: dimensions)).plan
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
