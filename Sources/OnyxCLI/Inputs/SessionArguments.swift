import ArgumentParser
import Onyx

extension SessionOptions.InstructionSet: ExpressibleByArgument {}
extension SessionOptions.Precision: ExpressibleByArgument {}

/// Flags of every command that plans a run.
struct PlanArguments: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("Threads of one run; default: what the machine or container allows.", valueName: "N"))
  var threads: Int?

  @Option(help: ArgumentHelp("How much the graph is rewritten.", valueName: "LEVEL"))
  var optimization: OptimizationName = .full

  @Option(name: .customLong("isa"), help: ArgumentHelp("Vector instructions that kernels may use.", valueName: "ISA"))
  var instructionSet: SessionOptions.InstructionSet = .best

  @Option(
    help: ArgumentHelp(
      "Numbers that convolutions and matrix products multiply: with bf16 they are rounded to it, and summed in float32.",
      valueName: "PRECISION"))
  var precision: SessionOptions.Precision = .float32

  @Flag(
    inversion: .prefixedNo,
    help: "3×3 convolutions by Winograd's form where it costs less; without it each output is the sum over its window.")
  var winograd = true

  @Flag(help: "Numbers too small for a full significand (below 1.2e-38 in float32) count as zero, which processors compute with faster.")
  var flushDenormals = false

  @Option(help: ArgumentHelp("A kernel to switch off, as 'onyx explain' names it; can be repeated.", valueName: "NAME"))
  var disableKernel: [String] = []

  @Option(help: ArgumentHelp("A rewrite of the graph to switch off, as 'onyx explain' names it; can be repeated.", valueName: "NAME"))
  var disableRewrite: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Megabytes that one run may take for activations; default: half of the machine's or container's memory.", valueName: "MB"))
  var memoryBudget: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Megabytes that one tensor of a run may take; 0 for as many as the memory budget.", valueName: "MB"))
  var tensorLimit = 1024

  @Option(parsing: .unconditional, help: ArgumentHelp("Nodes that a model may have once its functions are inlined.", valueName: "N"))
  var nodeLimit = SessionOptions().nodeLimit

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Bodies of If, Loop and Scan that may stand in one another, up to 64.", valueName: "N"))
  var nestingLimit = SessionOptions().nestingLimit

  @Option(parsing: .unconditional, help: ArgumentHelp("Iterations that all loops of one run may have together.", valueName: "N"))
  var iterationLimit = SessionOptions().iterationLimit

  enum OptimizationName: String, ExpressibleByArgument, CaseIterable { case none, canonical, full }

  func validate() throws {
    if let memoryBudget, memoryBudget < 1 || memoryBudget > 1 << 40 {
      throw ValidationError("'--memory-budget \(memoryBudget)' is not a positive number of megabytes.")
    }
    guard tensorLimit >= 0, tensorLimit <= 1 << 40 else {
      throw ValidationError("'--tensor-limit \(tensorLimit)' is not a number of megabytes.")
    }
    for (name, value) in [("node", nodeLimit), ("nesting", nestingLimit), ("iteration", iterationLimit)] where value < 0 {
      throw ValidationError("'--\(name)-limit \(value)' is negative.")
    }
  }

  var options: SessionOptions {
    var options = SessionOptions(threads: threads)
    options.tensorLimit = tensorLimit == 0 ? nil : tensorLimit << 20
    options.nodeLimit = nodeLimit
    options.nestingLimit = nestingLimit
    options.iterationLimit = iterationLimit
    options.optimization =
      switch optimization {
      case .none: .none
      case .canonical: .canonical
      case .full: .full
      }
    options.instructionSet = instructionSet
    options.precision = precision
    options.winograd = winograd
    options.flushesDenormals = flushDenormals
    options.disabledKernels = Set(disableKernel)
    options.disabledRewrites = Set(disableRewrite)
    options.memoryBudget = memoryBudget.map { $0 << 20 }
    return options
  }
}

/// Flags of every command that runs a model.
struct SessionArguments: ParsableArguments {
  @OptionGroup var plan: PlanArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("Seconds that one run may take.", valueName: "S"))
  var deadline: Double?

  @Flag(help: "Keep packed weights beside the model, in MODEL.onyx-cache, which the next start maps.")
  var cache = false

  func validate() throws {
    if let deadline, !(deadline > 0 && deadline < 1e9) {
      throw ValidationError("'--deadline \(deadline)' is not a positive number of seconds.")
    }
  }

  var options: SessionOptions {
    var options = plan.options
    options.deadline = deadline.map { .seconds($0) }
    return options
  }

  /// The same for a model whose file is known: beside it is the cache.
  func options(for model: String) -> SessionOptions {
    var options = options
    if cache { options.weightCache = model + ".onyx-cache" }
    return options
  }
}
