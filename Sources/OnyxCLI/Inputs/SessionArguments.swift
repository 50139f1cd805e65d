import ArgumentParser
import Onyx

extension SessionOptions.InstructionSet: ExpressibleByArgument {}

/// Flags of every command that runs a model.
struct SessionArguments: ParsableArguments {
  @Option(help: "Threads of one run; default: what the machine or container allows.")
  var threads: Int?

  @Option(help: "How much the graph is rewritten: none, canonical or full.")
  var optimization: OptimizationName = .full

  @Option(name: .customLong("isa"), help: "Vector instructions that kernels may use.")
  var instructionSet: SessionOptions.InstructionSet = .best

  @Option(help: "A row of the kernel table to switch off; can be repeated.")
  var disableKernel: [String] = []

  @Option(help: "A rewrite of the optimizer to switch off; can be repeated.")
  var disableRewrite: [String] = []

  @Option(help: "Megabytes that one run may take for activations.")
  var memoryBudget: Int?

  @Option(help: "Seconds that one run may take.")
  var deadline: Double?

  enum OptimizationName: String, ExpressibleByArgument, CaseIterable {
    case none, canonical, full
  }

  func validate() throws {
    if let memoryBudget, memoryBudget < 1 || memoryBudget > 1 << 40 { throw ValidationError("--memory-budget must be a positive number of megabytes.") }
    if let deadline, !(deadline > 0 && deadline < 1e9) { throw ValidationError("--deadline must be a positive number of seconds.") }
  }

  var options: SessionOptions {
    var options = SessionOptions(threads: threads)
    options.optimization =
      switch optimization {
      case .none: .none
      case .canonical: .canonical
      case .full: .full
      }
    options.instructionSet = instructionSet
    options.disabledKernels = Set(disableKernel)
    options.disabledRewrites = Set(disableRewrite)
    options.memoryBudget = memoryBudget.map { $0 << 20 }
    options.deadline = deadline.map { .seconds($0) }
    return options
  }
}
