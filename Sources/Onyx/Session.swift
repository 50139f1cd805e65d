import OnyxGraph
import OnyxKernels
import OnyxLoader
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxThreads
import Synchronization

/// A loaded ONNX model, ready to run.
///
/// A session is immutable: concurrent `run`s are safe, share weights and plans, and have scratch memory of their own.
/// Results are bit-equal for every number of threads.
public final class Session: Sendable {
  /// The graph as the file has it, before any rewrite.
  package let model: ModelGraph
  /// How this session runs its graph.
  package let options: SessionOptions
  /// Runs plans on the threads of the session.
  let executor: Executor
  /// Checks what callers give.
  let binding: InputBinding
  /// Optimized programs by the names that are fetched beside the outputs.
  private let programs = Mutex<[Set<String>: Prepared]>([:])
  /// The program without fetches, where a run finds it first.
  private let usualPlans = Mutex<PlanCache?>(nil)

  /// Loads the model file at `path`; external data is looked for beside it.
  ///
  /// Throws `missingFile`, `invalidModel` for a file that is no valid ONNX model, and `unsupported` with every operator
  /// that Onyx lacks.
  public convenience init(path: String, options: SessionOptions = .init()) throws(OnyxError) {
    try self.init(model: try ModelLoader.load(contentsOf: path), options: options)
  }

  /// Loads a serialized model. Its external data is looked for in `baseDirectory`; without one such a model is refused.
  public convenience init(bytes: [UInt8], baseDirectory: String? = nil, options: SessionOptions = .init()) throws(OnyxError) {
    try self.init(model: try ModelLoader.load(bytes: bytes, baseDirectory: baseDirectory), options: options)
  }

  /// A session for a model in memory. Throws `usage` for options that cannot be met, and what making the program throws.
  package init(model: ModelGraph, options: SessionOptions) throws(OnyxError) {
    if let threads = options.threads, threads < 1 || threads > 1024 {
      throw .usage("\(threads) threads were asked for.", remedy: "Use 1 to 1024 threads.")
    }
    try Self.check(options.disabledKernels, among: KernelTable.rows.map(\.name), what: "kernels")
    try Self.check(options.disabledRewrites, among: Phase.all.flatMap(\.rewrites).map(\.name), what: "rewrites")
    self.model = model
    self.options = options
    binding = InputBinding(graph: model.graph)
    executor = Executor(pool: ThreadPool(threads: options.threads ?? ThreadPool.defaultThreadCount))
    let plans = try planCache(fetching: [])
    usualPlans.withLock { $0 = plans }
  }

  /// Throws `usage` for a name of `disabled` that is none of `names`.
  private static func check(_ disabled: Set<String>, among names: [String], what: String) throws(OnyxError) {
    for name in disabled.sorted() where !names.contains(name) {
      throw .usage("There are no \(what) named '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: what))
    }
  }

  /// The inputs in the model's order.
  public var inputs: [TensorSpecification] {
    model.graph.inputs.map { TensorSpecification(model.graph[$0], isOptional: model.graph.initializers[$0] != nil) }
  }

  /// The outputs in the model's order.
  public var outputs: [TensorSpecification] { model.graph.outputs.map { TensorSpecification(model.graph[$0]) } }

  /// Names of all tensors of the graph that can be fetched.
  public var tensorNames: [String] { model.graph.values.map(\.name).filter { !$0.isEmpty } }

  /// Runs the graph and returns its outputs by name.
  ///
  /// Throws `usage` when the inputs are not what the model asks for, `budgetExceeded` past a budget or deadline, and what a
  /// node throws, with its name, operator and input types.
  public func run(_ inputs: [String: Tensor]) throws(OnyxError) -> [String: Tensor] {
    try run(inputs, fetching: [], control: control())
  }

  /// Runs the graph and returns its outputs and, by their names, any other tensors of the graph.
  ///
  /// A name can be a pattern with `*` and `?`, or "all", as `tensorNames(matching:)` says. A fetched tensor is made whatever the
  /// optimizer would have fused; it differs from that of an unoptimized run by rounding only: by at most 1e-5 of its largest
  /// magnitude for float32. Throws as `run(_:)`, and `usage` for what stands for no tensor of the graph.
  public func run(_ inputs: [String: Tensor], fetching names: [String]) throws(OnyxError) -> [String: Tensor] {
    try run(inputs, fetching: names, control: control())
  }

  /// The limits of a run that begins now; its `cancel()` ends that run before the next step.
  package func control() -> RunControl {
    RunControl(deadline: options.deadline.map { ContinuousClock.now + $0 }, memoryBudget: memoryBudget)
  }

  func run(_ inputs: [String: Tensor], fetching names: [String], control: RunControl) throws(OnyxError) -> [String: Tensor] {
    let cache = try planCache(fetching: names)
    let bound = try binding.bind(inputs)
    let results = try cache.plan(for: bound).withExecution { (execution) throws(OnyxError) in
      try executor.run(execution, inputs: bound, control: control)
    }
    var named: [String: Tensor] = Dictionary(minimumCapacity: results.count)
    for (name, result) in zip(cache.outputNames, results) where named[name] == nil { named[name] = result }
    return named
  }

  /// The plan for these inputs: for `explain`, `bench` and `profile`.
  package func plan(for inputs: [String: Tensor]) throws(OnyxError) -> ExecutionPool {
    try planCache(fetching: []).plan(for: try binding.bind(inputs))
  }

  /// Bytes that the activations of one run may take.
  private var memoryBudget: Int { options.memoryBudget ?? Buffer.largestByteCount }

  /// An optimized program with its plans, and how often each rewrite was applied to make it.
  private struct Prepared {
    /// The plans by input types.
    let plans: PlanCache
    /// Applications by the name of the rewrite.
    let rewrites: [String: Int]
  }

  /// How often each rewrite was applied to the graph.
  package var appliedRewrites: [String: Int] { programs.withLock { $0[[]]?.rewrites ?? [:] } }

  /// The program whose outputs are the model's and `names`, with its plans.
  func planCache(fetching list: [String]) throws(OnyxError) -> PlanCache {
    if list.isEmpty, let plans = usualPlans.withLock({ $0 }) { return plans }
    let names = Set(list)
    if let found = programs.withLock({ $0[names] }) { return found.plans }
    let prepared = try prepare(fetching: names)
    return programs.withLock { programs in
      if let earlier = programs[names] { return earlier.plans }
      // The set without fetches stays; others are made again when many different sets are asked for.
      if programs.count >= Self.programLimit, let key = programs.keys.first(where: { !$0.isEmpty }) { programs[key] = nil }
      programs[names] = prepared
      return prepared.plans
    }
  }

  /// Programs that are kept.
  private static let programLimit = 4

  /// Optimizes the graph with these tensors as further outputs.
  private func prepare(fetching names: Set<String>) throws(OnyxError) -> Prepared {
    var graph = model.graph
    let ids = Dictionary(graph.values.indices.map { (graph.values[$0].name, ValueID($0)) }, uniquingKeysWith: { first, _ in first })
    let outputs = Set(graph.outputs)
    for name in try tensorNames(matching: names.sorted()) {
      guard let id = ids[name] else { throw .bug("The tensor '\(name)' is gone.") }
      if !outputs.contains(id) { graph.outputs.append(id) }
    }
    let optimized = try Optimizer.optimize(graph, options: options.optimizerOptions)
    let program = try Program(
      optimized.graph, table: KernelTable(disabled: options.disabledKernels), isa: try ISA(options.instructionSet),
      precision: Precision(options.precision), pool: executor.pool)
    return Prepared(plans: PlanCache(program, memoryBudget: memoryBudget), rewrites: optimized.report.counts)
  }
}
