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
