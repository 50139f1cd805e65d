import OnyxKernels
import OnyxOptimizer
import OnyxRuntime
import OnyxThreads

/// How a session runs its graph: a plain value, made once and given to any number of sessions.
public struct SessionOptions: Sendable, Hashable {
  /// How much the graph is rewritten before it runs.
  public enum Optimization: Int, Sendable, CaseIterable {
    /// The graph runs node by node as the file has it.
    case none = 0
    /// Constants folded, identities removed, one form per idea; results equal the unoptimized run.
    case canonical = 1
    /// Also fused operators; results differ by rounding.
    case full = 2
  }

  /// The vector instructions that kernels may use.
  public enum InstructionSet: String, Sendable, CaseIterable {
    /// The best that the machine has.
    case best
    /// None: plain C.
    case scalar
    /// x86-64 with AVX2 and FMA.
    case avx2
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    case avx512
    /// ARM with NEON.
    case neon
  }

  /// The numbers that convolutions and matrix products multiply.
  public enum Precision: String, Sendable, CaseIterable {
    /// All of them as float32.
    case float32 = "fp32"
    /// Operands of dense convolutions and of matrix products with constant weights are rounded to bfloat16, whose significand has 8
    /// bits; sums stay float32, as do everything else and 3×3 convolutions that Winograd's form makes cheaper. Without instructions
    /// for it (AVX512-BF16) the same numbers are computed, more slowly than in float32.
    case bfloat16 = "bf16"
  }

  /// Threads of one run, the caller's included; nil takes what the affinity mask and the container's quota allow.
  /// A session refuses fewer than 1 and more than 1024.
  public var threads: Int?
  /// Bytes that one run may take for activations; nil is half of what the machine or its container has.
  public var memoryBudget: Int?
  /// Bytes that one tensor of a run may take; nil for as many as the memory budget.
  public var tensorLimit: Int?
  /// Nodes that the model may have once its functions are inlined, those of bodies included; making a session throws `budgetExceeded` for
  /// more. What the inlining itself takes, about one for each node, input and output, has the same limit.
  public var nodeLimit = 1_000_000
  /// Bodies of If, Loop and Scan that may stand in one another: at most 64.
  public var nestingLimit = 64
  /// Iterations that all loops of one run may have together.
  public var iterationLimit = 1_000_000_000
  /// The longest time one run may take; it ends soon after, also within a long step.
  public var deadline: Duration?
  /// The seed of random operators that have none of their own: every run of a session with a seed draws the same numbers, on any
  /// number of threads. nil: every run draws others.
  public var seed: UInt64?
  /// How much the graph is rewritten before it runs.
  public var optimization = Optimization.full
  /// The vector instructions that kernels may use; making a session throws `usage` when the machine lacks them.
  public var instructionSet = InstructionSet.best
  /// The numbers that convolutions and matrix products multiply.
  public var precision = Precision.float32
  /// Whether 3×3 convolutions of stride 1 may be computed by Winograd's minimal filtering, with less than half of the
  /// multiplications. Its rounding errors are relative to the largest input of a tile of 6×6 pixels, not to those that an output
  /// sees; without it each output is the sum over its window, in each precision.
  public var winograd = true
  /// Whether numbers too small for a full significand (denormal numbers: below 1.2e-38 in float32) count as zero, as operands and as
  /// results. Processors compute with them several times more slowly. It holds for the threads of a session, and for the caller's while
  /// a run goes on.
  public var flushesDenormals = false
  /// A file that keeps packed weights from session to session: the next one that is made of the same model with the same options maps
  /// them instead of packing its own, and processes share the memory. The file is made by the first run, belongs to one build of Onyx and
  /// one kind of processor, and is replaced as a whole when it does not fit; any number of processes may use it. Runs
  /// that used one throw `missingFile` when it is cut short. Nothing depends on it: when it cannot be written, `Session.warnings` says
  /// so.
  public var weightCache: String?
  /// Rows of the kernel table that are switched off, by name.
  public var disabledKernels: Set<String> = []
  /// Rewrites of the optimizer that are switched off, by name.
  public var disabledRewrites: Set<String> = []

  /// The defaults, with a number of threads from 1 to 1024; making a session throws `usage` for any other.
  public init(threads: Int? = nil) { self.threads = threads }
}

extension SessionOptions {
  /// Rows of the kernel table that these options leave out.
  var switchedOffKernels: Set<String> { winograd ? disabledKernels : disabledKernels.union(KernelTable.winogradRows) }

  /// The optimizer's form of these options.
  var optimizerOptions: OptimizerOptions {
    let level: OptimizerOptions.Level =
      switch optimization {
      case .none: .none
      case .canonical: .canonicalise
      case .full: .all
      }
    return OptimizerOptions(level: level, disabled: disabledRewrites)
  }
}
