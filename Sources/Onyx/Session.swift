import OnyxGraph
import OnyxInsight
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
  private let programs = Mutex(Programs())
  private let notes = Mutex<[String: String]>([:])

  /// Loads the model file at `path`; external data is looked for beside it.
  ///
  /// Throws `missingFile`, `invalidModel` for a file that is no valid ONNX model, and `unsupported` with every operator
  /// that Onyx lacks.
  public convenience init(path: String, options: SessionOptions = .init()) throws(OnyxError) {
    try self.init(try Model(path: path, limits: options), options: options)
  }

  /// Loads a serialized model. Its external data is looked for in `baseDirectory`; without one such a model is refused.
  public convenience init(bytes: [UInt8], baseDirectory: String? = nil, options: SessionOptions = .init()) throws(OnyxError) {
    try self.init(try Model(bytes: bytes, baseDirectory: baseDirectory, limits: options), options: options)
  }

  /// Prepares a loaded model to be run; sessions of one model share its weights as the file has them.
  ///
  /// Throws `unsupported` with every operator that Onyx lacks, `invalidModel` for a node that breaks its operator's rules, and
  /// `usage` for options that cannot be used.
  public convenience init(_ model: Model, options: SessionOptions = .init()) throws(OnyxError) {
    try self.init(model, options: options, fetching: [])
  }

  /// As `init(_:options:)`, and prepares what runs that fetch `names` need instead of those that fetch nothing.
  ///
  /// Throws `usage` also for a name that stands for no tensor of the graph.
  package init(_ model: Model, options: SessionOptions = .init(), fetching names: [String]) throws(OnyxError) {
    let model = model.source
    try OperatorSupport.check(model)
    if let threads = options.threads, threads < 1 || threads > 1024 {
      throw .usage("\(threads) threads were asked for.", remedy: "Use 1 to 1024 threads.")
    }
    try options.check(model.graph)
    try Self.check(options.disabledKernels, among: KernelTable.rows.map(\.name), what: "kernels")
    try Self.check(options.disabledRewrites, among: Phase.all.flatMap(\.rewrites).map(\.name), what: "rewrites")
    self.model = model
    self.options = options
    binding = InputBinding(graph: model.graph)
    executor = Executor(
      pool: ThreadPool(threads: options.threads ?? ThreadPool.defaultThreadCount, flushesDenormals: options.flushesDenormals))
    _ = try planCache(fetching: names)
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
  /// Throws `usage` when the inputs are not what the model asks for or an output is no tensor, `budgetExceeded` past a budget or
  /// deadline, and what a node throws, with its name, operator and input types.
  public func run(_ inputs: [String: Tensor]) throws(OnyxError) -> [String: Tensor] {
    try run(inputs, fetching: [], control: control())
  }

  /// Runs the graph and returns its outputs and, by their names, any other tensors of the graph.
  ///
  /// A name can be a pattern with `*` and `?`, or "all", as `tensorNames(matching:)` says. A fetched tensor is made whatever the
  /// optimizer would have fused; it differs from that of an unoptimized run by rounding only: by at most 1e-5 of its largest
  /// magnitude for float32. What is no tensor and stands behind a pattern or "all" is left out; the other form of `run` gives it.
  /// Throws as `run(_:)`, and `usage` for what stands for no tensor of the graph and for a name of something else than a tensor.
  public func run(_ inputs: [String: Tensor], fetching names: [String]) throws(OnyxError) -> [String: Tensor] {
    try run(inputs, fetching: names, control: control())
  }

  /// As `run(_:fetching:)`, for models that take or give sequences, optionals or maps.
  ///
  /// An input that is an optional and is not given holds nothing. Throws as `run(_:fetching:)`.
  public func run(_ inputs: [String: Value], fetching names: [String] = []) throws(OnyxError) -> [String: Value] {
    try run(inputs, fetching: names, control: control())
  }

  /// The outputs in the model's order, of inputs in the model's order; nil for one that is left out. Throws as `run(_:fetching:)`.
  package func run(inOrder inputs: [Value?], control: RunControl) throws(OnyxError) -> [Value] {
    let bound = try binding.bind(inOrder: inputs)
    let hasConflict = note(bound.conflict)
    let cache = try control.planning { () throws(OnyxError) in try planCache(fetching: [], hasDistinctDimensions: hasConflict) }
    return try run(cache, bound.values, control)
  }

  /// The same of a model that takes and gives tensors only, as `isOfTensors` says. The results are the caller's, who may write to them.
  package func run(inOrder inputs: [Tensor?], control: RunControl) throws(OnyxError) -> [Tensor] {
    let bound = try binding.bind(inOrder: inputs)
    let hasConflict = note(bound.conflict)
    let plan = try control.planning { () throws(OnyxError) in
      try planCache(fetching: [], hasDistinctDimensions: hasConflict).plan(for: bound.values)
    }
    return try plan.withExecution { (execution) throws(OnyxError) in
      try executor.runForOwner(execution, inputs: bound.values, control: control)
    }
  }

  /// Gives the session threads in a process that was forked from the one that opened it, where runs take the caller's alone.
  ///
  /// Called when no run of it goes on, in a process that was forked when none went on.
  package func restartThreads() { executor.pool.restart() }

  /// Whether the model takes and gives tensors only.
  package var isOfTensors: Bool { binding.isOfTensors }

  /// As `run(_:fetching:)` of any values, within `control`.
  package func run(_ inputs: [String: Value], fetching names: [String], control: RunControl) throws(OnyxError) -> [String: Value] {
    let bound = try binding.bind(inputs)
    let hasConflict = note(bound.conflict)
    let cache = try control.planning { () throws(OnyxError) in try planCache(fetching: names, hasDistinctDimensions: hasConflict) }
    return named(try run(cache, bound.values, control), cache)
  }

  /// The limits of a run that begins now; its `cancel()` ends that run soon.
  package func control(_ tally: RunTally? = nil) -> RunControl {
    RunControl(
      deadline: options.deadline.map { ContinuousClock.now + $0 }, memoryBudget: memoryBudget, tensorLimit: tensorLimit,
      iterationLimit: options.iterationLimit, seed: options.seed, tally: tally)
  }

  func run(_ inputs: [String: Tensor], fetching names: [String], control: RunControl) throws(OnyxError) -> [String: Tensor] {
    if names.isEmpty, binding.isOfTensors {
      let bound = try binding.bind(inputs)
      let hasConflict = note(bound.conflict)
      let (cache, plan) = try control.planning { () throws(OnyxError) in
        let cache = try planCache(fetching: [], hasDistinctDimensions: hasConflict)
        return (cache, try cache.plan(for: bound.values))
      }
      let results = try plan.withExecution { (execution) throws(OnyxError) in
        try executor.run(execution, inputs: bound.values, control: control)
      }
      return named(results, cache)
    }
    let bound = try binding.bind(inputs.mapValues { Value.tensor($0) })
    let hasConflict = note(bound.conflict)
    let cache = try control.planning { () throws(OnyxError) in try planCache(fetching: names, hasDistinctDimensions: hasConflict) }
    let results = try run(cache, bound.values, control)
    var tensors: [String: Tensor] = Dictionary(minimumCapacity: results.count)
    for (name, value) in zip(cache.outputNames, results) where tensors[name] == nil {
      if case .tensor(let tensor) = value {
        tensors[name] = tensor
      } else if names.contains(name) || model.graph.outputs.contains(where: { model.graph[$0].name == name }) {
        throw .usage("The output '\(name)' is \(value), no tensor.", remedy: "Run the model with inputs of type [String: Value].")
      }
    }
    return tensors
  }

  private func run(_ cache: PlanCache, _ bound: [Value?], _ control: RunControl) throws(OnyxError) -> [Value] {
    try control.planning { () throws(OnyxError) in try cache.plan(for: bound) }.withExecution { (execution) throws(OnyxError) in
      try executor.run(execution, values: bound, control: control)
    }
  }

  /// The results by the names of the outputs.
  private func named<T>(_ results: [T], _ cache: PlanCache) -> [String: T] {
    var named: [String: T] = Dictionary(minimumCapacity: results.count)
    for (name, result) in zip(cache.outputNames, results) where named[name] == nil { named[name] = result }
    return named
  }

  /// The plan for these inputs: for `explain`, `bench` and `profile`.
  package func plan(for inputs: [String: Tensor]) throws(OnyxError) -> ExecutionPool {
    let bound = try binding.bind(inputs.mapValues { Value.tensor($0) })
    return try planCache(fetching: [], hasDistinctDimensions: note(bound.conflict)).plan(for: bound.values)
  }

  /// Whether there is a conflict, which becomes a warning.
  func note(_ conflict: InputBinding.Conflict?) -> Bool {
    guard let conflict else { return false }
    notes.withLock { notes in if notes[conflict.dimension] == nil { notes[conflict.dimension] = conflict.warning } }
    return true
  }

  /// What was odd and did not keep the runs so far from being run: a named dimension that had two sizes, where such a run takes every
  /// named dimension for an unknown of its own, and a weight cache that cannot be written.
  public var warnings: [String] { notes.withLock { notes in notes.sorted { $0.key < $1.key }.map(\.value) } }

  func warn(_ text: String, about key: String) { notes.withLock { $0[key] = text } }

  /// Bytes that the activations of one run may take.
  var memoryBudget: Int { options.memoryBudget ?? Buffer.largestByteCount }

  /// Bytes that one tensor of a run may take.
  var tensorLimit: Int { min(options.tensorLimit ?? .max, memoryBudget) }

  /// How often each rewrite was applied to the graph that runs without fetches.
  package func appliedRewrites() throws(OnyxError) -> [String: Int] { try planCache(fetching: []).program.rewrites }

  /// The programs of the session with their plans. Each was optimized with other tensors as outputs beside the model's.
  private struct Programs {
    /// What a program was made for.
    struct Purpose: Hashable {
      /// The fetched tensors, sorted by name.
      let names: [String]
      /// Whether every named dimension is an unknown of its own.
      let hasDistinctDimensions: Bool
    }

    /// Without fetches, and with the names of dimensions as the file has them.
    var usual: PlanCache?
    /// The others.
    var others: [Purpose: PlanCache] = [:]
    /// The fetched tensors, sorted by name, that callers' names and patterns stand for.
    var expansions: [[String]: [String]] = [:]
    /// Other programs, and expansions, that are kept.
    static let limit = 4
  }

  /// The program whose outputs are the model's and those that `patterns` stand for, with its plans.
  /// With `hasDistinctDimensions` nothing follows from two dimensions that have the same name.
  func planCache(fetching patterns: [String], hasDistinctDimensions: Bool = false) throws(OnyxError) -> PlanCache {
    let purpose = Programs.Purpose(names: try patterns.isEmpty ? [] : expand(patterns), hasDistinctDimensions: hasDistinctDimensions)
    let isUsual = purpose.names.isEmpty && !hasDistinctDimensions
    if let found = programs.withLock({ isUsual ? $0.usual : $0.others[purpose] }) { return found }
    let made = PlanCache(try program(for: purpose), memoryBudget: memoryBudget)
    return programs.withLock { programs in
      if let earlier = isUsual ? programs.usual : programs.others[purpose] { return earlier }
      if isUsual {
        programs.usual = made
      } else {
        if programs.others.count >= Programs.limit, let key = programs.others.keys.first { programs.others[key] = nil }
        programs.others[purpose] = made
      }
      return made
    }
  }

  private func expand(_ patterns: [String]) throws(OnyxError) -> [String] {
    if let known = programs.withLock({ $0.expansions[patterns] }) { return known }
    let outputs = Set(model.graph.outputs.map { model.graph[$0].name })
    let names = try tensorNames(matching: patterns).filter { !outputs.contains($0) }.sorted()
    programs.withLock { programs in
      if programs.expansions.count >= Programs.limit { programs.expansions = [:] }
      programs.expansions[patterns] = names
    }
    return names
  }

  /// Optimizes the graph with the fetched tensors, none of them an output, as further outputs.
  private func program(for purpose: Programs.Purpose) throws(OnyxError) -> Program {
    try FileMapping.checking(model.files, asksSizes: true) { () throws(OnyxError) in try makeProgram(for: purpose) }
  }

  private func makeProgram(for purpose: Programs.Purpose) throws(OnyxError) -> Program {
    var graph = purpose.hasDistinctDimensions ? model.graph.withDistinctDimensions() : model.graph
    let names = purpose.names
    if !names.isEmpty {
      let ids = Dictionary(graph.values.indices.map { (graph.values[$0].name, ValueID($0)) }, uniquingKeysWith: { first, _ in first })
      for name in names {
        guard let id = ids[name] else { throw .bug("The tensor '\(name)' is gone.") }
        graph.outputs.append(id)
      }
    }
    let precision = Precision(options.precision)
    let file = packedFile()
    let needsRoom = executor.pool.threadCount > 1 && file?.isEmpty != false
    let room = needsRoom ? WeightRoom(forFiltersOf: graph, precision: precision) : nil
    let optimized = try Optimizer.optimize(graph, options: options.optimizerOptions)
    let program = try Program(
      optimized.graph, table: KernelTable(disabled: options.switchedOffKernels), isa: try ISA(options.instructionSet),
      precision: precision, pool: executor.pool, memoryBudget: memoryBudget, tensorLimit: tensorLimit, rewrites: optimized.report.counts,
      room: room, file: file, files: model.files)
    // A run that fetches other tensors can be over by now; what it was told to leave out must not be kept.
    try WorkLimits.check()
    return program
  }
}
